import Tensors

/// The nodes that a plan has to deliver; what passes transform.
package struct PlanRoots {
    package var outputs: [Node]
    package var updates: [(variable: Node, value: Node)]

    package init(outputs: [Node], updates: [(variable: Node, value: Node)] = []) {
        self.outputs = outputs
        self.updates = updates
    }

    var all: [Node] { outputs + updates.map(\.value) }

    /// Everything that the roots need, inputs before readers. Nodes with numbers count as sources.
    package var nodes: [Node] {
        var found: [Node] = []
        var seen = Set<Int>()
        var pending = all
        while let node = pending.popLast() {
            guard seen.insert(node.id).inserted else { continue }
            found.append(node)
            if node.isSymbolic { pending += node.inputs }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// How often each node is read; a root counts as one reader more.
    var readerCounts: [Int: Int] {
        var counts: [Int: Int] = [:]
        for node in nodes where node.isSymbolic {
            for input in node.inputs { counts[input.id, default: 0] += 1 }
        }
        for root in all { counts[root.id, default: 0] += 1 }
        return counts
    }
}

extension [Node] {
    /// For each node those of these that read it, once for each time.
    var readers: [Int: [Node]] {
        var readers: [Int: [Node]] = [:]
        for node in self where node.isSymbolic {
            for input in node.inputs { readers[input.id, default: []].append(node) }
        }
        return readers
    }
}

extension GraphBuilder {
    /// Rebuilds the graph from its sources up. `rule` sees each node with its inputs already replaced, and as it was,
    /// and gives the node or what stands for it: a node of the same type.
    func rewrite(_ roots: PlanRoots, _ rule: (_ node: Node, _ original: Node) throws -> Node) throws -> PlanRoots {
        var replacements: [Int: Node] = [:]
        let (savedOrigin, savedScope, savedPass) = (origin, scope, pass)
        defer { (origin, scope, pass) = (savedOrigin, savedScope, savedPass) }
        for node in roots.nodes {
            (origin, scope, pass) = (node.origin, node.scope, node.pass)
            let inputs = node.isSymbolic ? node.inputs.map { replacements[$0.id] ?? $0 } : []
            let result = try rule(node.isSymbolic ? rebuild(node, on: inputs) : node, node)
            precondition(result.type == node.type, "\(node.operation.name) was replaced by another type")
            replacements[node.id] = result
        }
        return PlanRoots(
            outputs: roots.outputs.map { replacements[$0.id] ?? $0 },
            updates: roots.updates.map { ($0.variable, replacements[$0.value.id] ?? $0.value) })
    }

    /// The same operation on other inputs of the same types.
    private func rebuild(_ node: Node, on inputs: [Node]) throws -> Node {
        if zip(inputs, node.inputs).allSatisfy({ $0 === $1 }) { return node }
        if inputs.allSatisfy({ !$0.isSymbolic }) { return try apply(node.operation, inputs, node.attributes) }
        return Node(
            operation: node.operation, attributes: node.attributes, inputs: inputs, type: node.type, value: nil,
            isTracked: node.isTracked, origin: node.origin, scope: node.scope, pass: node.pass)
    }
}

extension Node {
    /// The number that all elements of a node with numbers are, or nil.
    var uniformValue: Double? {
        guard let value, value.count > 0 else { return nil }
        let first = value[flat: 0]
        for index in 1..<max(1, value.count) where value[flat: index].bitPattern != first.bitPattern { return nil }
        return first
    }
}
