import Tensors

extension GraphBuilder {
    /// Derivatives of a scalar with respect to other nodes, in reverse mode.
    ///
    /// Rules emit nodes through this builder, so on values that have numbers the derivatives are computed at once and
    /// on symbolic ones the graph grows; either way they can be differentiated again.
    ///
    /// - Parameters:
    ///   - output: the scalar (or, with `seed`, any tensor of the seed's shape).
    ///   - targets: nodes that `output` depends on; one that it does not depend on gets zeros.
    /// - Throws: `OperationError` where `output` is no scalar.
    public func gradient(of output: Node, wrt targets: [Node], seed: Node? = nil) throws -> [Node] {
        guard seed != nil || output.shape.count == 1 else {
            throw OperationError(
                "a derivative needs a function whose value is one number",
                expected: "a scalar, shape []", found: "shape \(output.shape)",
                hint: "reduce it first, for example with sum(…) or mean(…)")
        }
        let reached = dependents(of: targets, below: output)
        var gradients: [Int: Node] = [:]
        let one = try constant(Tensor(repeating: 1, output.type))
        gradients[output.id] = seed ?? one
        let savedOrigin = origin
        let savedScope = scope
        let savedPass = pass
        pass = .backward
        defer {
            origin = savedOrigin
            scope = savedScope
            pass = savedPass
        }
        let targetIDs = Set(targets.map(\.id))
        for node in reached.sorted(by: { $0.id > $1.id }) {
            guard let gradient = gradients[node.id] else { continue }
            // A target's own inputs may be wanted too (wrt: [x, f(x)]), so only sources end the walk.
            guard !node.inputs.isEmpty, let derivative = node.operation.derivative else { continue }
            let needed = node.inputs.map(reached.contains)
            guard needed.contains(true) else { continue }
            if !targetIDs.contains(node.id) { gradients[node.id] = nil }
            origin = node.origin
            scope = node.scope
            let contributions = try derivative(
                DerivativeRequest(node: node, gradient: gradient, needed: needed, builder: self))
            for (index, contribution) in contributions.enumerated() where needed[index] {
                guard let contribution else { continue }
                let input = node.inputs[index]
                precondition(
                    contribution.shape == input.shape,
                    "derivative of \(node.operation.name): \(contribution.shape) for an input \(input.shape)")
                if let sum = gradients[input.id] {
                    gradients[input.id] = try apply(ArithmeticOperations.add, [sum, contribution])
                } else {
                    gradients[input.id] = contribution
                }
            }
        }
        return try targets.map { target in
            if let gradient = gradients[target.id] { return try convert(gradient, to: target.elementType) }
            return try constant(Tensor(repeating: 0, target.type))
        }
    }

    /// The nodes between `targets` and `output`, both included, that depend on a target.
    private func dependents(of targets: [Node], below output: Node) -> NodeSet {
        var order: [Node] = []
        var seen = Set<Int>()
        var pending = [output]
        while let node = pending.popLast() {
            guard seen.insert(node.id).inserted else { continue }
            order.append(node)
            pending += node.inputs
        }
        order.sort { $0.id < $1.id }
        let targetIDs = Set(targets.map(\.id))
        var result = NodeSet()
        for node in order where targetIDs.contains(node.id) || node.inputs.contains(where: result.contains) {
            result.insert(node)
        }
        return result
    }
}

/// Nodes by identity, in the order of insertion.
struct NodeSet: Sequence {
    private var ids = Set<Int>()
    private var nodes: [Node] = []

    mutating func insert(_ node: Node) {
        if ids.insert(node.id).inserted { nodes.append(node) }
    }

    func contains(_ node: Node) -> Bool { ids.contains(node.id) }

    func makeIterator() -> IndexingIterator<[Node]> { nodes.makeIterator() }
}
