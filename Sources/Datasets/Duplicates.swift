import Crypto
import Files

/// Samples that occur more than once, by their contents as they are in the source: before any normalisation, and whatever
/// their labels are.
public struct Duplicates: Sendable {
    /// Positions in the first and in the second dataset (or, of one dataset, in that one twice), ascending; of several equal
    /// samples the first stands for all in the first place.
    public let pairs: [(Int, Int)]

    /// Samples of `second` that are in `first` too.
    ///
    /// - Throws: `FileError` where an image file cannot be read any more.
    public init(across first: Dataset, _ second: Dataset) throws {
        let relevant = Self.candidates(first, second)
        let (all, others) = (try relevant.first(), try relevant.second())
        let wanted = Set(others.map(\.1))
        var places: [Contents: Int] = [:]
        for (position, contents) in all where wanted.contains(contents) && places[contents] == nil {
            places[contents] = position
        }
        pairs = others.compactMap { position, contents in places[contents].map { ($0, position) } }
    }

    /// Samples of a dataset that were there before.
    ///
    /// - Throws: `FileError` where an image file cannot be read any more.
    public init(within dataset: Dataset) throws {
        var places: [Contents: Int] = [:]
        pairs = try Self.candidates(dataset, dataset).first().compactMap { position, contents in
            if let first = places[contents] { return (first, position) }
            places[contents] = position
            return nil
        }
    }

    /// Equal for equal samples.
    private typealias Contents = SHA256Digest

    private typealias Digests = () throws -> [(Int, Contents)]

    /// The samples that need a look, with what is in them. Files of a size that occurs once have no equal.
    private static func candidates(_ first: Dataset, _ second: Dataset) -> (first: Digests, second: Digests) {
        guard case .images(let a) = first.store.values, case .images(let b) = second.store.values else {
            return ({ first.digests() }, { second.digests() })
        }
        var counts: [Int: Int] = [:]
        for size in a.sizes { counts[size, default: 0] += 1 }
        if a !== b { for size in b.sizes { counts[size, default: 0] += 1 } }
        func digests(_ dataset: Dataset, _ images: ImageCollection) -> Digests {
            {
                try (0..<dataset.size).compactMap { position in
                    let place = dataset.place(Int32(position))
                    guard counts[images.sizes[place], default: 0] > 1 else { return nil }
                    return (position, SHA256.hash(data: try readFile(images.paths[place])))
                }
            }
        }
        return (digests(first, a), digests(second, b))
    }
}

extension Dataset {
    /// SHA-256 of each sample's values in the store.
    fileprivate func digests() -> [(Int, SHA256Digest)] {
        let all = store.digests()
        return (0..<size).map { ($0, all[place(Int32($0))]) }
    }

    /// How many of these samples are in `training` too; quick from the second time on. Files are not read for it: 0 for them.
    ///
    /// - Returns: the number, and the first such sample.
    public func repeating(_ training: Dataset) -> (count: Int, first: Int?) {
        if case .images = store.values { return (0, nil) }
        guard let pairs = try? Duplicates(across: training, self).pairs else { return (0, nil) }
        return (pairs.count, pairs.first?.1)
    }
}

/// The digests of a store's samples, computed when they are first asked for.
final class SampleDigests: @unchecked Sendable {
    private let monitor = Monitor()
    private var digests: [SHA256Digest]?

    func callAsFunction(_ make: () -> [SHA256Digest]) -> [SHA256Digest] {
        monitor.locked {
            if let digests { return digests }
            let made = make()
            digests = made
            return made
        }
    }
}

extension SampleStore {
    fileprivate func digests() -> [SHA256Digest] {
        cachedDigests {
            switch values {
            case .bytes(let bytes): bytes.withUnsafeBytes { hashes(of: $0) }
            case .floats(let floats): floats.withUnsafeBytes { hashes(of: $0) }
            case .images: preconditionFailure("image files are compared by their files")
            }
        }
    }

    private func hashes(of bytes: UnsafeRawBufferPointer) -> [SHA256Digest] {
        let size = count == 0 ? 0 : bytes.count / count
        return (0..<count).map { sample in
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[sample * size..<(sample + 1) * size]))
            return hash.finalize()
        }
    }
}
