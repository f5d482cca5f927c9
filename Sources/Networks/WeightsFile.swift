import Files
import Graphs
import Tensors

extension Weights {
    /// The file's contents in the safetensors format: the same bytes for the same weights.
    public func safetensors() throws -> [UInt8] {
        try SafetensorsFile(tensors: entries.map { ($0.name, $0.tensor) }).encoded()
    }

    /// Writes a safetensors file, making the folders that it needs and replacing an old file atomically.
    ///
    /// - Throws: `FileError` where the file cannot be written; an old file is then still there.
    public func save(to path: String) throws {
        try writeAtomically(safetensors(), to: path)
    }

    /// What `loading(from:renaming:)` did with each weight.
    public struct LoadingReport: Sendable {
        /// Weights of the net whose numbers are the file's.
        public var taken: [String] = []
        /// Weights of the net of which the file has none, or one of another shape.
        public var mismatch: WeightMismatch

        /// A line for what was taken, and one for each that was not. Ends in a newline.
        public func text(file: String) -> String {
            let all = taken.count + mismatch.missing.count + mismatch.shapes.count
            var lines = ["took \(taken.count) of \(all) weights from \(file)"]
            lines += mismatch.shapes.map { "  \($0.name): \($0.expected) here, \($0.found) in the file" }
            if !mismatch.missing.isEmpty { lines.append("  not in the file: \(WeightMismatch.list(mismatch.missing))") }
            if !mismatch.unexpected.isEmpty {
                lines.append("  not in the net: \(WeightMismatch.list(mismatch.unexpected))")
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    /// These weights with those numbers of a safetensors file that fit by name and shape.
    ///
    /// - Parameter renaming: beginnings of names in the file, and what stands for them; the first that fits counts.
    /// - Throws: `OperationError` where the file is none, or nothing in it fits.
    public func loadingWhatFits(
        from path: String, renaming: [(from: String, to: String)] = []
    ) throws -> (Weights, LoadingReport) {
        let found = try Weights.reading(path, renaming: renaming)
        var report = LoadingReport(mismatch: WeightMismatch(expected: self, found: found))
        var result = self
        for entry in entries {
            guard let tensor = found[entry.name], tensor.shape == entry.tensor.shape else { continue }
            try result.set(entry.name, to: tensor)
            report.taken.append(entry.name)
        }
        guard !report.taken.isEmpty else { throw report.mismatch.error(file: path) }
        return (result, report)
    }

    private static func reading(_ path: String, renaming: [(from: String, to: String)]) throws -> Weights {
        var found = Weights()
        for (name, tensor) in try SafetensorsFile(reading: path).tensors {
            let rule = renaming.first { name.hasPrefix($0.from) }
            let new = rule.map { $0.to + name.dropFirst($0.from.count) } ?? name
            guard found[new] == nil else {
                throw OperationError("'\(path)' has two weights for '\(new)'", hint: "map them to different names")
            }
            found.append(new, tensor)
        }
        return found
    }

    /// These weights with the numbers of a safetensors file.
    ///
    /// - Parameter renaming: beginnings of names in the file, and what stands for them; the first that fits counts.
    ///
    /// - Throws: `OperationError` where the file is none, or a weight is missing, unexpected or of another shape;
    ///   nothing is loaded then.
    public func loading(from path: String, renaming: [(from: String, to: String)] = []) throws -> Weights {
        let found = try Weights.reading(path, renaming: renaming)
        let mismatch = WeightMismatch(expected: self, found: found)
        guard mismatch.isEmpty else { throw mismatch.error(file: path) }
        var result = self
        for entry in found.entries { try result.set(entry.name, to: entry.tensor) }
        return result
    }
}
