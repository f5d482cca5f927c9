/// An array read from an idx file.
public struct IdxArray: Sendable {
    /// Sizes of the dimensions, outermost first.
    public let shape: [Int]
    /// Row-major. Unsigned bytes stay bytes, every other element type becomes float32.
    public let values: SampleStore.Values

    /// Number of elements.
    public var count: Int { values.count }
}

/// The idx format of the MNIST files (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"): two zero
/// bytes, an element type, the number of dimensions, each dimension as a big-endian 32-bit number, then the elements.
public enum IdxFile {
    /// Reads an idx file, plain or compressed by gzip.
    ///
    /// - Throws: `DatasetError` where the file is missing, damaged, truncated, longer than its header says, or no idx file.
    public static func read(path: String) throws -> IdxArray {
        let head = try FileSource(path: path).readBytes(2)
        return try decode(FileSource(path: path), isGzip: isGzip(head: head, path: path))
    }

    /// Reads the bytes of an idx file, plain or compressed by gzip; `path` is for messages, and a name that ends in ".gz"
    /// means that the bytes must be gzip.
    public static func decode(_ bytes: [UInt8], path: String) throws -> IdxArray {
        let isGzip = try isGzip(head: Array(bytes.prefix(2)), path: path)
        return try decode(MemorySource(bytes, path: path), isGzip: isGzip)
    }

    /// The bytes themselves, or what they hold compressed by gzip.
    static func contents(_ bytes: [UInt8], path: String) throws -> [UInt8] {
        guard try isGzip(head: Array(bytes.prefix(2)), path: path) else { return bytes }
        let source = try GzipSource(MemorySource(bytes, path: path))
        var contents: [UInt8] = []
        while true {
            let chunk = try source.readBytes(1 << 20)
            if chunk.isEmpty { return contents }
            contents += chunk
        }
    }

    private static func isGzip(head: [UInt8], path: String) throws -> Bool {
        if head == GzipSource.magic { return true }
        if path.hasSuffix(".gz") {
            throw DatasetError(
                head.isEmpty ? "the file is empty" : "the name ends in .gz, but this is not gzip data", path: path,
                hint: "give a plain idx file a name without .gz, or copy or install the file again")
        }
        return false
    }

    private static func decode(_ file: any ByteSource, isGzip: Bool) throws -> IdxArray {
        let source: any ByteSource = isGzip ? try GzipSource(file) : file
        let (type, shape) = try readHeader(source)
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw tooLarge(shape, source) }
            count = product
        }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.size)
        // Settled before anything is allocated.
        guard !overflow, byteCount <= source.remainingAtMost else { throw tooLarge(shape, source) }
        let bytes = try source.readBytes(byteCount)
        guard bytes.count == byteCount else {
            throw DatasetError(
                "the header promises \(byteCount) bytes of shape \(shape), but only \(bytes.count) follow: the file is "
                    + "truncated", path: source.path, hint: "copy or install the file again")
        }
        guard try source.readBytes(1).isEmpty else {
            throw DatasetError(
                "bytes follow the \(byteCount) that the header's shape \(shape) promises", path: source.path)
        }
        return IdxArray(shape: shape, values: type.values(of: bytes))
    }

    private static func tooLarge(_ shape: [Int], _ source: any ByteSource) -> DatasetError {
        DatasetError(
            "the header promises an array of shape \(shape), more than this file can hold", path: source.path,
            hint: "the file is truncated or damaged: copy or install it again")
    }

    private static func readHeader(_ source: any ByteSource) throws -> (IdxElementType, [Int]) {
        let magic = try source.readBytes(4)
        guard magic.count == 4 else {
            throw DatasetError(
                "the file ends within the idx header", path: source.path,
                hint: "the file is truncated or damaged: copy or install it again")
        }
        guard magic[0] == 0, magic[1] == 0, let type = IdxElementType(rawValue: magic[2]) else {
            let found = magic.map { String($0, radix: 16) }.joined(separator: " ")
            throw DatasetError(
                "this is no idx file: it begins with the bytes \(found) instead of 0 0, an element type (8, 9, b, c, d or e) "
                    + "and a number of dimensions", path: source.path)
        }
        let rank = Int(magic[3])
        guard rank >= 1 else { throw DatasetError("the idx header has no dimensions", path: source.path) }
        let sizes = try source.readBytes(4 * rank)
        guard sizes.count == 4 * rank else {
            throw DatasetError(
                "the file ends within the idx header", path: source.path,
                hint: "the file is truncated or damaged: copy or install it again")
        }
        let shape = (0..<rank).map { dimension in
            sizes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        return (type, shape)
    }
}

/// The element types of idx by their codes; numbers of several bytes are big-endian.
private enum IdxElementType: UInt8 {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    var size: Int {
        switch self {
        case .unsignedByte, .signedByte: 1
        case .int16: 2
        case .int32, .float32: 4
        case .float64: 8
        }
    }

    func values(of bytes: [UInt8]) -> SampleStore.Values {
        func number(_ index: Int) -> UInt64 {
            bytes[index * size..<(index + 1) * size].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let count = bytes.count / size
        switch self {
        case .unsignedByte:
            return .bytes(bytes)
        case .signedByte:
            return .floats(bytes.map { Float(Int8(bitPattern: $0)) })
        case .int16:
            return .floats((0..<count).map { Float(Int16(truncatingIfNeeded: number($0))) })
        case .int32:
            return .floats((0..<count).map { Float(Int32(truncatingIfNeeded: number($0))) })
        case .float32:
            return .floats((0..<count).map { Float(bitPattern: UInt32(number($0))) })
        case .float64:
            return .floats((0..<count).map { Float(Double(bitPattern: number($0))) })
        }
    }
}
