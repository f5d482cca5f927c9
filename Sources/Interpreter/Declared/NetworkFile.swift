import Crypto
import Language
import Networks
import Tensors
import Training

/// The file of a net's weights: safetensors, with the shape of a sample in its metadata.
enum NetworkFile {
    private static let inputKey = "nnx.input"

    static func bytes(_ weights: Weights, sampleShape: Shape) throws -> [UInt8] {
        let input = sampleShape.dimensions.map(String.init).joined(separator: ",")
        return try SafetensorsFile(
            tensors: weights.entries.map { ($0.name, $0.tensor) }, metadata: [inputKey: input]
        ).encoded()
    }

    /// The shape of a sample that the weights of a file are for; nil where the file does not say.
    static func sampleShape(of path: String) throws -> Shape? {
        guard let text = try SafetensorsFile(reading: path).metadata[inputKey] else { return nil }
        let extents = text.split(separator: ",").compactMap { Int($0) }
        guard extents.count == text.split(separator: ",").count, extents.allSatisfy({ $0 > 0 }) else { return nil }
        return Shape(extents)
    }
}

extension NetworkValue: SavableObject {
    var endings: [String] { ["safetensors"] }

    func bytes(ending: String, _ machine: Machine) throws -> [UInt8]? {
        guard ending == "safetensors" else { return nil }
        guard let weights, let sampleShape else {
            throw Diagnostic("\(name) has no weights to save yet", hint: "train it with fit first")
        }
        return try NetworkFile.bytes(weights, sampleShape: sampleShape)
    }
}

extension Weights {
    /// SHA-256 of all numbers in order, in hexadecimal digits.
    var fingerprint: String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
