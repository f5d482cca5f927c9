import Tensors

/// Elementwise arithmetic with broadcasting.
enum ArithmeticOperations {
    static let all: [Operation] = [
        add, subtract, multiply, divide, mod, minimum, maximum, negate, abs, sign, square, sqrt, rsqrt, reciprocal,
    ]

    static let add: Operation = Operation.binary(
        "add", "Sum, element by element; shapes broadcast.", formula: "y = a + b",
        example: "add([1, 2], 3)   # -> [4, 5]", .add,
        derivative: { request in
            let gradient = request.gradient
            return try request.reducingBroadcast({ gradient }, { gradient })
        })

    static let subtract: Operation = Operation.binary(
        "subtract", "Difference, element by element; shapes broadcast.", formula: "y = a - b",
        example: "subtract([5, 7], 3)   # -> [2, 4]", .subtract,
        derivative: { request in
            let gradient = request.gradient
            return try request.reducingBroadcast({ gradient }, { try request.builder.negate(gradient) })
        })

    static let multiply: Operation = Operation.binary(
        "multiply", "Product, element by element; shapes broadcast.", formula: "y = a b",
        example: "multiply([1, 2], [3, 4])   # -> [3, 8]", .multiply,
        derivative: { request in
            let (gradient, builder) = (request.gradient, request.builder)
            return try request.reducingBroadcast(
                { try builder.multiply(gradient, request.inputs[1]) },
                { try builder.multiply(gradient, request.inputs[0]) })
        })

    static let divide: Operation = Operation.binary(
        "divide", "Quotient, element by element; shapes broadcast. Division by 0 gives inf or nan.",
        formula: "y = a / b", example: "divide([6, 8], 2)   # -> [3, 4]", .divide,
        derivative: { request in
            let builder = request.builder
            let byA = try builder.divide(request.gradient, request.inputs[1])
            return try request.reducingBroadcast(
                { byA }, { try builder.negate(builder.multiply(byA, request.output)) })
        })

    static let mod: Operation = Operation(
        "mod",
        documentation: OperationDocumentation(
            "Remainder of a division, with the sign of the divisor; shapes broadcast.",
            formula: "y = a - b floor(a / b)",
            shapes: "[…], […] -> broadcast […]", example: "mod([5, -1], 3)   # -> [2, 2]"),
        parameters: [OperationParameter("a", .tensor), OperationParameter("b", .tensor)],
        infer: { inputs, _ in
            TensorType(inputs[0].elementType, try ShapeRules.broadcast(inputs, for: "mod"))
        },
        derivative: { request in
            let (gradient, builder) = (request.gradient, request.builder)
            return try request.reducingBroadcast(
                { gradient },
                {
                    let count = try builder.apply(
                        RoundingOperations.floor, [builder.divide(request.inputs[0], request.inputs[1])])
                    return try builder.negate(builder.multiply(gradient, count))
                })
        },
        kernel: .elementwise { program, operands, _ in
            let count = program.emit(.floor, program.emit(.divide, operands[0], operands[1]))
            return program.emit(.subtract, operands[0], program.emit(.multiply, operands[1], count))
        })

    static let minimum: Operation = extremum(
        "minimum", "The smaller of two numbers, element by element; shapes broadcast.", formula: "y = min(a, b)",
        example: "minimum([1, 5], 3)   # -> [1, 3]", .minimum, inner: { ComparisonOperations.less },
        innerOrTie: { ComparisonOperations.lessEqual })

    static let maximum: Operation = extremum(
        "maximum", "The larger of two numbers, element by element; shapes broadcast.", formula: "y = max(a, b)",
        example: "maximum([1, 5], 3)   # -> [3, 5]", .maximum, inner: { ComparisonOperations.greater },
        innerOrTie: { ComparisonOperations.greaterEqual })

    /// `wins(a, b)` says where `a` is strictly the result, `winsOrTies` where it is the result or equal to `b`.
    private static func extremum(
        _ name: String, _ summary: String, formula: String, example: String, _ opcode: ElementwiseProgram.Opcode,
        inner wins: @escaping @Sendable () -> Operation, innerOrTie winsOrTies: @escaping @Sendable () -> Operation
    ) -> Operation {
        Operation.binary(
            name, summary + " Where both depend on the variable, a tie gives each half of the derivative.",
            formula: formula, example: example, opcode,
            derivative: { request in
                let (gradient, builder) = (request.gradient, request.builder)
                /// One operand: the derivative is 1 where it wins strictly, so that relu'(0) = 0. The output stands in
                /// for it, and the operand itself need not be kept for the backward pass.
                func alone(against other: Int) throws -> Node {
                    try builder.multiply(gradient, builder.apply(wins(), [request.output, request.inputs[other]]))
                }
                func shared(_ own: Int, _ other: Int) throws -> Node {
                    let pair = [request.inputs[own], request.inputs[other]]
                    let twice = try builder.add(builder.apply(wins(), pair), builder.apply(winsOrTies(), pair))
                    return try builder.multiply(gradient, builder.multiply(twice, 0.5))
                }
                let both = request.needed[0] && request.needed[1]
                return try request.reducingBroadcast(
                    { both ? try shared(0, 1) : try alone(against: 1) },
                    { both ? try shared(1, 0) : try alone(against: 0) })
            })
    }

    static let negate: Operation = Operation.unary(
        "negate", "Changes the sign.", formula: "y = -x", example: "negate([1, -2])   # -> [-1, 2]", .negate,
        derivative: { request in try request.builder.negate(request.gradient) })

    static let abs: Operation = Operation.unary(
        "abs", "Absolute value; its derivative at 0 is 0.", formula: "y = |x|", example: "abs([-2, 3])   # -> [2, 3]",
        .absolute,
        derivative: { request in
            let builder = request.builder
            return try builder.multiply(request.gradient, builder.apply(sign, [request.inputs[0]]))
        })

    static let sign: Operation = Operation.unary(
        "sign", "-1, 0 or 1: the sign of each element.", formula: "y = x / |x|, 0 at 0",
        example: "sign([-2, 0, 3])   # -> [-1, 0, 1]", .sign, derivative: nil)

    static let square: Operation = Operation.unary(
        "square", "Each element times itself.", formula: "y = x^2", example: "square([1, 2, 3])   # -> [1, 4, 9]",
        .square,
        derivative: { request in
            let builder = request.builder
            return try builder.multiply(request.gradient, builder.multiply(request.inputs[0], 2))
        })

    static let sqrt: Operation = Operation.unary(
        "sqrt", "Square root; nan of a negative number, and an infinite derivative at 0.", formula: "y = x^(1/2)",
        example: "sqrt([4, 9])   # -> [2, 3]", .squareRoot,
        derivative: { request in
            let builder = request.builder
            return try builder.divide(builder.multiply(request.gradient, 0.5), request.output)
        })

    static let rsqrt: Operation = Operation.unary(
        "rsqrt", "One over the square root.", formula: "y = x^(-1/2)", example: "rsqrt([4, 16])   # -> [0.5, 0.25]",
        .reciprocalSquareRoot,
        derivative: { request in
            let builder = request.builder
            let cube = try builder.multiply(request.output, builder.square(request.output))
            return try builder.multiply(request.gradient, builder.multiply(cube, -0.5))
        })

    static let reciprocal: Operation = Operation.unary(
        "reciprocal", "One over each element.", formula: "y = 1 / x", example: "reciprocal([2, 4])   # -> [0.5, 0.25]",
        .reciprocal,
        derivative: { request in
            let builder = request.builder
            return try builder.negate(builder.multiply(request.gradient, builder.square(request.output)))
        })
}
