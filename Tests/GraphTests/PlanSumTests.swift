import Graphs
import Scheduling
import Tensors
import Testing

/// Sums that are fused with what they sum, and what is taken out of them.
@Suite struct PlanSumTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 1))

    private func placeholder(_ name: String, _ shape: Shape, _ type: ElementType = .float32) -> Node {
        builder.placeholder(name, TensorType(type, shape))
    }

    private func names(_ roots: PlanRoots) -> [String] {
        roots.nodes.filter { !$0.inputs.isEmpty }.map(\.operation.name).sorted()
    }

    @Test("common factors leave sums and means", arguments: [true, false])
    func commonFactors(keep: Bool) throws {
        let (x, c) = (placeholder("x", [4, 3, 5], .float64), placeholder("c", [5], .float64))
        let axes = [0, 1]
        for (summed, expected) in [
            (try builder.multiply(x, c), ["multiply", "sum"]), (try builder.multiply(c, x), ["multiply", "sum"]),
            (try builder.divide(x, c), ["divide", "sum"]), (try builder.negate(x), ["negate", "sum"]),
            (try builder.multiply(builder.broadcast(c, to: [4, 3, 5]), x), ["multiply", "sum"]),
        ] {
            let sum = try builder.sum(summed, axes: axes, keep: keep)
            let roots = try SumFactoring.apply(PlanRoots(outputs: [sum]), builder)
            #expect(names(roots).filter { $0 != "reshape" } == expected)
            #expect(roots.outputs[0].type == sum.type)
            var random = TestRandom(state: 3)
            let numbers = [x.id: try random.tensor(x.type), c.id: try random.tensor(c.type)]
            let found = try directly(roots.outputs, numbers, builder)[0]
            #expect(agree(found.doubles, try directly([sum], numbers, builder)[0].doubles, 1e-12))
        }
    }

    @Test func distancesFromTheMeanSumToZero() throws {
        let x = placeholder("x", [4, 5], .float64)
        let distance = try builder.subtract(x, builder.mean(x, axes: [0]))
        let sum = try builder.sum(distance, axes: [0])
        let roots = try SumFactoring.apply(PlanRoots(outputs: [sum]), builder)
        #expect(roots.outputs[0].value?.doubles == [0, 0, 0, 0, 0])
        // The mean over another axis is another matter.
        let other = try builder.sum(builder.subtract(x, builder.mean(x, axes: [1], keep: true)), axes: [0])
        #expect(try names(SumFactoring.apply(PlanRoots(outputs: [other]), builder)).contains("sum"))
    }

    /// relu(batch norm), its loss and its derivatives.
    private func batchNorm(_ shape: Shape) throws -> (sources: [Node], outputs: [Node]) {
        let channels = Shape([shape[shape.rank - 1]])
        let (x, scale, shift) = (
            placeholder("x", shape), placeholder("scale", channels), placeholder("shift", channels)
        )
        let weight = placeholder("weight", shape)
        let axes = Array(0..<(shape.rank - 1))
        let center = try builder.mean(x, axes: axes)
        let spread = try builder.mean(builder.square(builder.subtract(x, center)), axes: axes)
        let factor = try builder.divide(scale, apply("sqrt", [builder.add(spread, 1e-5)], .none, builder))
        let normal = try builder.add(builder.multiply(builder.subtract(x, center), factor), shift)
        let y = try apply("maximum", [builder.scalar(0, .float32), normal], .none, builder)
        // matmul is not elementwise, so y and its gradient lie in memory as between convolutions.
        let flat = try builder.reshape(y, to: [shape.count / channels.count, channels.count])
        let other = try builder.reshape(weight, to: flat.shape)
        let loss = try builder.sum(builder.square(builder.matmul(flat, other, transposeB: true)))
        let gradients = try builder.gradient(of: loss, wrt: [x, scale, shift])
        return ([x, scale, shift, weight], [loss] + gradients)
    }

    @Test(
        "batch norm and relu are one pass for each kind of sum, and agree with what runs at once",
        arguments: [[6, 5], [2, 3, 4, 17], [5, 7, 3, 33], [3, 2, 2, 1100]])
    func normalisation(extents: [Int]) throws {
        let (sources, outputs) = try batchNorm(Shape(extents))
        var random = TestRandom(state: 5)
        let numbers = try sources.map { try random.tensor($0.type) }
        let expected = try directly(
            outputs, Dictionary(uniqueKeysWithValues: zip(sources.map(\.id), numbers)), builder)
        var bits: [[Double]]?
        for threads in [1, 2, 3] {
            let plan = try Plan(
                PlanDescription(inputs: sources, outputs: outputs), pool: ThreadPool(threads: threads, limit: 8))
            for (index, tensor) in numbers.enumerated() { plan.write(tensor, toInput: index) }
            try plan.run()
            let found = outputs.indices.map { plan.doubles($0, outputs[$0].type) }
            for (index, wanted) in expected.enumerated() {
                #expect(agree(found[index], wanted.doubles, 2e-4), "output \(index), \(extents)")
            }
            #expect(found == bits ?? found)
            bits = found
            // The spread; the two sums of the derivative; the loss.
            #expect(plan.steps.filter { $0.path.contains("sums of") }.count == 3)
            // Besides these only the mean of x is a sum of its own.
            #expect(
                plan.steps.filter { ["sum", "mean"].contains($0.name) && $0.path.contains("reduction") }.count == 1)
        }
    }
}
