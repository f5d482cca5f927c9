import Foundation
import Networks
import ProgramHarness
import Tensors
import Testing

/// Small nets of every family beside PyTorch's, from Tests/Reference/parity.json; Tests/Reference/parity does it for the
/// large ones.
@Suite("Nets beside PyTorch's")
struct ParityTests {
    struct Reference: Decodable, Sendable {
        /// In evaluation mode, of the first batch.
        let logits: [[Double]]
        /// For each weight: length of its change in one step of gradient descent, and its product with `fractions`.
        let steps: [String: [Double]]
    }

    static let references: [String: Reference] = {
        let file = Project.path("Tests/Reference/parity.json")
        guard let data = FileManager.default.contents(atPath: file) else { return [:] }
        return (try? JSONDecoder().decode([String: Reference].self, from: data)) ?? [:]
    }()

    /// Numbers in [0, 1) that follow from a name: SplitMix64 from the name's FNV-1a hash, the upper 24 bits. As in parity.py.
    static func fractions(_ name: String, _ count: Int) -> [Double] {
        let seed = Initializer.stream(for: name)
        return (1...max(count, 1)).prefix(count).map { index in
            var z = seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return Double((z ^ (z >> 31)) >> 40) / Double(1 << 24)
        }
    }

    /// The numbers of a weight by its name.
    static func made(_ name: String, _ shape: Shape) throws -> Tensor {
        let u = fractions(name, shape.count)
        let values: [Double]
        switch name.split(separator: ".").last {
        case "W":
            let limit = (6 / Double(shape.dimensions.dropLast().reduce(1, *))).squareRoot()
            values = u.map { (2 * $0 - 1) * limit }
        case "scale", "running_variance": values = u.map { 0.5 + $0 }
        default: values = u.map { 0.2 * $0 - 0.1 }
        }
        return try Tensor(values, shape: shape, elementType: .float32)
    }

    @Test("there are references of every family")
    func areThere() { #expect(Self.references.count == 7) }

    @Test("logits, and the step that follows, are PyTorch's", arguments: references.keys.sorted())
    func agrees(model: String) throws {
        let reference = try #require(Self.references[model])
        let program = try BuiltProgram()
        defer { program.remove() }
        func run(_ stage: String) throws {
            let outcome = try program.run(
                [
                    "run", Project.path("Tests/Reference/parity.nnx"), "--set", "model=\(model)", "--set",
                    "stage=\(stage)",
                ]
                    + ["--set", "folder=\(program.folder)"])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let files = "\(program.folder)/\(model)"
        try run("batch")
        var weights = try SafetensorsFile(reading: "\(files).weights.safetensors")
        #expect(Set(weights.tensors.map(\.name)) == Set(reference.steps.keys))
        for index in weights.tensors.indices {
            let (name, tensor) = weights.tensors[index]
            weights.tensors[index].tensor = try Self.made(name, tensor.shape)
        }
        try Data(weights.encoded()).write(to: URL(fileURLWithPath: "\(files).weights.safetensors"))
        try run("run")

        let found = try NumpyArray.parse(Array(#require(FileManager.default.contents(atPath: "\(files).logits.npy"))))
        let expected = reference.logits.flatMap { $0 }
        let apart = zip(found.doubles, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        #expect(found.count == expected.count && apart <= 1e-4 * length(expected))

        let after = try SafetensorsFile(reading: "\(files).after.safetensors")
        for (name, before) in weights.tensors {
            let step = try zip(#require(after[name]).doubles, before.doubles).map { $0 - $1 }
            let digest = zip(step, Self.fractions(name + " digest", step.count)).reduce(0) {
                $0 + $1.0 * (2 * $1.1 - 1)
            }
            let numbers = try #require(reference.steps[name])
            // Of the step itself, not only of the weight; a step that is nothing but rounding is left aside.
            let tolerance = 2e-2 * numbers[0] + 1e-6 * length(before.doubles)
            #expect(abs(length(step) - numbers[0]) <= tolerance && abs(digest - numbers[1]) <= tolerance, "\(name)")
        }
    }

    private func length(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
