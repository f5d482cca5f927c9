import Graphs
import Scheduling
import Tensors

/// A training step of LeNet with Adam on the flat vector of all parameters, by hand from operations.
struct LeNetStep {
    let description: PlanDescription
    let images: Node
    let labels: Node

    private struct Layer {
        var name: String
        var shape: Shape
    }

    private static let layers: [Layer] = [
        Layer(name: "conv1.W", shape: [5, 5, 1, 6]), Layer(name: "conv1.b", shape: [6]),
        Layer(name: "conv2.W", shape: [5, 5, 6, 16]), Layer(name: "conv2.b", shape: [16]),
        Layer(name: "dense1.W", shape: [400, 120]), Layer(name: "dense1.b", shape: [120]),
        Layer(name: "dense2.W", shape: [120, 84]), Layer(name: "dense2.b", shape: [84]),
        Layer(name: "dense3.W", shape: [84, 10]), Layer(name: "dense3.b", shape: [10]),
    ]

    init(batch: Int, builder: GraphBuilder, elementType: ElementType = .float32) throws {
        func type(_ shape: Shape) -> TensorType { TensorType(elementType, shape) }
        let images = builder.placeholder("x", type([batch, 28, 28, 1]))
        let labels = builder.placeholder("y", type([batch]))
        let count = Self.layers.reduce(0) { $0 + $1.shape.count }
        var random = TestRandom(state: 7)
        let storage = try random.tensor(type([count])).storage
        var variables: [(node: Node, memory: Tensor)] = []
        var weights: [Node] = []
        var offset = 0
        for layer in Self.layers {
            let memory = Tensor(elementType: elementType, shape: layer.shape, storage: storage, offset: offset)
            let fan = Double(layer.shape.count / layer.shape[layer.shape.rank - 1])
            Self.scale(memory, by: layer.shape.rank == 1 ? 0.1 : (3 / fan).squareRoot())
            let node = builder.placeholder(layer.name, memory.type)
            variables.append((node, memory))
            weights.append(node)
            offset += layer.shape.count
        }

        var h = images
        for (index, padding) in ["same", "valid"].enumerated() {
            builder.scope = "conv\(index + 1)"
            h = try apply("conv2d", [h, weights[2 * index]], ["pad": .text(padding)], builder)
            h = try builder.add(h, weights[2 * index + 1])
            h = try apply("maximum", [builder.scalar(0, elementType), h], .none, builder)
            builder.scope = "max_pool\(index + 1)"
            h = try apply("max_pool2d", [h], ["size": .integer(2), "stride": .integer(2)], builder)
        }
        h = try builder.reshape(h, to: [batch, 400])
        for index in 2..<5 {
            builder.scope = "dense\(index - 1)"
            h = try builder.add(builder.matmul(h, weights[2 * index]), weights[2 * index + 1])
            if index < 4 { h = try apply("maximum", [builder.scalar(0, elementType), h], .none, builder) }
        }
        builder.scope = "loss"
        let target = try apply("one_hot", [labels], ["classes": .integer(10)], builder)
        let likelihood = try builder.multiply(target, apply("log_softmax", [h], .none, builder))
        let loss = try builder.negate(builder.mean(builder.sum(likelihood, axes: [1])))

        let gradients = try builder.gradient(of: loss, wrt: weights)
        builder.scope = "adam"
        let g = try apply(
            "concat", gradients.map { try builder.reshape($0, to: [$0.shape.count]) }, ["axis": .integer(0)], builder)
        let theta = builder.placeholder("theta", type([count]))
        variables.append((theta, Tensor(elementType: elementType, shape: [count], storage: storage, offset: 0)))
        let m = builder.placeholder("m", type([count]))
        let v = builder.placeholder("v", type([count]))
        variables.append((m, try Tensor(repeating: 0, type([count]))))
        variables.append((v, try Tensor(repeating: 0, type([count]))))
        let t = builder.placeholder("t", TensorType(.float64, []))
        variables.append((t, try Tensor(scalar: 1)))
        let one = try builder.scalar(1)
        func correction(_ beta: Double) throws -> Node {
            try builder.subtract(one, apply("power", [builder.scalar(beta), t], .none, builder))
        }
        let newM = try builder.add(builder.multiply(m, 0.9), builder.multiply(g, 0.1))
        let newV = try builder.add(builder.multiply(v, 0.999), builder.multiply(builder.square(g), 0.001))
        let root = try apply("sqrt", [builder.divide(newV, correction(0.999))], .none, builder)
        let step = try builder.divide(
            builder.multiply(builder.divide(newM, correction(0.9)), 1e-3), builder.add(root, 1e-8))
        builder.scope = nil
        self.images = images
        self.labels = labels
        description = PlanDescription(
            inputs: [images, labels], variables: variables, outputs: [loss, h],
            updates: [(theta, try builder.subtract(theta, step)), (m, newM), (v, newV), (t, try builder.add(t, 1))])
    }

    private static func scale(_ tensor: Tensor, by factor: Double) {
        for index in 0..<tensor.count {
            switch tensor.elementType {
            case .float32: tensor.pointer.assumingMemoryBound(to: Float.self)[index] *= Float(factor)
            case .float64: tensor.pointer.assumingMemoryBound(to: Double.self)[index] *= factor
            }
        }
    }

    /// A batch of images and class numbers.
    static func batch(_ count: Int, _ random: inout TestRandom, _ type: ElementType = .float32) throws -> (
        images: Tensor, labels: Tensor
    ) {
        let labels = (0..<count).map { _ in Double(random.below(10)) }
        return (
            try random.tensor(TensorType(type, [count, 28, 28, 1])),
            try Tensor(labels, shape: [count], elementType: type)
        )
    }
}
