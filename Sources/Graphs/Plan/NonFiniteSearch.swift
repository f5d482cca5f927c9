import Scheduling
import Tensors

/// Computes a graph node by node to find the first result that is not finite. Slow: only after something went wrong.
struct NonFiniteSearch {
    let pool: ThreadPool
    /// Numbers of the placeholders.
    let sources: [Int: Tensor]

    /// The first node, in the order of the script, that holds an infinity or NaN and on which `output` depends.
    func firstNonFinite(before output: Node) throws -> NonFiniteValue? {
        let nodes = PlanRoots(outputs: [output], updates: []).nodes
        var readers: [Int: Int] = [:]
        for node in nodes where node.isSymbolic {
            for input in node.inputs { readers[input.id, default: 0] += 1 }
        }
        var numbers: [Int: Tensor] = [:]
        for node in nodes {
            let result: Tensor
            if let known = node.value ?? sources[node.id] {
                result = known
            } else {
                let inputs = node.inputs.compactMap { numbers[$0.id] }
                result = try DirectEvaluation.run(
                    node.operation, inputs, output: node.type, attributes: node.attributes, pool: pool)
                for input in node.inputs {
                    readers[input.id, default: 0] -= 1
                    if readers[input.id] == 0 { numbers[input.id] = nil }
                }
            }
            // Constants such as -inf are somebody's intention.
            if node.isSymbolic, !Self.isFinite(result) {
                return NonFiniteValue(
                    operation: node.operation.name, name: node.name, scope: node.scope, origin: node.origin)
            }
            numbers[node.id] = result
        }
        return nil
    }

    private static func isFinite(_ tensor: Tensor) -> Bool {
        withExtendedLifetime(tensor.storage) {
            switch tensor.elementType {
            case .float32:
                UnsafeBufferPointer(start: tensor.pointer.assumingMemoryBound(to: Float.self), count: tensor.count)
                    .allSatisfy(\.isFinite)
            case .float64:
                UnsafeBufferPointer(start: tensor.pointer.assumingMemoryBound(to: Double.self), count: tensor.count)
                    .allSatisfy(\.isFinite)
            }
        }
    }
}
