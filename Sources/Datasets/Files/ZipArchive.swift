import CZlib
import Files

/// A ZIP archive (PKWARE's APPNOTE.TXT, 6.3), as `numpy.savez` and `savez_compressed` write it: entries that are stored or
/// deflated, also with the sizes of ZIP64.
public struct ZipArchive: Sendable {
    /// One file in the archive.
    public struct Entry: Sendable {
        public let name: String
        /// Number of bytes of its contents.
        public let size: Int
        let compressedSize: Int
        let method: Int
        let checksum: Int
        let start: Int
    }

    /// In the order of the archive.
    public let entries: [Entry]
    private let bytes: [UInt8]
    private let path: String

    /// Reads an archive.
    ///
    /// - Throws: `FileError` where it cannot be read, `DatasetError` where it is none or damaged.
    public init(reading path: String) throws { try self.init(readFile(path), path: path) }

    /// An archive's bytes; `path` is for messages.
    public init(_ bytes: [UInt8], path: String) throws {
        self.bytes = bytes
        self.path = path
        let fields = LittleEndianBytes(bytes: bytes, path: path)
        guard bytes.starts(with: Signature.local) || bytes.starts(with: Signature.end) else {
            throw DatasetError("this is no ZIP archive, which an npz file is", path: path)
        }
        // The end record stands before a comment of at most 65 535 bytes.
        let first = max(bytes.count - 22 - 65_535, 0)
        guard
            let end = stride(from: bytes.count - 22, through: first, by: -1).first(where: {
                bytes[$0...].starts(with: Signature.end)
            })
        else {
            throw DatasetError(
                "the archive has no end: it is truncated", path: path, hint: "copy the file again")
        }
        var count = try fields.number(end + 10, 2)
        var start = try fields.number(end + 16, 4)
        if count == 0xFFFF || start == 0xFFFF_FFFF {
            let end64 = try fields.number(end - 20 + 8, 8)
            guard bytes[min(end64, bytes.count)...].starts(with: Signature.end64) else { throw fields.damaged }
            count = try fields.number(end64 + 32, 8)
            start = try fields.number(end64 + 48, 8)
        }
        var entries: [Entry] = []
        for _ in 0..<count {
            let (entry, next) = try fields.entry(at: start)
            entries.append(entry)
            start = next
        }
        self.entries = entries
    }

    /// What an entry holds.
    ///
    /// - Parameter limit: Reads no more than about so many bytes from its beginning.
    /// - Throws: `DatasetError` where the entry is damaged, encrypted or compressed in a way other than deflate.
    public func contents(of entry: Entry, limit: Int = .max) throws -> [UInt8] {
        let fields = LittleEndianBytes(bytes: bytes, path: path)
        guard try fields.number(entry.start, 4) == 0x0403_4B50 else { throw fields.damaged }
        let start = try entry.start + 30 + fields.number(entry.start + 26, 2) + fields.number(entry.start + 28, 2)
        guard start <= bytes.count, entry.compressedSize <= bytes.count - start else { throw fields.damaged }
        let packed = bytes[start..<start + entry.compressedSize]
        let result: [UInt8]
        switch entry.method {
        case 0: result = Array(packed.prefix(limit))
        case 8: result = try inflated(packed, size: min(entry.size, limit))
        default:
            throw DatasetError(
                "'\(entry.name)' is compressed by method \(entry.method); only deflate can be read", path: path)
        }
        guard limit < entry.size || result.count == entry.size else { throw fields.damaged }
        if result.count == entry.size {
            let sum = result.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
            guard Int(sum) == entry.checksum else {
                throw DatasetError(
                    "the checksum of '\(entry.name)' is wrong: the archive is damaged", path: path,
                    hint: "copy the file again")
            }
        }
        return result
    }

    /// Decompresses until there are `size` bytes. Memory grows with what really comes.
    private func inflated(_ packed: ArraySlice<UInt8>, size: Int) throws -> [UInt8] {
        // On the heap because zlib keeps its address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // Without any header, as ZIP has it.
        let started = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw DatasetError("zlib cannot start (status \(started))", path: path) }
        defer { inflateEnd(stream) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var position = packed.startIndex
        var status = Z_OK
        while result.count < size, status != Z_STREAM_END {
            let input = min(packed.endIndex - position, 1 << 30)
            status = packed.withUnsafeBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    // zlib reads the input only, although its pointer is to mutable bytes.
                    stream.pointee.next_in = UnsafeMutablePointer(
                        mutating: source.baseAddress.map { $0 + (position - packed.startIndex) })
                    stream.pointee.avail_in = UInt32(input)
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = UInt32(target.count)
                    return inflate(stream, Z_NO_FLUSH)
                }
            }
            position += input - Int(stream.pointee.avail_in)
            let got = chunk.count - Int(stream.pointee.avail_out)
            guard status == Z_OK || status == Z_STREAM_END, got > 0 || status == Z_STREAM_END else {
                throw DatasetError(
                    "the compressed data is damaged or truncated", path: path, hint: "copy the file again")
            }
            result += chunk.prefix(min(got, size - result.count))
        }
        return result
    }

    fileprivate enum Signature {
        static let local: [UInt8] = [0x50, 0x4B, 3, 4]
        static let end: [UInt8] = [0x50, 0x4B, 5, 6]
        static let end64: [UInt8] = [0x50, 0x4B, 6, 6]
    }
}

/// Numbers in an archive's bytes.
private struct LittleEndianBytes {
    let bytes: [UInt8]
    let path: String

    var damaged: DatasetError {
        DatasetError("the archive is damaged or truncated", path: path, hint: "copy the file again")
    }

    /// A number of `size` bytes.
    func number(_ position: Int, _ size: Int) throws -> Int {
        guard position >= 0, position <= bytes.count - size else { throw damaged }
        let number = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
        // Positions are added to one another: half of the range is room enough.
        guard number <= UInt64(Int.max / 4) else { throw damaged }
        return Int(number)
    }

    /// The entry of the central directory at a position, and where the next one stands.
    func entry(at start: Int) throws -> (ZipArchive.Entry, next: Int) {
        guard try number(start, 4) == 0x0201_4B50 else { throw damaged }
        let nameEnd = try start + 46 + number(start + 28, 2)
        let extraEnd = try nameEnd + number(start + 30, 2)
        let next = try extraEnd + number(start + 32, 2)
        guard next <= bytes.count else { throw damaged }
        let name = String(decoding: bytes[start + 46..<nameEnd], as: UTF8.self)
        guard try number(start + 8, 2) & 1 == 0 else {
            throw DatasetError("'\(name)' is encrypted", path: path)
        }
        var sizes = try [number(start + 24, 4), number(start + 20, 4), number(start + 42, 4)]
        // Those that do not fit into 32 bits follow in an extra field, in this order.
        var field = nameEnd
        while field + 4 <= extraEnd, sizes.contains(0xFFFF_FFFF) {
            if try number(field, 2) == 1 {
                var place = field + 4
                for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
                    sizes[index] = try number(place, 8)
                    place += 8
                }
                break
            }
            field += try 4 + number(field + 2, 2)
        }
        return (
            ZipArchive.Entry(
                name: name, size: sizes[0], compressedSize: sizes[1], method: try number(start + 10, 2),
                checksum: try number(start + 16, 4), start: sizes[2]), next
        )
    }
}
