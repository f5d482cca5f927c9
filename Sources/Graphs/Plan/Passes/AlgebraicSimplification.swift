import Tensors

/// Replaces nodes by cheaper ones that are equal for all numbers, up to a rounding.
package enum AlgebraicSimplification {
    private static let leastQuotients = 64

    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        try builder.rewrite(roots) { node, _ in
            guard node.isSymbolic, !node.inputs.isEmpty else { return node }
            let node = try shrinkingConstants(node, builder)
            let result = try simplified(node, builder)
            return result.type == node.type ? result : node
        }
    }

    /// Constants of one number are scalars: they need no memory traffic.
    private static func shrinkingConstants(_ node: Node, _ builder: GraphBuilder) throws -> Node {
        guard node.isElementwise, !node.isIdentity else { return node }
        var changes = false
        let inputs = try node.inputs.map { input in
            guard input.shape.count > 1, let number = input.uniformValue else { return input }
            changes = true
            return try builder.scalar(number, input.elementType)
        }
        guard changes, try node.operation.infer(inputs.map(\.type), node.attributes) == node.type else { return node }
        return try builder.apply(node.operation, inputs, node.attributes)
    }

    private static func simplified(_ node: Node, _ builder: GraphBuilder) throws -> Node {
        let inputs = node.inputs
        switch node.operation.name {
        case "add":
            if isNumber(0, inputs[1]) { return inputs[0] }
            if isNumber(0, inputs[0]) { return inputs[1] }
            if let b = operand(of: inputs[1], "negate") { return try builder.subtract(inputs[0], b) }
            if let a = operand(of: inputs[0], "negate") { return try builder.subtract(inputs[1], a) }
        case "subtract":
            if isNumber(0, inputs[1]) { return inputs[0] }
            if let b = operand(of: inputs[1], "negate") { return try builder.add(inputs[0], b) }
        case "multiply":
            if isNumber(1, inputs[1]) { return inputs[0] }
            if isNumber(1, inputs[0]) { return inputs[1] }
            if isNumber(-1, inputs[1]) { return try builder.negate(inputs[0]) }
            if isNumber(-1, inputs[0]) { return try builder.negate(inputs[1]) }
        case "divide":
            if isNumber(1, inputs[1]) { return inputs[0] }
            // One division instead of many: Adam's bias corrections. The result differs by a rounding.
            if inputs[1].isSymbolic, inputs[1].shape.count == 1, node.shape.count >= leastQuotients,
                node.elementType == .float32, inputs[0].type == node.type
            {
                return try builder.multiply(inputs[0], builder.apply(ArithmeticOperations.reciprocal, [inputs[1]]))
            }
        case "power":
            if isNumber(1, inputs[1]) { return inputs[0] }
        case "negate":
            if let x = operand(of: inputs[0], "negate") { return x }
        case "convert":
            if inputs[0].type == node.type { return inputs[0] }
            // float32 survives a visit to float64.
            if let x = operand(of: inputs[0], "convert"), x.type == node.type, x.elementType == .float32 { return x }
        case "reshape":
            if inputs[0].type == node.type { return inputs[0] }
            if let x = operand(of: inputs[0], "reshape") { return try builder.reshape(x, to: node.shape) }
        case "broadcast_to":
            if inputs[0].type == node.type { return inputs[0] }
            if let x = operand(of: inputs[0], "broadcast_to") { return try builder.broadcast(x, to: node.shape) }
        case "sum", "mean": return try reductionOfRepetition(node, builder)
        default: break
        }
        return node
    }

    /// A sum over exactly the axes along which its input repeats something is a multiple of that.
    private static func reductionOfRepetition(_ node: Node, _ builder: GraphBuilder) throws -> Node {
        guard let x = operand(of: node.inputs[0], "broadcast_to") else { return node }
        let wide = node.inputs[0].shape
        let shift = wide.rank - x.shape.rank
        let repeated = wide.dimensions.indices.filter { $0 < shift || x.shape[$0 - shift] != wide[$0] }
        let axes = try ShapeRules.axes(node.attributes, of: wide, for: node.operation.name)
        guard Set(axes).isSuperset(of: repeated), axes.allSatisfy({ repeated.contains($0) || wide[$0] == 1 }),
            !repeated.contains(where: { wide[$0] == 0 })
        else { return node }
        let count = Double(repeated.reduce(1) { $0 * wide[$1] })
        let multiple = node.operation.name == "mean" ? x : try builder.multiply(x, count)
        return try builder.reshape(multiple, to: node.shape)
    }

    private static func isNumber(_ number: Double, _ node: Node) -> Bool {
        node.isFusedConstant && node.uniformValue == number
    }

    private static func operand(of node: Node, _ name: String) -> Node? {
        node.isSymbolic && node.operation.name == name ? node.inputs[0] : nil
    }
}
