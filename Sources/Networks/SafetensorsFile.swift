import Graphs
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Named tensors and texts in the safetensors format (https://github.com/huggingface/safetensors): eight bytes with
/// the header's size, a JSON header, the elements.
public struct SafetensorsFile: Sendable {
    /// In the order of their bytes.
    public var tensors: [(name: String, tensor: Tensor)]
    /// The header's `__metadata__`.
    public var metadata: [String: String]

    public init(tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    public subscript(name: String) -> Tensor? { tensors.first { $0.name == name }?.tensor }

    private static let metadataKey = "__metadata__"
    /// The format's own bound, which keeps a damaged size from asking for all memory.
    private static let headerLimit = 100_000_000

    /// What the header says of a tensor.
    private struct Record: Codable {
        var dtype: String
        var shape: [Int]
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    /// A value of the header: a tensor, or the texts.
    private enum HeaderValue: Codable {
        case tensor(Record)
        case texts([String: String])

        init(from decoder: any Decoder) throws {
            if decoder.codingPath.last?.stringValue == SafetensorsFile.metadataKey {
                self = .texts(try decoder.singleValueContainer().decode([String: String].self))
            } else {
                self = .tensor(try Record(from: decoder))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .tensor(let record): try record.encode(to: encoder)
            case .texts(let texts): try texts.encode(to: encoder)
            }
        }
    }

    /// The file's bytes, the same for the same contents.
    ///
    /// - Throws: `OperationError` where two tensors share a name.
    public func encoded() throws -> [UInt8] {
        var header: [String: HeaderValue] = [:]
        if !metadata.isEmpty { header[SafetensorsFile.metadataKey] = .texts(metadata) }
        var offset = 0
        for (name, tensor) in tensors {
            guard header[name] == nil, name != SafetensorsFile.metadataKey else {
                throw OperationError("two tensors of one file are called '\(name)'")
            }
            header[name] = .tensor(
                Record(
                    dtype: tensor.elementType == .float32 ? "F32" : "F64", shape: tensor.shape.dimensions,
                    dataOffsets: [offset, offset + tensor.byteCount]))
            offset += tensor.byteCount
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var text = Array(try encoder.encode(header))
        // The format wants the elements to begin at a multiple of eight, filled up with spaces.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + text.count + offset)
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: text)
        for (_, tensor) in tensors { tensor.appendBytes(to: &bytes) }
        return bytes
    }

    /// Reads a file.
    ///
    /// - Throws: `OperationError` where it cannot be read or is damaged.
    public init(reading path: String) throws {
        try self.init(decoding: readFile(path), name: path)
    }

    /// Reads a file's bytes; `name` is for messages.
    ///
    /// - Throws: `OperationError` where they are damaged.
    public init(decoding bytes: [UInt8], name: String) throws {
        func damaged(_ reason: String) -> OperationError {
            OperationError(
                "'\(name)' is no whole safetensors file: \(reason)",
                hint: "save it again; a copy that was cut off has to be copied anew")
        }
        guard bytes.count >= 8 else { throw damaged("it has \(bytes.count) bytes, the header's size alone takes 8") }
        let headerCount = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard headerCount <= SafetensorsFile.headerLimit, Int(headerCount) <= bytes.count - 8 else {
            throw damaged("its header is said to have \(headerCount) bytes, \(bytes.count - 8) are there")
        }
        let start = 8 + Int(headerCount)
        let header: [String: HeaderValue]
        do {
            header = try JSONDecoder().decode([String: HeaderValue].self, from: Data(bytes[8..<start]))
        } catch {
            throw damaged("its header is not the JSON of that format")
        }
        var texts: [String: String] = [:]
        var records: [(name: String, record: Record)] = []
        for (name, value) in header {
            switch value {
            case .texts(let found): texts = found
            case .tensor(let record): records.append((name, record))
            }
        }
        // Order of bytes, which is the order in which the weights were declared.
        records.sort { ($0.record.dataOffsets.first ?? 0, $0.name) < ($1.record.dataOffsets.first ?? 0, $1.name) }
        let size = bytes.count - start
        var end = 0
        var tensors: [(name: String, tensor: Tensor)] = []
        for (name, record) in records {
            guard let elementType = ["F32": ElementType.float32, "F64": .float64][record.dtype] else {
                throw OperationError(
                    "'\(name)' has elements of the type \(record.dtype)", expected: "F32 or F64", found: record.dtype)
            }
            let type = TensorType(elementType, Shape(record.shape))
            guard record.shape.allSatisfy({ $0 >= 0 }), record.dataOffsets.count == 2,
                record.dataOffsets[0] == end, record.dataOffsets[1] >= end, record.dataOffsets[1] <= size,
                record.dataOffsets[1] - end == type.byteCount
            else {
                throw damaged(
                    "'\(name)' of the shape \(Shape(record.shape)) cannot be the bytes \(record.dataOffsets) of \(size)"
                )
            }
            let tensor = try Tensor(uninitialized: type)
            bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress, type.byteCount > 0 else { return }
                tensor.pointer.copyMemory(from: base + start + end, byteCount: type.byteCount)
            }
            tensors.append((name, tensor))
            end = record.dataOffsets[1]
        }
        guard end == size else { throw damaged("\(size - end) bytes at its end belong to no tensor") }
        self.init(tensors: tensors, metadata: texts)
    }
}
