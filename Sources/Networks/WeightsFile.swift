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

    /// These weights with the numbers of a safetensors file.
    ///
    /// - Throws: `OperationError` where the file is none, or a weight is missing, unexpected or of another shape;
    ///   nothing is loaded then.
    public func loading(from path: String) throws -> Weights {
        let file = try SafetensorsFile(reading: path)
        var found = Weights()
        for (name, tensor) in file.tensors { found.append(name, tensor) }
        let mismatch = WeightMismatch(expected: self, found: found)
        guard mismatch.isEmpty else { throw mismatch.error(file: path) }
        var result = self
        for entry in found.entries { try result.set(entry.name, to: entry.tensor) }
        return result
    }
}
