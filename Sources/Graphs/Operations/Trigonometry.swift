import Tensors

/// Trigonometric functions of angles in radians.
enum TrigonometryOperations {
    static let all: [Operation] = [sin, cos, tan]

    static let sin: Operation = Operation.unary(
        "sin", "Sine of an angle in radians.", formula: "y = sin x", example: "sin(0)   # -> 0", .sine,
        derivative: { request in
            try request.builder.multiply(request.gradient, request.builder.apply(cos, [request.inputs[0]]))
        })

    static let cos: Operation = Operation.unary(
        "cos", "Cosine of an angle in radians.", formula: "y = cos x", example: "cos(0)   # -> 1", .cosine,
        derivative: { request in
            let builder = request.builder
            let sine = try builder.apply(sin, [request.inputs[0]])
            return try builder.negate(builder.multiply(request.gradient, sine))
        })

    static let tan: Operation = Operation.unary(
        "tan", "Tangent of an angle in radians.", formula: "y = sin x / cos x", example: "tan(0)   # -> 0", .tangent,
        derivative: { request in
            let builder = request.builder
            return try builder.multiply(request.gradient, builder.add(builder.square(request.output), 1))
        })
}
