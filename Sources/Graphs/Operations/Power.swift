import Tensors

/// Powers with any exponent; small constant ones become products and roots.
enum PowerOperations {
    static let all: [Operation] = [power]

    static let power: Operation = Operation.binary(
        "power",
        "Power, element by element; shapes broadcast. Constant exponents such as 2 or 0.5 are computed exactly "
            + "by products and roots; power(0, 0) is 1.",
        formula: "y = a^b", example: "power([1, 2, 3], 2)   # -> [1, 4, 9]", .power,
        rewriting: { builder, inputs, _ in
            guard !inputs[1].isTracked, let exponent = inputs[1].value, exponent.count == 1,
                let shape = inputs[0].shape.broadcast(with: exponent.shape), shape == inputs[0].shape
            else { return nil }
            return try constantPower(inputs[0], exponent[flat: 0], builder)
        },
        derivative: { request in
            let (gradient, builder) = (request.gradient, request.builder)
            let (base, exponent) = (request.inputs[0], request.inputs[1])
            func byBase() throws -> Node {
                let power = try builder.apply(power, [base, builder.add(exponent, -1)])
                let slope = try builder.multiply(exponent, power)
                if let known = exponent.value, !exponent.isTracked, known.count == 1, known[flat: 0] != 0 {
                    return try builder.multiply(gradient, slope)
                }
                // 0 * 0^(-1) is nan, but a^0 is the constant 1.
                let zero = try builder.scalar(0, base.elementType)
                let isFlat = try builder.apply(ComparisonOperations.equal, [exponent, zero])
                return try builder.multiply(gradient, builder.select(isFlat, zero, slope))
            }
            func byExponent() throws -> Node {
                // 0^b = 0 does not change with b > 0, but log(0) is infinite.
                let zero = try builder.scalar(0, base.elementType)
                let isZero = try builder.apply(ComparisonOperations.equal, [base, zero])
                let positive = try builder.select(isZero, builder.scalar(1, base.elementType), base)
                let logarithm = try builder.apply(ExponentialOperations.log, [positive])
                return try builder.multiply(gradient, builder.multiply(request.output, logarithm))
            }
            return try request.reducingBroadcast(byBase, byExponent)
        })

    /// `x` to a power that is known and cheap to compute otherwise, or nil.
    private static func constantPower(_ x: Node, _ exponent: Double, _ builder: GraphBuilder) throws -> Node? {
        switch exponent {
        case 0: try builder.broadcast(builder.scalar(1, x.elementType), to: x.shape)
        case 1: x
        case 2: try builder.square(x)
        case 3: try builder.multiply(builder.square(x), x)
        case 4: try builder.square(builder.square(x))
        case 0.5: try builder.apply(ArithmeticOperations.sqrt, [x])
        case -0.5: try builder.apply(ArithmeticOperations.rsqrt, [x])
        case -1: try builder.apply(ArithmeticOperations.reciprocal, [x])
        case -2: try builder.apply(ArithmeticOperations.reciprocal, [builder.square(x)])
        default: nil
        }
    }
}
