import Graphs
import Tensors

/// Collects what happens while a net's body is evaluated on a symbolic input: scopes, layers and weights.
///
/// A scope is named by its kind and a counter within the enclosing scope: `conv1`, `conv2`, `stage2.block1.conv2`.
public final class NetworkTrace {
    public let builder: GraphBuilder
    /// Of weights and activations.
    public let elementType: ElementType
    /// Whether layers such as dropout are to act.
    public let isTraining: Bool
    /// Layers and blocks in the order in which they were entered.
    public private(set) var layers: [LayerRecord] = []
    /// What the layer or block at each path gives.
    public private(set) var outputs: [String: Node] = [:]
    /// Weights in order of declaration, with the placeholders that stand for them.
    public private(set) var weights: [(specification: WeightSpecification, node: Node)] = []
    /// What a training step makes of weights that are no parameters, such as running statistics.
    public private(set) var updates: [(name: String, node: Node, value: Node)] = []

    private struct Scope {
        let path: String
        /// Index in `layers`.
        let layer: Int
        var counters: [String: Int] = [:]
        let outerScope: String?
    }

    private var scopes: [Scope] = []
    private var rootCounters: [String: Int] = [:]
    private var names = Set<String>()
    private var fields = ReceptiveFields()

    private let numbers: ((WeightSpecification) throws -> Tensor)?
    private let step: Node?
    private let seed: UInt64
    /// Draws of random numbers so far in each scope.
    private var draws: [String: Int] = [:]

    /// - Parameters:
    ///   - step: the number of the training step, which random numbers follow; nil draws those of step 0.
    ///   - seed: of the random numbers.
    ///   - numbers: gives a weight's numbers, of `elementType`, where the body is to be computed at once and not
    ///     traced; nil makes placeholders.
    public init(
        builder: GraphBuilder, elementType: ElementType = .float32, isTraining: Bool = false, step: Node? = nil,
        seed: UInt64 = 0, numbers: ((WeightSpecification) throws -> Tensor)? = nil
    ) {
        self.builder = builder
        self.elementType = elementType
        self.isTraining = isTraining
        self.step = step
        self.seed = seed
        self.numbers = numbers
    }

    /// Path of the layer or block that is being evaluated; empty in the net's own body.
    public var path: String { scopes.last?.path ?? "" }

    /// Path that the next layer of this kind will have.
    public func nextPath(of kind: String) -> String {
        (scopes.last.map { $0.path + "." } ?? "") + "\(kind)\(counters[kind, default: 0] + 1)"
    }

    /// Counts a layer of this kind that is left out, so that those after it keep their names.
    public func skip(_ kind: String) { counters[kind, default: 0] += 1 }

    /// Of the current scope.
    private var counters: [String: Int] {
        get { scopes.last?.counters ?? rootCounters }
        set {
            if scopes.isEmpty { rootCounters = newValue } else { scopes[scopes.count - 1].counters = newValue }
        }
    }

    /// Begins a layer or block; nodes made from here on carry its path.
    public func enter(_ kind: String, origin: Origin?) {
        let path = nextPath(of: kind)
        skip(kind)
        if let outer = scopes.last { layers[outer.layer].isBlock = true }
        layers.append(LayerRecord(path: path, kind: kind, depth: scopes.count, origin: origin))
        scopes.append(Scope(path: path, layer: layers.count - 1, outerScope: builder.scope))
        builder.scope = path
    }

    /// Ends the layer or block that was entered last.
    public func leave(output: Node) {
        guard let scope = scopes.popLast() else { preconditionFailure("leave without enter") }
        builder.scope = scope.outerScope
        outputs[scope.path] = output
        layers[scope.layer].outputShape = output.shape
        layers[scope.layer].activationBytes = output.type.byteCount
        layers[scope.layer].multiplyAdds = multiplyAdds(of: scope.path, from: output)
        layers[scope.layer].receptiveField = fields.size(at: output)
    }

    /// Declares a weight of the current layer and gives the node that stands for it.
    ///
    /// - Throws: `OperationError` where the layer has a weight of that name or an extent is not positive, and what `numbers`
    ///   throws.
    public func weight(
        _ name: String, shape: Shape, initializer: Initializer, isTrainable: Bool = true, origin: Origin? = nil
    ) throws -> Node {
        let fullName = path.isEmpty ? name : "\(path).\(name)"
        guard shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw OperationError(
                "the weight '\(fullName)' would be empty", expected: "extents of 1 or more", found: "\(shape)")
        }
        guard names.insert(fullName).inserted else {
            throw OperationError("the weight '\(fullName)' is declared twice", hint: "give one of them another name")
        }
        if let layer = scopes.last?.layer {
            if isTrainable {
                layers[layer].parameters = layers[layer].parameters.saturatingAdd(shape.count)
                layers[layer].trainableParameters = layers[layer].trainableParameters.saturatingAdd(shape.count)
            }
        }
        let specification = WeightSpecification(
            name: fullName, shape: shape, initializer: initializer, isTrainable: isTrainable, origin: origin)
        let node =
            try numbers.map { builder.constant(try $0(specification), tracked: true) }
            ?? builder.placeholder(fullName, TensorType(elementType, shape))
        fields.exclude(node)
        weights.append((specification, node))
        return node
    }

    /// Says what a training step makes of a weight that is no parameter.
    ///
    /// - Throws: `OperationError` where the value has another shape.
    public func update(_ node: Node, to value: Node) throws {
        guard let entry = weights.first(where: { $0.node === node }) else {
            preconditionFailure("an update of what is no weight")
        }
        guard value.shape == node.shape || value.shape.broadcast(with: node.shape) == node.shape else {
            throw OperationError(
                "the state '\(entry.specification.name)' would change its shape", expected: "\(node.shape)",
                found: "\(value.shape)")
        }
        let settled = try builder.broadcast(builder.convert(value, to: elementType), to: node.shape)
        updates.append((entry.specification.name, node, settled))
    }

    /// Uniform numbers in [0, 1), new ones for each step: a function of seed, layer, draw within the layer and step.
    public func uniform(_ shape: Shape) throws -> Node {
        guard let operation = OperationTable["random_uniform"] else { preconditionFailure("no random numbers") }
        let draw = draws[path, default: 0] + 1
        draws[path] = draw
        let stream = Initializer.stream(for: "\(path) draw \(draw)")
        return try builder.apply(
            operation, [step ?? builder.scalar(0)],
            [
                "shape": .integers(shape.dimensions), "seed": .integer(Int(Int64(bitPattern: seed))),
                "stream": .integer(Int(Int64(bitPattern: stream))), "type": .text(elementType.rawValue),
            ])
    }

    /// A point of the evaluation that `rewind` goes back to.
    public struct Mark {
        fileprivate let depth: Int
        fileprivate let layers: Int
        fileprivate let weights: Int
        fileprivate let updates: Int
        fileprivate let counters: [String: Int]
    }

    /// This point, within the scope that is being evaluated.
    public var mark: Mark {
        Mark(
            depth: scopes.count, layers: layers.count, weights: weights.count, updates: updates.count,
            counters: counters)
    }

    /// Forgets the layers and weights since a point of the same scope.
    public func rewind(to mark: Mark) {
        precondition(mark.depth == scopes.count, "a scope is left before it is rewound")
        layers.removeSubrange(mark.layers...)
        for weight in weights[mark.weights...] { names.remove(weight.specification.name) }
        weights.removeSubrange(mark.weights...)
        updates.removeSubrange(mark.updates...)
        counters = mark.counters
    }

    /// The multiply-adds of nodes that belong to `path` itself, not to a layer inside of it.
    private func multiplyAdds(of path: String, from output: Node) -> Int {
        var seen = Set<Int>()
        var pending = [output]
        var sum = 0
        while let node = pending.popLast() {
            guard let scope = node.scope, scope == path || scope.hasPrefix(path + "."),
                seen.insert(node.id).inserted
            else { continue }
            pending += node.inputs
            // What has numbers already is computed while tracing, not for each batch.
            guard scope == path, node.isSymbolic else { continue }
            switch node.operation.kernel {
            case .alias, .source: continue
            case .elementwise, .prepared:
                sum = sum.saturatingAdd(
                    node.operation.cost(node.inputs.map(\.type), node.type, node.attributes).multiplyAdds)
            }
        }
        return sum
    }
}
