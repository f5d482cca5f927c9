import Tensors

/// Exponentials, logarithms and the curves made of them.
enum ExponentialOperations {
    static let all: [Operation] = [exp, expm1, log, log1p, tanh, sigmoid, softplus, erf]

    static let exp: Operation = Operation.unary(
        "exp", "Exponential function.", formula: "y = e^x", example: "exp(0)   # -> 1", .exponential,
        derivative: { request in try request.builder.multiply(request.gradient, request.output) })

    static let expm1: Operation = Operation.unary(
        "expm1", "Exponential less one, accurate for small x.", formula: "y = e^x - 1",
        example: "expm1(0)   # -> 0", .exponentialMinus1,
        derivative: { request in
            try request.builder.multiply(request.gradient, request.builder.add(request.output, 1))
        })

    static let log: Operation = Operation.unary(
        "log", "Natural logarithm; -inf at 0, nan below.", formula: "y = ln x", example: "log(1)   # -> 0", .logarithm,
        derivative: { request in try request.builder.divide(request.gradient, request.inputs[0]) })

    static let log1p: Operation = Operation.unary(
        "log1p", "Logarithm of one plus x, accurate for small x.", formula: "y = ln(1 + x)",
        example: "log1p(0)   # -> 0", .logarithm1p,
        derivative: { request in
            try request.builder.divide(request.gradient, request.builder.add(request.inputs[0], 1))
        })

    static let tanh: Operation = Operation.unary(
        "tanh", "Hyperbolic tangent.", formula: "y = (e^x - e^-x) / (e^x + e^-x)", example: "tanh(0)   # -> 0",
        .hyperbolicTangent,
        derivative: { request in
            let builder = request.builder
            return try builder.multiply(request.gradient, builder.subtract(1, builder.square(request.output)))
        })

    static let sigmoid: Operation = Operation.unary(
        "sigmoid", "Logistic function.", formula: "y = 1 / (1 + e^-x)", example: "sigmoid(0)   # -> 0.5", .sigmoid,
        derivative: { request in
            let builder = request.builder
            let slope = try builder.multiply(request.output, builder.subtract(1, request.output))
            return try builder.multiply(request.gradient, slope)
        })

    static let softplus: Operation = Operation.unary(
        "softplus", "A smooth maximum of x and 0.", formula: "y = ln(1 + e^x)",
        example: "softplus(100)   # -> 100", source: "Dugas et al. (2001)", .softplus,
        derivative: { request in
            try request.builder.multiply(request.gradient, request.builder.apply(sigmoid, [request.inputs[0]]))
        })

    static let erf: Operation = Operation.unary(
        "erf", "Error function.", formula: "y = 2/sqrt(pi) integral of e^(-t^2) from 0 to x",
        example: "erf(0)   # -> 0", .errorFunction,
        derivative: { request in
            let builder = request.builder
            let bell = try builder.apply(exp, [builder.negate(builder.square(request.inputs[0]))])
            let twoOverRootPi = 2 / Double.pi.squareRoot()
            return try builder.multiply(request.gradient, builder.multiply(bell, twoOverRootPi))
        })
}
