import Graphs
import Scheduling
import Tensors
import Testing

/// What is computed again in the backward pass, and statistics of joined parts.
@Suite struct RecomputationTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 1))

    private func placeholder(_ name: String, _ shape: Shape) -> Node {
        builder.placeholder(name, TensorType(.float32, shape))
    }

    private func count(_ name: String, _ nodes: [Node]) -> Int { nodes.count { $0.operation.name == name } }

    private func numbers(_ sources: [Node]) throws -> [Int: Tensor] {
        var random = TestRandom(state: 5)
        return Dictionary(uniqueKeysWithValues: try sources.map { ($0.id, try random.tensor($0.type)) })
    }

    private func normalised(_ x: Node, _ scale: Node) throws -> Node {
        let axes = Array(0..<(x.shape.rank - 1))
        let center = try builder.mean(x, axes: axes)
        let spread = try builder.mean(builder.square(builder.subtract(x, center)), axes: axes)
        let factor = try builder.divide(scale, apply("sqrt", [builder.add(spread, 1e-5)], .none, builder))
        return try builder.multiply(builder.subtract(x, center), factor)
    }

    /// relu(batch norm) between two products, with the gradients of all weights.
    private func layers(rows: Int) throws -> (sources: [Node], outputs: [Node]) {
        let (x, first) = (placeholder("x", [rows, 5]), placeholder("first", [5, 8]))
        let (scale, second) = (placeholder("scale", [8]), placeholder("second", [8, 3]))
        builder.pass = .forward
        let normal = try normalised(builder.matmul(x, first), scale)
        let hidden = try apply("maximum", [normal, builder.scalar(0, .float32)], .none, builder)
        let loss = try builder.mean(builder.square(builder.matmul(hidden, second)))
        builder.pass = .backward
        let gradients = try builder.gradient(of: loss, wrt: [first, scale, second])
        builder.pass = .forward
        return ([x, first, scale, second], [loss] + gradients)
    }

    @Test("relu's result is made again for the derivative, with the same numbers")
    func reluAgain() throws {
        let (sources, outputs) = try layers(rows: 600)
        let roots = PlanRoots(outputs: outputs)
        let again = try Recomputation.apply(roots, builder)
        #expect(count("maximum", roots.nodes) == 1)
        #expect(count("maximum", again.nodes) > 1)
        #expect(again.nodes.filter { $0.operation.name == "maximum" && $0.pass == .forward }.count == 1)
        let numbers = try numbers(sources)
        let expected = try directly(outputs, numbers, builder)
        for (a, e) in zip(try directly(again.outputs, numbers, builder), expected) {
            #expect(a.doubles == e.doubles)
        }
    }

    @Test("small results, and what only the forward pass reads, are kept")
    func kept() throws {
        let (_, outputs) = try layers(rows: 20)
        let roots = PlanRoots(outputs: outputs)
        #expect(try Recomputation.apply(roots, builder).nodes.map(\.id) == roots.nodes.map(\.id))
        let (_, large) = try layers(rows: 600)
        let forward = PlanRoots(outputs: [large[0]])
        #expect(try Recomputation.apply(forward, builder).nodes.map(\.id) == forward.nodes.map(\.id))
    }

    @Test("statistics of parts that are joined again and again are computed once")
    func joinedStatistics() throws {
        let parts = [3, 2, 4].map { placeholder("part", [6, 7, $0]) }
        let scales = [5, 9].map { placeholder("scale", [$0]) }
        let join = try apply("concat", [parts[0], parts[1]], ["axis": .integer(-1)], builder)
        let wider = try apply("concat", [join, parts[2]], ["axis": .integer(2)], builder)
        let outputs = [try normalised(join, scales[0]), try normalised(wider, scales[1])]
        let roots = try CommonSubexpressions.apply(
            JoinedReductions.apply(PlanRoots(outputs: outputs), builder), builder)
        // A mean and a spread for each of three parts, not for two joins.
        #expect(count("mean", roots.nodes) == 6)
        #expect(roots.nodes.filter { $0.operation.name == "mean" }.allSatisfy { $0.inputs[0].shape[2] < 5 })
        let numbers = try numbers(parts + scales)
        let expected = try directly(outputs, numbers, builder)
        for (a, e) in zip(try directly(roots.outputs, numbers, builder), expected) {
            #expect(agree(a.doubles, e.doubles, 1e-6))
        }
    }

    @Test("sums over the joined axis, with kept axes, and of products with a vector", arguments: [true, false])
    func otherSums(keep: Bool) throws {
        let (a, b, c) = (placeholder("a", [4, 3]), placeholder("b", [4, 2]), placeholder("c", [5]))
        let join = try apply("concat", [a, b], ["axis": .integer(1)], builder)
        let scaled = try builder.multiply(builder.add(join, c), builder.scalar(3, .float32))
        let outputs = [
            try builder.sum(scaled, axes: [0], keep: keep), try builder.sum(scaled, axes: [1], keep: keep),
            try builder.mean(scaled, keep: keep),
        ]
        let roots = try JoinedReductions.apply(PlanRoots(outputs: outputs), builder)
        #expect(roots.outputs.map(\.operation.name) == ["concat", "sum", "mean"])
        #expect(roots.outputs.map(\.type) == outputs.map(\.type))
        let numbers = try numbers([a, b, c])
        let expected = try directly(outputs, numbers, builder)
        for (a, e) in zip(try directly(roots.outputs, numbers, builder), expected) {
            #expect(agree(a.doubles, e.doubles, 1e-6))
        }
    }
}
