import Tensors

/// What derivative rules (and others who write formulas on nodes) emit.
extension GraphBuilder {
    public func add(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.add, [a, b]) }

    public func add(_ a: Node, _ number: Double) throws -> Node { try add(a, scalar(number, a.elementType)) }

    public func subtract(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.subtract, [a, b]) }

    public func subtract(_ number: Double, _ b: Node) throws -> Node { try subtract(scalar(number, b.elementType), b) }

    public func multiply(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.multiply, [a, b]) }

    public func multiply(_ a: Node, _ number: Double) throws -> Node { try multiply(a, scalar(number, a.elementType)) }

    public func divide(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.divide, [a, b]) }

    public func negate(_ a: Node) throws -> Node { try apply(ArithmeticOperations.negate, [a]) }

    public func minimum(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.minimum, [a, b]) }
    public func maximum(_ a: Node, _ b: Node) throws -> Node { try apply(ArithmeticOperations.maximum, [a, b]) }
    public func squareRoot(_ a: Node) throws -> Node { try apply(ArithmeticOperations.sqrt, [a]) }
    public func square(_ a: Node) throws -> Node { try apply(ArithmeticOperations.square, [a]) }

    /// `a` where `condition` is not 0, else `b`.
    public func select(_ condition: Node, _ a: Node, _ b: Node) throws -> Node {
        try apply(ComparisonOperations.select, [condition, a, b])
    }

    /// Sum over `axes`, all where nil.
    public func sum(_ x: Node, axes: [Int]? = nil, keep: Bool = false) throws -> Node {
        try apply(ReductionOperations.sum, [x], Self.reductionAttributes(axes, keep))
    }

    /// Mean over `axes`, all where nil.
    public func mean(_ x: Node, axes: [Int]? = nil, keep: Bool = false) throws -> Node {
        try apply(ReductionOperations.mean, [x], Self.reductionAttributes(axes, keep))
    }

    static func reductionAttributes(_ axes: [Int]?, _ keep: Bool) -> Attributes {
        var attributes: Attributes = ["keep": .flag(keep)]
        if let axes { attributes["axis"] = .integers(axes) }
        return attributes
    }

    /// The same elements under another shape of the same count.
    public func reshape(_ x: Node, to shape: Shape) throws -> Node {
        if x.shape == shape { return x }
        return try apply(ReshapingOperations.reshape, [x], ["shape": .integers(shape.dimensions)])
    }

    /// Repeats `x` along new axes and along axes of extent 1, so that it has `shape`.
    public func broadcast(_ x: Node, to shape: Shape) throws -> Node {
        if x.shape == shape { return x }
        return try apply(BroadcastingOperations.broadcastTo, [x], ["shape": .integers(shape.dimensions)])
    }

    /// The adjoint of `broadcast`: sums over the axes along which something of `shape` was repeated.
    public func sum(_ x: Node, to shape: Shape) throws -> Node {
        if x.shape == shape { return x }
        let shift = x.shape.rank - shape.rank
        let axes = x.shape.dimensions.indices.filter { axis in
            axis < shift || (shape[axis - shift] == 1 && x.shape[axis] != 1)
        }
        return try reshape(axes.isEmpty ? x : sum(x, axes: axes), to: shape)
    }

    /// A result of a reduction of `shape` over `axes` (kept or not), repeated to `shape` again.
    func expand(_ reduced: Node, over axes: [Int], to shape: Shape) throws -> Node {
        try broadcast(reshape(reduced, to: ShapeRules.reduced(shape, axes: axes, keep: true)), to: shape)
    }

    /// Matrix product, with either factor read as if transposed.
    public func matmul(_ a: Node, _ b: Node, transposeA: Bool = false, transposeB: Bool = false) throws -> Node {
        try apply(
            MatrixProductOperations.matmul, [a, b],
            ["transposeA": .flag(transposeA), "transposeB": .flag(transposeB)])
    }

    /// Swaps the last two axes.
    func transposeMatrix(_ x: Node) throws -> Node {
        let rank = x.shape.rank
        let axes = Array(0..<rank - 2) + [rank - 1, rank - 2]
        return try apply(TranspositionOperations.transpose, [x], ["axes": .integers(axes)])
    }
}

extension DerivativeRequest {
    var output: Node { node }

    /// Gradients of an operation whose inputs were broadcast: each is summed to its input's shape.
    func reducingBroadcast(_ rules: (() throws -> Node?)...) throws -> [Node?] {
        try rules.enumerated().map { index, rule in
            guard needed[index], let contribution = try rule() else { return nil }
            return try builder.sum(contribution, to: inputs[index].shape)
        }
    }
}
