import Graphs
import Scheduling
import Tensors
import Testing

/// Each pass on a small graph: what is left, and that it computes the same.
@Suite struct PlanPassTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 1))

    private func placeholder(_ name: String, _ shape: Shape) -> Node {
        builder.placeholder(name, TensorType(.float64, shape))
    }

    /// Names of the operations left, sources aside.
    private func names(_ roots: PlanRoots) -> [String] {
        roots.nodes.filter { !$0.inputs.isEmpty }.map(\.operation.name).sorted()
    }

    private func expectEqual(_ before: Node, _ after: PlanRoots, _ sources: [Node]) throws {
        var random = TestRandom(state: 11)
        var numbers: [Int: Tensor] = [:]
        for source in sources { numbers[source.id] = try random.tensor(source.type) }
        let expected = try directly([before], numbers, builder)[0]
        let found = try directly(after.outputs, numbers, builder)[0]
        #expect(agree(found.doubles, expected.doubles, 1e-12))
    }

    @Test func commonSubexpressions() throws {
        let x = placeholder("x", [4])
        let sum = try builder.add(
            builder.multiply(apply("exp", [x], .none, builder), 2),
            builder.multiply(apply("exp", [x], .none, builder), 2))
        let roots = try CommonSubexpressions.apply(PlanRoots(outputs: [sum]), builder)
        #expect(names(roots) == ["add", "exp", "multiply"])
        try expectEqual(sum, roots, [x])
    }

    @Test func identitiesVanish() throws {
        let x = placeholder("x", [2, 3])
        let zero = try builder.scalar(0)
        var y = try builder.add(builder.multiply(x, 1), zero)
        y = try builder.subtract(y, zero)
        y = try builder.negate(builder.negate(y))
        y = try builder.reshape(builder.reshape(y, to: [6]), to: [2, 3])
        let roots = try AlgebraicSimplification.apply(PlanRoots(outputs: [y]), builder)
        #expect(roots.outputs[0] === x)
    }

    @Test func additionOfANegative() throws {
        let (x, y) = (placeholder("x", [3]), placeholder("y", [3]))
        let sum = try builder.add(x, builder.negate(y))
        let roots = try AlgebraicSimplification.apply(PlanRoots(outputs: [sum]), builder)
        #expect(names(roots) == ["subtract"])
        try expectEqual(sum, roots, [x, y])
    }

    @Test func manyQuotientsByOneNumberAreProducts() throws {
        let x = builder.placeholder("x", TensorType(.float32, [70]))
        let s = builder.placeholder("s", TensorType(.float32, []))
        let quotient = try builder.divide(x, s)
        let roots = try AlgebraicSimplification.apply(PlanRoots(outputs: [quotient]), builder)
        #expect(names(roots) == ["multiply", "reciprocal"])
        var random = TestRandom(state: 11)
        let numbers = [x.id: try random.tensor(x.type), s.id: try random.tensor(s.type)]
        let expected = try directly([quotient], numbers, builder)[0]
        #expect(agree(try directly(roots.outputs, numbers, builder)[0].doubles, expected.doubles, 2e-7))
        // A few, and those in float64, are computed as they are written.
        let (a, b) = (placeholder("a", [70]), placeholder("b", []))
        let exact = try AlgebraicSimplification.apply(PlanRoots(outputs: [builder.divide(a, b)]), builder)
        #expect(names(exact) == ["divide"])
    }

    @Test func broadcastingIdentityKeepsItsShape() throws {
        let x = placeholder("x", [3])
        let ones = builder.constant(try Tensor(repeating: 1, TensorType(.float64, [2, 3])))
        let product = try builder.multiply(x, ones)
        let roots = try AlgebraicSimplification.apply(PlanRoots(outputs: [product]), builder)
        #expect(roots.outputs[0].shape == [2, 3])
        try expectEqual(product, roots, [x])
    }

    @Test func sumOfARepetition() throws {
        let x = placeholder("x", [1, 3])
        let sum = try builder.sum(builder.broadcast(x, to: [5, 3]), axes: [0])
        let roots = try AlgebraicSimplification.apply(PlanRoots(outputs: [sum]), builder)
        #expect(names(roots) == ["multiply", "reshape"])
        try expectEqual(sum, roots, [x])
        let other = try builder.sum(builder.broadcast(x, to: [5, 3]), axes: [1])
        let kept = try AlgebraicSimplification.apply(PlanRoots(outputs: [other]), builder)
        #expect(names(kept).contains("sum"))
    }

    @Test func biasAndReluBecomeAnEpilogue() throws {
        let (x, w, b) = (placeholder("x", [4, 3]), placeholder("w", [3, 5]), placeholder("b", [5]))
        let y = try apply(
            "maximum", [builder.scalar(0), builder.add(b, builder.matmul(x, w))], .none, builder)
        let roots = try EpilogueFusion.apply(PlanRoots(outputs: [y]), builder)
        #expect(names(roots) == ["matmul"])
        try expectEqual(y, roots, [x, w, b])
    }

    @Test func aProductWithAnotherReaderKeepsItsNumbers() throws {
        let (x, w, b) = (placeholder("x", [4, 3]), placeholder("w", [3, 5]), placeholder("b", [5]))
        let product = try builder.matmul(x, w)
        let y = try builder.multiply(builder.add(product, b), product)
        let roots = try EpilogueFusion.apply(PlanRoots(outputs: [y]), builder)
        #expect(names(roots) == ["add", "matmul", "multiply"])
        let root = try EpilogueFusion.apply(PlanRoots(outputs: [builder.add(product, b), product]), builder)
        #expect(names(root) == ["add", "matmul"])
    }

    @Test(arguments: [true, false]) func crossEntropyAsDeclared(mean: Bool) throws {
        let (z, y) = (placeholder("z", [4, 3]), placeholder("y", [4]))
        let target = try apply("one_hot", [y], ["classes": .integer(3)], builder)
        let rows = try builder.sum(builder.multiply(target, apply("log_softmax", [z], .none, builder)), axes: [-1])
        let loss = try builder.negate(mean ? builder.mean(rows) : builder.sum(builder.square(rows)))
        let gradient = try builder.gradient(of: loss, wrt: [z])[0]
        let both = PlanRoots(outputs: [loss, gradient])
        let roots = try CrossEntropyFusion.apply(
            CommonSubexpressions.apply(AlgebraicSimplification.apply(both, builder), builder), builder)
        #expect(!names(roots).contains { ["one_hot", "log_softmax", "log_softmax_gradient"].contains($0) })
        var random = TestRandom(state: 2)
        let numbers = [z.id: try random.tensor(z.type), y.id: try Tensor([0, 2, 1, 2], shape: [4])]
        let expected = try directly([loss, gradient], numbers, builder)
        let found = try directly(roots.outputs, numbers, builder)
        for index in 0...1 { #expect(agree(found[index].doubles, expected[index].doubles, 1e-12)) }
    }

    @Test func chainsAreOneStep() throws {
        let (x, b) = (placeholder("x", [8, 4]), placeholder("b", [4]))
        var y = try builder.add(x, builder.broadcast(b, to: [8, 4]))
        y = try apply("tanh", [builder.multiply(y, y)], .none, builder)
        let plan = try Plan(
            PlanDescription(inputs: [x, b], outputs: [y, try builder.sum(y), try builder.subtract(y, x)]),
            pool: builder.pool)
        #expect(plan.steps.count == 2)
    }
}
