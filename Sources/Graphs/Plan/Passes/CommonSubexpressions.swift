import Tensors

/// Makes one node of nodes that compute the same.
package enum CommonSubexpressions {
    private struct Key: Hashable {
        var operation: ObjectIdentifier
        var attributes: Attributes
        var inputs: [Int]
        var type: TensorType
        /// The number of a constant with one element.
        var bits: UInt64?
    }

    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        var known: [Key: Node] = [:]
        return try builder.rewrite(roots) { node, _ in
            var key = Key(
                operation: ObjectIdentifier(node.operation), attributes: node.attributes,
                inputs: node.inputs.map(\.id), type: node.type, bits: nil)
            if let value = node.value {
                guard value.count == 1 else { return node }
                key.operation = ObjectIdentifier(SourceOperations.constant)
                key.attributes = .none
                key.inputs = []
                key.bits = value[flat: 0].bitPattern
            } else if node.inputs.isEmpty {
                return node
            }
            if let earlier = known[key] { return earlier }
            known[key] = node
            return node
        }
    }
}
