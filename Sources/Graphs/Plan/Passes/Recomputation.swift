import Tensors

/// Lets the backward pass compute again what the forward pass made of one tensor with a few cheap operations, where it
/// reads that tensor anyway: the output of a normalisation and the ReLU behind it.
///
/// What reads the result element by element takes one operand less, as it reads the tensor already; for a convolution's
/// weight gradient the result is made anew. In between it needs no memory: of what a normalised layer keeps for the
/// backward pass half is left (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
package enum Recomputation {
    private static let leastElements = 1 << 12
    private static let longestChain = 5

    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        let chains = chains(of: roots)
        guard !chains.isEmpty else { return roots }
        // A copy that readers of their own kind take into their programs, and one that is stored.
        var inlined: [Int: Node] = [:]
        var stored: [Int: Node] = [:]
        return try builder.rewrite(roots) { node, original in
            guard node.isSymbolic, node.pass == .backward, original.inputs.contains(where: { chains[$0.id] != nil })
            else { return node }
            let isFused = node.isElementwise || SumGroups.isCandidate(node)
            var inputs = node.inputs
            for (place, input) in original.inputs.enumerated() {
                guard let chain = chains[input.id] else { continue }
                let known = isFused ? inlined[input.id] : stored[input.id]
                let copy = try known ?? repeated(node.inputs[place], chain: chain.count, builder)
                if isFused { inlined[input.id] = copy } else { stored[input.id] = copy }
                inputs[place] = copy
            }
            (builder.origin, builder.scope, builder.pass) = (node.origin, node.scope, node.pass)
            return try builder.apply(node.operation, inputs, node.attributes)
        }
    }

    /// For each node that is worth it, the nodes that are computed again, itself among them.
    private static func chains(of roots: PlanRoots) -> [Int: Set<Int>] {
        var readers: [Int: [Node]] = [:]
        let nodes = roots.nodes
        for node in nodes where node.isSymbolic {
            for input in node.inputs { readers[input.id, default: []].append(node) }
        }
        func isReadBackward(_ node: Node) -> Bool { readers[node.id, default: []].contains { $0.pass == .backward } }
        let rootIDs = Set(roots.all.map(\.id))
        var result: [Int: Set<Int>] = [:]
        for node in nodes {
            guard node.isElementwise, !node.isIdentity, node.pass == .forward, node.elementType == .float32,
                node.shape.count >= leastElements, !rootIDs.contains(node.id), isReadBackward(node)
            else { continue }
            var chain: [Int: Node] = [:]
            var sources: [Int: Node] = [:]
            var pending = [node]
            while let next = pending.popLast() {
                guard chain.updateValue(next, forKey: next.id) == nil else { continue }
                for input in next.inputs where input.shape.count == node.shape.count {
                    let isLink = input.isElementwise && input.isCheap && input.pass == .forward
                    if isLink { pending.append(input) } else { sources[input.id] = input }
                }
            }
            guard chain.count <= longestChain, node.isCheap, sources.count == 1,
                (Array(sources.values) + chain.values).contains(where: { $0 !== node && isReadBackward($0) })
            else { continue }
            result[node.id] = Set(chain.keys)
        }
        return result
    }

    /// A copy of the last `chain` nodes that lead to `node`, down to the tensor that they are made of.
    private static func repeated(_ node: Node, chain: Int, _ builder: GraphBuilder) throws -> Node {
        guard chain > 0, node.isElementwise, node.isCheap else { return node }
        let inputs = try node.inputs.map { input in
            input.shape.count == node.shape.count ? try repeated(input, chain: chain - 1, builder) : input
        }
        (builder.origin, builder.scope) = (node.origin, node.scope)
        return try builder.apply(node.operation, inputs, node.attributes)
    }
}
