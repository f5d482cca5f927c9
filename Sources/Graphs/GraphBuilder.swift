import Scheduling
import Tensors

/// Makes nodes. Where all inputs have numbers the operation runs at once; where one has none the node is symbolic.
///
/// A builder belongs to one interpreter thread.
public final class GraphBuilder {
    public let pool: ThreadPool
    /// Written into every node made from here on: the place in the script.
    public var origin: Origin?
    /// Written into every node made from here on: the path of the layer.
    public var scope: String?
    /// Written into every node made from here on: the part of a training step.
    public var pass = TrainingPass.forward

    public init(pool: ThreadPool) {
        self.pool = pool
    }

    /// A node for numbers that are there already.
    /// - Parameter tracked: whether derivatives with respect to it will be asked for.
    public func constant(_ tensor: Tensor, tracked: Bool = false) -> Node {
        Node(
            operation: SourceOperations.constant, attributes: .none, inputs: [], type: tensor.type, value: tensor,
            isTracked: tracked, origin: origin, scope: scope, pass: pass)
    }

    public func scalar(_ value: Double, _ elementType: ElementType = .float64) throws -> Node {
        constant(try Tensor(scalar: value, elementType: elementType))
    }

    /// A node whose numbers come later: a plan's input, a parameter, or a shape being checked.
    public func placeholder(_ name: String, _ type: TensorType) -> Node {
        Node(
            operation: SourceOperations.placeholder, attributes: .none, inputs: [], type: type, value: nil,
            isTracked: true, name: name, origin: origin, scope: scope, pass: pass)
    }

    /// Applies an operation. Operands of elementwise operations that differ in element type are converted first
    /// (`ElementType.combined`).
    ///
    /// - Throws: `OperationError` where types do not fit, `AllocationError` where memory is refused.
    public func apply(_ operation: Operation, _ inputs: [Node], _ attributes: Attributes = .none) throws -> Node {
        let operands = try unifyingElementTypes(inputs, of: operation)
        try Self.requireTensors(operands, for: operation)
        let output = try operation.infer(operands.map(\.type), attributes)
        try Self.requireSize(output, for: operation)
        if let result = try operation.rewriting?(self, operands, attributes) { return result }
        let isTracked = operands.contains { $0.isTracked }
        guard operands.allSatisfy({ $0.value != nil }) else {
            return Node(
                operation: operation, attributes: attributes, inputs: operands, type: output, value: nil,
                isTracked: isTracked, origin: origin, scope: scope, pass: pass)
        }
        let value = try DirectEvaluation.run(
            operation, operands.compactMap(\.value), output: output, attributes: attributes, pool: pool)
        return Node(
            operation: operation, attributes: attributes, inputs: isTracked ? operands : [], type: output,
            value: value, isTracked: isTracked, origin: origin, scope: scope, pass: pass)
    }

    /// The same value in another element type.
    public func convert(_ node: Node, to elementType: ElementType) throws -> Node {
        guard node.elementType != elementType else { return node }
        return try apply(ConversionOperations.convert, [node], ["type": .text(elementType.rawValue)])
    }

    /// Shape rules may rely on as many inputs as the parameters say, and on a rank that the kernels know.
    private static func requireTensors(_ inputs: [Node], for operation: Operation) throws {
        var (required, allowed) = (0, 0)
        for parameter in operation.parameters {
            switch parameter.kind {
            case .tensor: (required, allowed) = (required + 1, allowed + 1)
            case .optionalTensor: allowed += 1
            case .tensors: (required, allowed) = (1, Int.max)
            case .integer, .integers, .number, .flag, .word: break
            }
        }
        guard required <= inputs.count, inputs.count <= allowed else {
            throw OperationError(
                "'\(operation.name)' was given a wrong number of tensors",
                expected: "\(required)\(allowed == required ? "" : " or more")", found: "\(inputs.count)")
        }
        for input in inputs { try requireSize(input.type, for: operation) }
    }

    /// Refuses what kernels cannot address, before any size is computed with that might overflow.
    private static func requireSize(_ type: TensorType, for operation: Operation) throws {
        let bound = Int.max / 16
        guard type.shape.rank <= ShapeRules.largestRank else {
            throw OperationError(
                "'\(operation.name)' would need a tensor of \(type.shape.rank) axes",
                expected: "at most \(ShapeRules.largestRank) axes", found: "shape \(type.shape)")
        }
        guard type.shape.count < bound, type.shape.dimensions.allSatisfy({ $0 < bound }) else {
            throw AllocationError(requestedBytes: type.byteCount, limitBytes: Storage.limitBytes)
        }
    }

    private func unifyingElementTypes(_ inputs: [Node], of operation: Operation) throws -> [Node] {
        guard let first = inputs.first, inputs.contains(where: { $0.elementType != first.elementType }) else {
            return inputs
        }
        return try inputs.map { try convert($0, to: .float32) }
    }
}
