import CKernels
import Graphs
import Scheduling
import Tensors
import Testing

/// Every kernel path forced in turn: values and derivatives of float32 against those of plain float64 loops, whose
/// derivatives `OperationTableTests` compares with differences.
@Suite struct KernelChoiceTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 2))

    private static let instructionSets: [nnx_isa] = [.baseline, .avx2, .avx512, .neon].filter {
        nnx_isa_is_available($0)
    }
    private static let convolutions = (0..<Int32(nnx_convolution_algorithm_count())).compactMap {
        nnx_convolution_algorithm(rawValue: $0)
    }
    private static let products = (0..<Int32(nnx_gemm_algorithm_count())).compactMap {
        nnx_gemm_algorithm(rawValue: $0)
    }

    /// Each of the algorithms on each instruction set.
    private static func choices<Algorithm>(
        _ algorithm: WritableKeyPath<KernelChoice, Algorithm>, _ all: [Algorithm]
    ) -> [KernelChoice] {
        instructionSets.flatMap { isa in
            all.map {
                var choice = KernelChoice(instructionSet: isa)
                choice[keyPath: algorithm] = $0
                return choice
            }
        }
    }

    /// The samples of the operation table, and sizes that fill no tile evenly.
    private func samples(for name: String) throws -> [OperationSample] {
        let small = try #require(OperationSamples.samples(for: name), "'\(name)' has no samples")
        let odd: [OperationSample] = OperationKernelTests.cases.filter { $0.name == name }.map { sample in
            var odd = OperationSample(attributes: sample.attributes)
            odd.inputs = sample.shapes.map { .normal($0) }
            // A derivative jumps where a sum is about zero.
            odd.differentiable = sample.attributes.text("activation", default: "none") == "relu" ? [] : [0, 1]
            odd.differentiable.removeAll { $0 >= odd.inputs.count }
            return odd
        }
        return small + odd
    }

    /// The operation's value and the derivatives of a random weighting of it.
    private func results(_ name: String, _ sample: OperationSample, _ type: ElementType) throws -> [[Double]] {
        let operation = try #require(OperationTable[name])
        let inputs = try sample.tensors().map {
            builder.constant(try $0.converted(to: type), tracked: true)
        }
        let output = try builder.apply(operation, inputs, sample.attributes)
        var found = [output]
        if operation.derivative != nil, !sample.differentiable.isEmpty {
            var stream = RandomStream(seed: 3, stream: 9)
            let weights = builder.constant(try stream.normal(output.shape).converted(to: type))
            let sum = try builder.sum(builder.multiply(output, weights))
            found += try builder.gradient(of: sum, wrt: sample.differentiable.map { inputs[$0] })
        }
        return try found.map { try #require($0.value).doubles }
    }

    private func compare(_ name: String, _ choices: [KernelChoice]) throws {
        for (number, sample) in try samples(for: name).enumerated() {
            let expected = try results(name, sample, .float64)
            for choice in choices {
                let found = try KernelChoice.$current.withValue(choice) { try results(name, sample, .float32) }
                #expect(found.map(\.count) == expected.map(\.count))
                for (fast, exact) in zip(found, expected) {
                    let scale = max(1, exact.map(abs).max() ?? 0)
                    let distance = zip(fast, exact).map { abs($0 - $1) }.max() ?? 0
                    #expect(distance <= 2e-5 * scale, "'\(name)' sample \(number) by \(choice)")
                }
            }
        }
    }

    @Test(
        "every operation and its derivative on every instruction set",
        arguments: OperationTable.all.map(\.name).filter { !$0.hasPrefix("random_") && $0 != "convert" })
    func instructionSets(name: String) throws {
        try compare(name, Self.instructionSets.map { KernelChoice(instructionSet: $0) })
    }

    @Test(
        "convolutions by every algorithm", arguments: ["conv2d", "conv2d_input_gradient", "conv2d_weight_gradient"])
    func convolutions(name: String) throws {
        try compare(name, Self.choices(\.convolution, Self.convolutions))
    }

    @Test("matrix products by every algorithm")
    func products() throws {
        try compare("matmul", Self.choices(\.product, Self.products))
    }

    @Test("a plan tells the algorithm that it was forced to")
    func explained() throws {
        var choice = KernelChoice()
        (choice.convolution, choice.product) = (.winograd_2, .split)
        let image = TensorType(.float32, [2, 9, 9, 16]), kernel = TensorType(.float32, [3, 3, 16, 16])
        let left = TensorType(.float32, [5, 400]), right = TensorType(.float32, [400, 7])
        let inputs = [image, kernel, left, right].map { builder.placeholder("input", $0) }
        let outputs = [
            try builder.apply(try #require(OperationTable["conv2d"]), Array(inputs[..<2])),
            try builder.apply(try #require(OperationTable["matmul"]), Array(inputs[2...])),
        ]
        func paths() throws -> String {
            let plan = try Plan(PlanDescription(inputs: inputs, outputs: outputs), pool: builder.pool)
            return plan.steps.map(\.path).joined(separator: "\n")
        }
        let forced = try KernelChoice.$current.withValue(choice) { try paths() }
        #expect(forced.contains("convolution by Winograd F(2x2, 3x3)"))
        #expect(forced.contains("gemm 5x7x400 by ranges of the sum"))
        #expect(try !paths().contains("by ranges of the sum"))
    }
}
