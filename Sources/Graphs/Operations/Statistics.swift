import Tensors

/// Statistics written in terms of other operations, and running sums.
enum StatisticsOperations {
    static let all: [Operation] = [variance, std, norm, normRoot, logsumexp, cumsum]

    static let variance: Operation = composite(
        "variance", "Mean squared distance from the mean; unbiased divides by n - 1 instead of n.",
        "y = 1/n sum of (x_i - mean)^2", "variance([1, 2, 3, 4])   # -> 1.25", [unbiased]
    ) { builder, x, attributes, axes, keep in
        let distance = try builder.subtract(x, builder.mean(x, axes: axes, keep: true))
        let squares = try builder.square(distance)
        guard attributes.flag("unbiased", default: false) else {
            return try builder.mean(squares, axes: axes, keep: keep)
        }
        let count = ReductionOperations.extent(of: axes, in: x.shape)
        return try builder.multiply(builder.sum(squares, axes: axes, keep: keep), 1 / Double(count - 1))
    }

    static let std: Operation = composite(
        "std", "Standard deviation; unbiased divides by n - 1 instead of n. Its derivative is infinite where it is 0.",
        "y = sqrt(variance(x))", "std([1, 1, 3, 3])   # -> 1", [unbiased]
    ) { builder, x, attributes, axes, keep in
        var settings = GraphBuilder.reductionAttributes(axes, keep)
        settings["unbiased"] = attributes["unbiased"]
        return try builder.apply(ArithmeticOperations.sqrt, [builder.apply(variance, [x], settings)])
    }

    static let norm: Operation = composite(
        "norm", "Euclidean length; its derivative at 0 is 0.", "y = sqrt(sum of x_i^2)", "norm([3, 4])   # -> 5"
    ) { builder, x, _, axes, keep in
        try builder.apply(normRoot, [builder.sum(builder.square(x), axes: axes, keep: keep)])
    }

    /// A square root whose derivative at 0 is 0, as a norm's is to be.
    static let normRoot: Operation = Operation.unary(
        "norm_root", "Square root whose derivative at 0 is 0.", formula: "y = x^(1/2)", example: "", isPublic: false,
        .squareRoot,
        derivative: { request in
            let builder = request.builder
            let (zero, one) = (
                try builder.scalar(0, request.gradient.elementType), try builder.scalar(1, request.gradient.elementType)
            )
            let isZero = try builder.apply(ComparisonOperations.equal, [request.output, zero])
            let divisor = try builder.select(isZero, one, request.output)
            let slope = try builder.divide(builder.multiply(request.gradient, 0.5), divisor)
            return try builder.select(isZero, zero, slope)
        })

    static let logsumexp: Operation = composite(
        "logsumexp", "Logarithm of a sum of exponentials, without overflow.", "y = ln(sum of e^(x_i))",
        "logsumexp([1000, 1000]) - 1000 - log(2)   # -> 0", needsElements: true
    ) { builder, x, _, axes, keep in
        let largest = try builder.apply(
            ReductionOperations.max, [x], GraphBuilder.reductionAttributes(axes, true))
        // Subtracting an infinite maximum would give nan.
        let magnitude = try builder.apply(ArithmeticOperations.abs, [largest])
        let infinity = try builder.scalar(.infinity, x.elementType)
        let isInfinite = try builder.apply(ComparisonOperations.equal, [magnitude, infinity])
        let shift = try builder.apply(
            ReshapingOperations.stopGradient,
            [builder.select(isInfinite, builder.scalar(0, x.elementType), largest)])
        let exponentials = try builder.apply(ExponentialOperations.exp, [builder.subtract(x, shift)])
        let logarithm = try builder.apply(
            ExponentialOperations.log, [builder.sum(exponentials, axes: axes, keep: true)])
        let result = try builder.add(logarithm, shift)
        return try builder.reshape(result, to: ShapeRules.reduced(x.shape, axes: axes, keep: keep))
    }

    private static let unbiased = OperationParameter("unbiased", .flag, default: .flag(false))

    private static func composite(
        _ name: String, _ summary: String, _ formula: String, _ example: String,
        _ more: [OperationParameter] = [], needsElements: Bool = false,
        rewriting: @escaping @Sendable (GraphBuilder, Node, Attributes, _ axes: [Int], _ keep: Bool) throws -> Node
    ) -> Operation {
        Operation(
            name,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "[…, n, …] -> […, …], or […, 1, …] with keep: true",
                example: example),
            parameters: ReductionOperations.parameters + more,
            infer: { inputs, attributes in
                let shape = inputs[0].shape
                let axes = try ShapeRules.axes(attributes, of: shape, for: name)
                let keep = attributes.flag("keep", default: false)
                return TensorType(inputs[0].elementType, ShapeRules.reduced(shape, axes: axes, keep: keep))
            },
            rewriting: { builder, inputs, attributes in
                try rewriting(
                    builder, inputs[0], attributes, ShapeRules.axes(attributes, of: inputs[0].shape, for: name),
                    attributes.flag("keep", default: false))
            })
    }

    static let cumsum: Operation = Operation(
        "cumsum",
        documentation: OperationDocumentation(
            "Running sum along an axis; reverse sums from the end.", formula: "y_i = x_0 + … + x_i",
            shapes: "[…, n, …] -> same", example: "cumsum([1, 2, 3])   # -> [1, 3, 6]"),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("axis", .integer, default: .integer(0)),
            OperationParameter("reverse", .flag, default: .flag(false)),
        ],
        infer: { inputs, attributes in
            _ = try ShapeRules.axis(attributes.integer("axis", default: 0), of: inputs[0].shape, for: "cumsum")
            return inputs[0]
        },
        derivative: { request in
            var attributes = request.attributes
            attributes["reverse"] = .flag(!attributes.flag("reverse", default: false))
            return [try request.builder.apply(cumsum, [request.gradient], attributes)]
        },
        kernel: .computed { request in
            let shape = request.inputs[0].shape
            let axis = try ShapeRules.axis(
                request.attributes.integer("axis", default: 0), of: shape, for: "cumsum")
            let reverse = request.attributes.flag("reverse", default: false)
            let walk = AxisWalk(shape, axes: [axis], elementType: request.output.elementType)
            return walk.kernel(
                "running sum", float: { accumulate($0, $1, reverse) }, double: { accumulate($0, $1, reverse) })
        })

    private static func accumulate<E: KernelElement>(
        _ x: AxisWalk.Line<E>, _ y: AxisWalk.MutableLine<E>, _ reverse: Bool
    ) {
        var total: E = 0
        for step in 0..<x.count {
            let index = reverse ? x.count - 1 - step : step
            total += x[index]
            y[index] = total
        }
    }
}
