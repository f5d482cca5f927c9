import Files
import Graphs
import Tensors

/// A safetensors file by its path: named tensors in the order of their bytes, and texts.
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

    /// The file's bytes, the same for the same contents.
    ///
    /// - Throws: `OperationError` where two tensors share a name.
    public func encoded() throws -> [UInt8] {
        do {
            return try Safetensors(tensors, metadata: metadata).encoded()
        } catch let error as TensorError {
            throw OperationError(error.message, hint: error.hint)
        }
    }

    /// Reads a file.
    ///
    /// - Throws: `FileError` where it cannot be read, `OperationError` where it is damaged.
    public init(reading path: String) throws {
        try self.init(decoding: readFile(path), name: path)
    }

    /// Reads a file's bytes; `name` is for messages.
    ///
    /// - Throws: `OperationError` where they are damaged.
    public init(decoding bytes: [UInt8], name: String) throws {
        do {
            let contents = try Safetensors(parsing: bytes)
            self.init(tensors: contents.tensors, metadata: contents.metadata)
        } catch let error as TensorError {
            throw OperationError(
                "'\(name)' is no whole safetensors file: \(error.message)",
                hint: error.hint ?? "save it again; a copy that was cut off has to be copied anew")
        }
    }
}
