import Tensors

/// Takes sums and means apart where what they sum was joined from parts along an axis that stays:
///
///     mean([a; b])             is [mean(a); mean(b)]
///     mean(([a; b] - [c; d])²) is [mean((a - c)²); mean((b - d)²)]
///
/// In a DenseNet each normalisation reads everything that came before it, joined: the statistics of a part are the
/// same every time, and are computed once when common subexpressions have been found.
package enum JoinedReductions {
    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        try builder.rewrite(roots) { node, _ in
            guard node.isSymbolicSum else { return node }
            let x = node.inputs[0]
            let axes = try ShapeRules.axes(node.attributes, of: x.shape, for: node.operation.name)
            guard let join = Join(in: x, depth: 0), !axes.contains(x.shape.rank - join.fromEnd) else { return node }
            var reduced: [Node] = []
            for range in join.ranges {
                guard let part = try part(of: x, range, fromEnd: join.fromEnd, builder) else { return node }
                reduced.append(try builder.apply(node.operation, [part], node.attributes))
            }
            let axis = x.shape.rank - join.fromEnd
            let keeps = node.shape.rank == x.shape.rank
            return try builder.apply(
                JoiningOperations.concat, reduced,
                ["axis": .integer(keeps ? axis : axis - axes.count { $0 < axis })])
        }
    }

    /// An axis, counted from the last one, and the ranges along it that were joined.
    private struct Join {
        var fromEnd: Int
        var ranges: [Range<Int>]

        private static let deepestSearch = 6

        /// The first join among what `x` is computed from element by element.
        init?(in x: Node, depth: Int) {
            guard x.isSymbolic, depth < Self.deepestSearch else { return nil }
            if x.operation.name == "concat", let axis = JoinedReductions.axis(ofJoin: x) {
                fromEnd = x.shape.rank - axis
                ranges = JoinedReductions.parts(of: x, axis: axis).map(\.range)
                return
            }
            guard x.isElementwise else { return nil }
            for input in x.inputs where input.shape == x.shape {
                if let join = Join(in: input, depth: depth + 1) {
                    self = join
                    return
                }
            }
            return nil
        }
    }

    private static func axis(ofJoin node: Node) -> Int? {
        node.shape.resolve(axis: node.attributes.integer("axis", default: 0))
    }

    /// What was joined along `axis`, joins of joins taken apart.
    private static func parts(of join: Node, axis: Int) -> [(node: Node, range: Range<Int>)] {
        var result: [(node: Node, range: Range<Int>)] = []
        var start = 0
        var pending = Array(join.inputs.reversed())
        while let next = pending.popLast() {
            if next.isSymbolic, next.operation.name == "concat", self.axis(ofJoin: next) == axis {
                pending += next.inputs.reversed()
            } else {
                result.append((next, start..<start + next.shape[axis]))
                start += next.shape[axis]
            }
        }
        return result
    }

    /// The part of a node within a range of an axis, without a copy of anything large; nil where it takes one.
    private static func part(
        of node: Node, _ range: Range<Int>, fromEnd: Int, _ builder: GraphBuilder
    ) throws -> Node? {
        let axis = node.shape.rank - fromEnd
        if axis < 0 || node.shape[axis] == 1 { return node }
        if node.isSymbolic, node.operation.name == "concat", self.axis(ofJoin: node) == axis {
            return parts(of: node, axis: axis).first { $0.range == range }?.node
        }
        if node.isSymbolic, node.operation.name == "broadcast_to" {
            var narrow = node.shape
            narrow[axis] = range.count
            return try part(of: node.inputs[0], range, fromEnd: fromEnd, builder).map {
                try builder.broadcast($0, to: narrow)
            }
        }
        if node.isElementwise {
            var inputs: [Node] = []
            for input in node.inputs {
                guard let part = try part(of: input, range, fromEnd: fromEnd, builder) else { return nil }
                inputs.append(part)
            }
            return try builder.apply(node.operation, inputs, node.attributes)
        }
        // A vector along the axis is cheap to cut.
        guard node.shape.count == node.shape[axis] else { return nil }
        return try builder.slice(node, axis: axis, from: range.lowerBound, to: range.upperBound)
    }
}
