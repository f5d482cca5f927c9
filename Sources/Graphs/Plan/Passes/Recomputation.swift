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
        let repeatable = repeatable(roots)
        guard !repeatable.isEmpty else { return roots }
        var copies: [Copy: Node] = [:]
        return try builder.rewrite(roots) { node, original in
            guard node.isSymbolic, node.pass == .backward,
                original.inputs.contains(where: { repeatable.contains($0.id) })
            else { return node }
            let isFused = node.isElementwise || SumGroups.isCandidate(node)
            let inputs = try node.inputs.enumerated().map { place, input in
                let copy = Copy(node: original.inputs[place].id, isFused: isFused)
                guard repeatable.contains(copy.node) else { return input }
                let repeated = try copies[copy] ?? repeated(input, builder)
                copies[copy] = repeated
                return repeated
            }
            (builder.origin, builder.scope, builder.pass) = (node.origin, node.scope, node.pass)
            return try builder.apply(node.operation, inputs, node.attributes)
        }
    }

    /// A node is repeated once for readers that take it into their programs, and once, stored, for the others.
    private struct Copy: Hashable {
        var node: Int
        var isFused: Bool
    }

    /// The nodes that are worth it.
    private static func repeatable(_ roots: PlanRoots) -> Set<Int> {
        let nodes = roots.nodes
        let readers = nodes.readers
        func isReadBackward(_ node: Node) -> Bool { readers[node.id, default: []].contains { $0.pass == .backward } }
        let rootIDs = Set(roots.all.map(\.id))
        return Set(
            nodes.filter { node in
                guard isLink(node), !node.isIdentity, node.elementType == .float32, node.shape.count >= leastElements,
                    !rootIDs.contains(node.id), isReadBackward(node)
                else { return false }
                let (chain, sources) = chain(to: node)
                return chain.count <= longestChain && sources.count == 1
                    && (sources + chain).contains { $0 !== node && isReadBackward($0) }
            }.map(\.id))
    }

    /// The nodes that are computed again for a result, and the tensors of its size that they are made of.
    private static func chain(to node: Node) -> (chain: [Node], sources: [Node]) {
        var (chain, sources): ([Node], [Node]) = ([], [])
        var seen = Set<Int>()
        var pending = [node]
        while let next = pending.popLast() {
            guard seen.insert(next.id).inserted else { continue }
            guard isLink(next) else {
                sources.append(next)
                continue
            }
            chain.append(next)
            pending += next.inputs.filter { $0.shape.count == node.shape.count }
        }
        return (chain, sources)
    }

    private static func isLink(_ node: Node) -> Bool { node.isElementwise && node.isCheap && node.pass == .forward }

    /// A copy of the chain that leads to a node.
    private static func repeated(_ node: Node, _ builder: GraphBuilder) throws -> Node {
        guard isLink(node) else { return node }
        let inputs = try node.inputs.map { $0.shape.count == node.shape.count ? try repeated($0, builder) : $0 }
        (builder.origin, builder.scope) = (node.origin, node.scope)
        return try builder.apply(node.operation, inputs, node.attributes)
    }
}
