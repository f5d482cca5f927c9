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
    /// Weights in order of declaration, with the placeholders that stand for them.
    public private(set) var weights: [(specification: WeightSpecification, node: Node)] = []

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

    /// - Parameter numbers: gives a weight's numbers, of `elementType`, where the body is to be computed at once and not
    ///   traced; nil makes placeholders.
    public init(
        builder: GraphBuilder, elementType: ElementType = .float32, isTraining: Bool = false,
        numbers: ((WeightSpecification) throws -> Tensor)? = nil
    ) {
        self.builder = builder
        self.elementType = elementType
        self.isTraining = isTraining
        self.numbers = numbers
    }

    /// Path of the layer or block that is being evaluated; empty in the net's own body.
    public var path: String { scopes.last?.path ?? "" }

    /// Begins a layer or block; nodes made from here on carry its path.
    public func enter(_ kind: String, origin: Origin?) {
        let number = (scopes.last?.counters ?? rootCounters)[kind, default: 0] + 1
        if scopes.isEmpty {
            rootCounters[kind] = number
        } else {
            scopes[scopes.count - 1].counters[kind] = number
            layers[scopes[scopes.count - 1].layer].isBlock = true
        }
        let path = (scopes.last.map { $0.path + "." } ?? "") + "\(kind)\(number)"
        layers.append(LayerRecord(path: path, kind: kind, depth: scopes.count, origin: origin))
        scopes.append(Scope(path: path, layer: layers.count - 1, outerScope: builder.scope))
        builder.scope = path
    }

    /// Ends the layer or block that was entered last.
    public func leave(output: Node) {
        guard let scope = scopes.popLast() else { preconditionFailure("leave without enter") }
        builder.scope = scope.outerScope
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
            layers[layer].parameters = layers[layer].parameters.saturatingAdd(shape.count)
            if isTrainable {
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
