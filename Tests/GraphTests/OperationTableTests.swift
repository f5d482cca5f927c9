import Graphs
import Scheduling
import Tensors
import Testing

/// Walks the operation table: an entry without samples fails.
@Suite struct OperationTableTests {
    let builder = GraphBuilder(pool: ThreadPool(threads: 2))

    @Test(arguments: OperationTable.all.map(\.name))
    func entryIsDocumented(name: String) throws {
        let operation = try #require(OperationTable[name])
        #expect(!operation.documentation.summary.isEmpty)
        #expect(!operation.documentation.shapes.isEmpty)
        guard operation.isPublic else { return }
        #expect(!operation.documentation.formula.isEmpty)
        #expect(operation.documentation.example.contains("# -> "))
        #expect(Set(operation.parameters.map(\.name)).count == operation.parameters.count)
    }

    /// The derivative of a random weighting of the output, against central differences of two step sizes.
    @Test(arguments: OperationTable.all.map(\.name))
    func derivativeAgreesWithDifferences(name: String) throws {
        let operation = try #require(OperationTable[name])
        let samples = try #require(OperationSamples.samples(for: name), "'\(name)' has no samples")
        for (number, sample) in samples.enumerated() {
            let tensors = try sample.tensors()
            if operation.derivative != nil, number == 0, name != "stop_gradient" {
                #expect(!sample.differentiable.isEmpty)
            }
            for index in sample.differentiable {
                try compare(
                    tensors, index, "'\(name)' sample \(number) input \(index)",
                    value: { try weightedSum(operation, $0, sample.attributes) })
            }
        }
    }

    /// The derivative of a random weighting of the derivative.
    @Test(arguments: OperationTable.all.filter { !$0.name.hasPrefix("first_") }.map(\.name))
    func secondDerivativeAgreesWithDifferences(name: String) throws {
        let operation = try #require(OperationTable[name])
        let samples = try #require(OperationSamples.samples(for: name), "'\(name)' has no samples")
        for (number, sample) in samples.enumerated() {
            let tensors = try sample.tensors()
            for index in sample.differentiable {
                try compare(
                    tensors, index, "'\(name)' sample \(number) input \(index), second",
                    value: { inputs in
                        let sum = try weightedSum(operation, inputs, sample.attributes)
                        let gradients = try builder.gradient(of: sum, wrt: sample.differentiable.map { inputs[$0] })
                        var total = try builder.scalar(0)
                        for gradient in gradients {
                            total = try builder.add(
                                total, builder.sum(builder.multiply(gradient, weights(gradient.shape))))
                        }
                        return total
                    })
            }
        }
    }

    @Test(arguments: OperationTable.all.map(\.name))
    func fastKernelAgreesWithPlainKernel(name: String) throws {
        let operation = try #require(OperationTable[name])
        for sample in try #require(OperationSamples.samples(for: name)) where !name.hasPrefix("random_") {
            let exact = try builder.apply(
                operation, sample.tensors().map { builder.constant($0) }, sample.attributes)
            let fast = try builder.apply(
                operation, sample.tensors(.float32).map { builder.constant($0) }, sample.attributes)
            let (expected, found) = (try #require(exact.value).doubles, try #require(fast.value).doubles)
            #expect(exact.shape == fast.shape)
            let scale = expected.map(abs).max() ?? 0
            for (one, other) in zip(expected, found) {
                #expect(abs(one - other) <= 2e-5 * max(1, scale), "'\(name)': \(other), not \(one)")
            }
        }
    }

    private func weights(_ shape: Shape) throws -> Node {
        var stream = RandomStream(seed: 3, stream: 9)
        return builder.constant(try stream.normal(shape))
    }

    private func weightedSum(_ operation: Graphs.Operation, _ inputs: [Node], _ attributes: Attributes) throws -> Node {
        let output = try builder.apply(operation, inputs, attributes)
        return try builder.sum(builder.multiply(output, weights(output.shape)))
    }

    private func compare(
        _ tensors: [Tensor], _ index: Int, _ what: String, value: ([Node]) throws -> Node
    ) throws {
        func evaluate(_ replacement: Tensor?) throws -> Double {
            let nodes = tensors.enumerated().map { place, tensor in
                builder.constant(place == index ? replacement ?? tensor : tensor, tracked: true)
            }
            return try #require(try value(nodes).value)[flat: 0]
        }
        let nodes = tensors.map { builder.constant($0, tracked: true) }
        let analytic = try #require(
            try builder.gradient(of: value(nodes), wrt: [nodes[index]])[0].value, "no value")
        #expect(analytic.shape == tensors[index].shape)
        let point = tensors[index].doubles
        var numeric: [Double] = []
        for element in point.indices {
            func difference(_ step: Double) throws -> Double {
                func shifted(_ distance: Double) throws -> Double {
                    var moved = point
                    moved[element] += distance
                    return try evaluate(Tensor(moved, shape: tensors[index].shape))
                }
                return try (shifted(step) - shifted(-step)) / (2 * step)
            }
            let step = 2e-3
            numeric.append(try (4 * difference(step / 2) - difference(step)) / 3)
        }
        let scale = max(numeric.map(abs).max() ?? 0, 1e-2)
        for (element, (one, other)) in zip(numeric, analytic.doubles).enumerated() {
            #expect(abs(one - other) <= 1e-6 * scale, "\(what)[\(element)]: \(other), by differences \(one)")
        }
    }
}
