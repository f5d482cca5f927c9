import Scheduling
import Tensors
import Testing

import Graphs

/// Random graphs of elementwise operations, reductions, products, views and concatenations, with variables whose
/// memories overlap and updates that read each other.
private struct RandomGraph {
    var random: TestRandom
    let builder: GraphBuilder
    let elementType: ElementType
    var nodes: [Node] = []
    var inputs: [Node] = []
    var variables: [(node: Node, memory: Tensor)] = []

    static let shapes: [Shape] = [[], [6], [4, 6], [4, 1], [2, 4, 6], [6, 4], [24], [1, 6]]

    init(seed: UInt64, elementType: ElementType, builder: GraphBuilder) throws {
        random = TestRandom(state: seed)
        self.builder = builder
        self.elementType = elementType
        for index in 0..<3 {
            let node = builder.placeholder("x\(index)", type(Self.shapes[random.below(Self.shapes.count)]))
            inputs.append(node)
            nodes.append(node)
        }
        // A flat memory, a matrix that views its first part, a vector that views all of it.
        let storage = try random.tensor(type([30])).storage
        let matrix = Tensor(elementType: elementType, shape: [4, 6], storage: storage, offset: 0)
        let vector = Tensor(elementType: elementType, shape: [6], storage: storage, offset: 24)
        let whole = Tensor(elementType: elementType, shape: [30], storage: storage, offset: 0)
        for (name, memory) in [("W", matrix), ("b", vector), ("theta", whole), ("m", try random.tensor(type([30])))] {
            variables.append((builder.placeholder(name, memory.type), memory))
        }
        for _ in 0..<2 { variables.append((builder.placeholder("v", type([24])), try random.tensor(type([24])))) }
        nodes += variables.map(\.node)
        for _ in 0..<(6 + random.below(30)) { try grow() }
    }

    private func type(_ shape: Shape) -> TensorType { TensorType(elementType, shape) }

    private mutating func any() -> Node {
        // Recent nodes more often, so that graphs become deep.
        let back = min(random.below(nodes.count), random.below(nodes.count))
        return nodes[nodes.count - 1 - back]
    }

    private mutating func grow() throws {
        let x = any()
        let y = random.below(8) == 0 ? x : any()
        var result: Node?
        switch random.below(19) {
        case 0, 1:
            let name = ["add", "subtract", "multiply", "maximum", "minimum", "greater", "less"][random.below(7)]
            if x.shape.broadcast(with: y.shape) != nil { result = try apply(name, [x, y], .none, builder) }
        case 2, 3:
            let name = ["tanh", "negate", "abs", "square", "sigmoid", "negate", "sqrt"][random.below(7)]
            let operand = name == "sqrt" ? try apply("abs", [x], .none, builder) : x
            result = try apply(name, [operand], .none, builder)
        case 4:
            let number = try builder.scalar([0, 1, -1, 0.5, 2][random.below(5)], elementType)
            let name = ["add", "subtract", "multiply", "divide", "maximum"][random.below(5)]
            result = try apply(
                name, name == "divide" ? [number, try apply("exp", [x], .none, builder)] : [x, number], .none, builder)
        case 5:
            result = try apply(
                "sum", [x], x.shape.rank > 0 ? ["axis": .integer(random.below(x.shape.rank))] : .none, builder)
        case 6: result = try apply("mean", [x], ["keep": .flag(random.below(2) == 0)], builder)
        case 7: result = try apply("reshape", [x], ["shape": .integers([x.shape.count])], builder)
        case 8 where x.shape.count == 24:
            result = try apply(
                "reshape", [x], ["shape": .integers([[4, 6], [6, 4], [24], [2, 12]][random.below(4)])], builder)
        case 9
        where x.shape.rank > 0 && x.shape.removing(axis: 0) == (y.shape.rank > 0 ? y.shape.removing(axis: 0) : [0]):
            let parts = random.below(2) == 0 ? [x, y] : [y, x, y]
            result = try apply("concat", parts, ["axis": .integer(0)], builder)
        case 10 where x.shape.rank > 1:
            result = try apply("concat", [x, x], ["axis": .integer(-1)], builder)
        case 11 where x.shape.rank > 0 && x.shape[0] > 1:
            result = try apply(
                "slice", [x],
                [
                    "starts": .integers([1] + [Int](repeating: 0, count: x.shape.rank - 1)),
                    "stops": .integers(x.shape.dimensions),
                ], builder)
        case 12 where x.shape.rank == 2: result = try apply("transpose", [x], .none, builder)
        case 13 where x.shape.rank == 2:
            if let factor = nodes.last(where: { $0.shape.rank == 2 && $0.shape[0] == x.shape[1] }) {
                result = try apply("tanh", [try builder.matmul(x, factor)], .none, builder)
            }
        case 14:
            let target: Shape = [2, 4, 6]
            if x.shape.broadcast(with: target) == target { result = try builder.broadcast(x, to: target) }
        case 15 where x.shape == y.shape:
            result = try apply("where", [try apply("greater", [x, y], .none, builder), x, y], .none, builder)
        case 16 where x.shape.rank == 2: result = try apply("softmax", [x], .none, builder)
        case 17 where x.shape.rank == 2 && x.shape[1] == 6:
            // A dense layer with relu, and its flattened gradient.
            let w = variables[0].node
            let z = try builder.add(try builder.matmul(x, w, transposeB: true), try builder.sum(w, axes: [1]))
            result = try apply("maximum", [z, try builder.scalar(0, elementType)], .none, builder)
        default: break
        }
        if let result, result.shape.count < 400 {
            nodes.append(try apply("tanh", [result], .none, builder))
            if random.below(2) == 0 { nodes.append(result) }
        }
    }

    mutating func description() throws -> PlanDescription {
        let outputs = (0..<(1 + random.below(4))).map { _ in any() }
        var updates: [(variable: Node, value: Node)] = []
        var gradients: [Node] = []
        if let last = nodes.last, random.below(3) > 0 {
            let loss = try builder.sum(last)
            gradients = try builder.gradient(of: loss, wrt: [variables[0].node, variables[1].node])
        }
        for (place, variable) in variables.enumerated() where place != 0 && place != 1 {
            let candidates = nodes.filter { $0.type == variable.node.type }
            guard random.below(4) > 0 else { continue }
            if place == 2, gradients.count == 2 {
                // A step down the gradient on the flat memory.
                let flat = try apply(
                    "concat", gradients.map { try builder.reshape($0, to: [$0.shape.count]) }, ["axis": .integer(0)],
                    builder)
                updates.append((variable.node, try builder.subtract(variable.node, builder.multiply(flat, 0.1))))
            } else if let value = candidates.randomElement(using: &random) {
                updates.append((variable.node, value))
            }
        }
        return PlanDescription(inputs: inputs, variables: variables, outputs: outputs, updates: updates)
    }
}

@Suite struct PlanRandomGraphTests {
    /// Outputs and variables after each of two runs, by direct evaluation and by the plan.
    private func compare(seed: UInt64, _ elementType: ElementType, tolerance: Double) throws {
        let builder = GraphBuilder(pool: ThreadPool(threads: 1 + Int(seed % 2)))
        var graph = try RandomGraph(seed: seed, elementType: elementType, builder: builder)
        let description = try graph.description()
        let plan = try Plan(description, pool: builder.pool)
        for run in 0..<2 {
            var sources: [Int: Tensor] = [:]
            for (index, node) in description.inputs.enumerated() {
                let numbers = try graph.random.tensor(node.type)
                sources[node.id] = numbers
                if seed % 3 == 0 {
                    plan.bind(input: index, to: numbers.pointer)
                } else {
                    plan.write(numbers, toInput: index)
                }
            }
            for (node, memory) in description.variables { sources[node.id] = try copy(memory) }
            let outputs = try directly(description.outputs, sources, builder)
            let values = try directly(description.updates.map(\.value), sources, builder)
            try withExtendedLifetime(sources) { try plan.run() }
            for (index, expected) in outputs.enumerated() {
                let found = plan.doubles(index, expected.type)
                #expect(
                    agree(found, expected.doubles, tolerance),
                    "seed \(seed), run \(run), output \(index) \(description.outputs[index].operation.name)")
            }
            for (update, expected) in zip(description.updates, values) {
                let memory = description.variables.first { $0.node === update.variable }?.memory
                #expect(
                    agree(memory?.doubles ?? [], expected.doubles, tolerance),
                    "seed \(seed), run \(run), update of \(update.variable.name ?? "")")
            }
        }
    }

    @Test(arguments: 0..<UInt64(40)) func float64(block: UInt64) throws {
        for seed in block * 10..<(block + 1) * 10 { try compare(seed: seed, .float64, tolerance: 1e-10) }
    }

    @Test(arguments: 0..<UInt64(40)) func float32(block: UInt64) throws {
        for seed in block * 10..<(block + 1) * 10 { try compare(seed: seed, .float32, tolerance: 2e-3) }
    }
}
