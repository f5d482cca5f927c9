/// Named tensors in the safetensors format: eight bytes with the header's length, a JSON header, the elements.
///
/// Source: https://huggingface.co/docs/safetensors, section Format. Elements are little-endian, as in memory on every
/// machine that is supported.
public struct Safetensors {
    /// In the order of their elements in the file.
    public var tensors: [(name: String, tensor: Tensor)]
    /// Free text that travels with the tensors.
    public var metadata: [String: String]

    public init(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    private static let metadataKey = "__metadata__"
    /// As the reference implementation has it.
    private static let largestHeader = 100_000_000

    private static func code(_ type: ElementType) -> String {
        switch type {
        case .float32: "F32"
        case .float64: "F64"
        }
    }

    // MARK: Reading

    /// Reads a whole file.
    ///
    /// - Throws: `TensorError` where the bytes are no safetensors file: a truncated or oversized header, JSON that is
    ///   none, shapes that do not fit the elements, elements that overlap or leave holes, bytes that belong to nothing,
    ///   other types than F32 and F64. `AllocationError` where memory is refused.
    public init(parsing bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count >= 8 else {
            throw TensorError(
                "a safetensors file has 8 bytes or more, not \(bytes.count)", hint: "the file is truncated")
        }
        let announced = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard announced <= UInt64(Self.largestHeader) else {
            throw TensorError("a header of \(announced) bytes is no safetensors header")
        }
        let headerLength = Int(announced)
        guard headerLength <= bytes.count - 8 else {
            throw TensorError(
                "the header has \(headerLength) bytes, but only \(bytes.count - 8) follow",
                hint: "the file is truncated")
        }
        let header = bytes[8..<8 + headerLength]
        guard header.first == UInt8(ascii: "{") else { throw TensorError("the header does not begin with '{'") }
        guard case .object(let members) = try HeaderJSON(parsing: header) else {
            throw TensorError("the header is no JSON object")
        }
        metadata = [:]
        var entries: [Entry] = []
        for (name, value) in members {
            if name == Self.metadataKey {
                metadata = try Self.metadata(value)
            } else {
                entries.append(try Entry(name, value))
            }
        }
        entries.sort { ($0.lower, $0.upper) < ($1.lower, $1.upper) }
        let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + headerLength)...])
        var end = 0
        for entry in entries {
            guard entry.lower == end else {
                throw TensorError(
                    "the elements of '\(entry.name)' begin at byte \(entry.lower), where \(end) is next",
                    hint: entry.lower < end ? "two tensors overlap" : "there is a hole between two tensors")
            }
            end = entry.upper
        }
        guard end == data.count else {
            throw TensorError(
                "the tensors take \(end) bytes, but \(data.count) are there",
                hint: end > data.count ? "the file is truncated" : "something follows the last tensor")
        }
        tensors = []
        for entry in entries {
            let tensor = try Tensor(uninitialized: entry.type)
            if entry.upper > entry.lower {
                UnsafeMutableRawBufferPointer(start: tensor.pointer, count: tensor.byteCount)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: data[entry.lower..<entry.upper]))
            }
            tensors.append((entry.name, tensor))
        }
    }

    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { try Safetensors(parsing: $0) }
    }

    private static func metadata(_ value: HeaderJSON) throws -> [String: String] {
        guard case .object(let members) = value else { throw TensorError("'\(metadataKey)' is no JSON object") }
        var result: [String: String] = [:]
        for (key, value) in members {
            guard case .string(let text) = value else { throw TensorError("'\(key)' in '\(metadataKey)' is no string") }
            result[key] = text
        }
        return result
    }

    /// What the header says of one tensor.
    private struct Entry {
        var name: String
        var type: TensorType
        var lower: Int
        var upper: Int

        init(_ name: String, _ value: HeaderJSON) throws {
            self.name = name
            guard case .object(let members) = value else { throw TensorError("'\(name)' is no JSON object") }
            let fields = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
            guard fields.count == 3, case .string(let code)? = fields["dtype"],
                case .array(let extents)? = fields["shape"],
                case .array(let offsets)? = fields["data_offsets"], offsets.count == 2,
                case .integer(let lower) = offsets[0], case .integer(let upper) = offsets[1]
            else { throw TensorError("'\(name)' needs dtype, shape and data_offsets, and nothing else") }
            guard let elementType = ElementType.allCases.first(where: { Safetensors.code($0) == code }) else {
                throw TensorError("'\(name)' has elements of type \(code)", hint: "F32 and F64 can be read")
            }
            let dimensions = try extents.map { extent in
                guard case .integer(let number) = extent else { throw TensorError("the shape of '\(name)' is none") }
                return number
            }
            type = TensorType(elementType, Shape(dimensions))
            guard lower <= upper, type.byteCount == upper - lower else {
                throw TensorError(
                    "'\(name)' of shape \(type.shape) takes \(type.byteCount) bytes, not those from \(lower) to \(upper)"
                )
            }
            self.lower = lower
            self.upper = upper
        }
    }

    // MARK: Writing

    /// The file's bytes. Tensors stand in the order of `tensors`, metadata in the order of its keys, so the same
    /// contents give the same bytes.
    ///
    /// - Throws: `TensorError` where two tensors have one name or one is called `__metadata__`.
    public func encoded() throws -> [UInt8] {
        var members: [String] = []
        var names: Set<String> = [Self.metadataKey]
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }
                .map { "\(HeaderJSON.quoted($0.key)):\(HeaderJSON.quoted($0.value))" }
            members.append("\(HeaderJSON.quoted(Self.metadataKey)):{\(texts.joined(separator: ","))}")
        }
        var end = 0
        for (name, tensor) in tensors {
            guard names.insert(name).inserted else { throw TensorError("a tensor cannot be called '\(name)' here") }
            let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
            let offsets = "[\(end),\(end + tensor.byteCount)]"
            members.append(
                "\(HeaderJSON.quoted(name)):{\"dtype\":\"\(Self.code(tensor.elementType))\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":\(offsets)}")
            end += tensor.byteCount
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        // The elements begin at a multiple of 8 bytes.
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + end)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes += $0 }
        bytes += header
        for (_, tensor) in tensors {
            withExtendedLifetime(tensor.storage) {
                bytes += UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.byteCount)
            }
        }
        return bytes
    }
}
