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

    public init(pool: ThreadPool) {
        self.pool = pool
    }

    /// A node for numbers that are there already.
    /// - Parameter tracked: whether derivatives with respect to it will be asked for.
    public func constant(_ tensor: Tensor, tracked: Bool = false) -> Node {
        Node(
            operation: SourceOperations.constant, attributes: .none, inputs: [], type: tensor.type, value: tensor,
            isTracked: tracked, origin: origin, scope: scope)
    }

    public func scalar(_ value: Double, _ elementType: ElementType = .float64) throws -> Node {
        constant(try Tensor(scalar: value, elementType: elementType))
    }

    /// A node whose numbers come later: a plan's input, a parameter, or a shape being checked.
    public func placeholder(_ name: String, _ type: TensorType) -> Node {
        Node(
            operation: SourceOperations.placeholder, attributes: .none, inputs: [], type: type, value: nil,
            isTracked: true, name: name, origin: origin, scope: scope)
    }

    /// Applies an operation. Operands of elementwise operations that differ in element type are converted first
    /// (`ElementType.combined`).
    ///
    /// - Throws: `OperationError` where types do not fit, `AllocationError` where memory is refused.
    public func apply(_ operation: Operation, _ inputs: [Node], _ attributes: Attributes = .none) throws -> Node {
        let operands = try unifyingElementTypes(inputs, of: operation)
        let output = try operation.infer(operands.map(\.type), attributes)
        guard output.shape.count < Int.max / 16 else {
            throw AllocationError(requestedBytes: output.byteCount, limitBytes: Storage.limitBytes)
        }
        let isTracked = operands.contains { $0.isTracked }
        guard operands.allSatisfy({ $0.value != nil }) else {
            return Node(
                operation: operation, attributes: attributes, inputs: operands, type: output, value: nil,
                isTracked: isTracked, origin: origin, scope: scope)
        }
        let value = try DirectEvaluation.run(
            operation, operands.compactMap(\.value), output: output, attributes: attributes, pool: pool)
        return Node(
            operation: operation, attributes: attributes, inputs: isTracked ? operands : [], type: output,
            value: value, isTracked: isTracked, origin: origin, scope: scope)
    }

    /// The same value in another element type.
    public func convert(_ node: Node, to elementType: ElementType) throws -> Node {
        guard node.elementType != elementType else { return node }
        return try apply(ConversionOperations.convert, [node], ["type": .text(elementType.rawValue)])
    }

    private func unifyingElementTypes(_ inputs: [Node], of operation: Operation) throws -> [Node] {
        guard let first = inputs.first, inputs.contains(where: { $0.elementType != first.elementType }) else {
            return inputs
        }
        return try inputs.map { try convert($0, to: .float32) }
    }
}
