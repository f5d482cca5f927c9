import Tensors

/// Sums and means over the same axes of tensors of one shape that depend on none of each other and share something
/// large that they read: they are made in one pass, together with the elementwise work that leads to them.
struct SumGroups {
    private(set) var groups: [[Node]] = []

    private static let mostOperands = 16

    /// Sums that a program's kernel could make.
    static func candidates(_ nodes: [Node]) -> Set<Int> {
        Set(nodes.filter(isCandidate).map(\.id))
    }

    static func isCandidate(_ node: Node) -> Bool { axes(of: node) != nil }

    /// The axes of a sum or mean in float32 whose axes are neighbours, nil for other nodes.
    private static func axes(of node: Node) -> [Int]? {
        guard node.isSymbolicSum, node.elementType == .float32,
            let axes = try? ShapeRules.axes(node.attributes, of: node.inputs[0].shape, for: node.operation.name),
            ProgramSumKernel.block(node.inputs[0].shape, axes: axes) != nil
        else { return nil }
        return axes.filter { node.inputs[0].shape[$0] != 1 }.sorted()
    }

    /// - Parameters:
    ///   - nodes: all nodes, inputs before readers.
    ///   - inlined: nodes that are computed anew by each group that reads them.
    ///   - sources: what a node reads once inlined nodes are seen through.
    init(_ nodes: [Node], candidates: Set<Int>, inlined: Set<Int>, sources: (Node) -> [Node]) {
        struct Key: Hashable {
            var shape: Shape
            var axes: [Int]
            /// How many sums lie on the longest way to a sum: sums at one depth do not depend on each other.
            var depth: Int
        }
        var depths: [Int: Int] = [:]
        var groupsOfKey: [Key: [Int]] = [:]
        var operands: [Set<Int>] = []
        for node in nodes where node.isSymbolic {
            var depth = node.inputs.reduce(0) { max($0, depths[$1.id] ?? 0) }
            defer { depths[node.id] = depth }
            guard candidates.contains(node.id), let axes = Self.axes(of: node) else { continue }
            depth += 1
            let key = Key(shape: node.inputs[0].shape, axes: axes, depth: depth)
            let own = Set(sources(node).map(\.id))
            let large = Set(sources(node).filter { $0.shape.count == key.shape.count }.map(\.id))
            let partner = (groupsOfKey[key] ?? []).first { group in
                groups[group].count < ProgramSumKernel.mostOutputs && !large.isDisjoint(with: operands[group])
                    && operands[group].union(own).count <= Self.mostOperands
            }
            if let partner {
                groups[partner].append(node)
                operands[partner].formUnion(own)
            } else {
                groupsOfKey[key, default: []].append(groups.count)
                groups.append([node])
                operands.append(own)
            }
        }
        // One sum of something that lies in memory gains nothing.
        groups.removeAll { $0.count == 1 && !inlined.contains($0[0].inputs[0].id) }
    }

    /// What the kernel is to do for a group, given the program of its sums' inputs.
    static func sums(of group: [Node], _ program: ElementwiseProgram) -> ProgramSumKernel.Sums {
        let shape = group[0].inputs[0].shape, axes = axes(of: group[0]) ?? []
        let count = Double(axes.reduce(1) { $0 * shape[$1] })
        return ProgramSumKernel.Sums(
            program: program, shape: shape, axes: axes,
            scales: group.map { $0.operation.name == "mean" ? 1 / count : 1 })
    }
}

extension Node {
    /// Whether the node is a sum or mean of what has no numbers yet.
    var isSymbolicSum: Bool { isSymbolic && ["sum", "mean"].contains(operation.name) }
}
