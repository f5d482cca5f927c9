import CKernels
import Tensors

/// Softmax, its logarithm, and the cross-entropy of class numbers with it.
enum SoftmaxOperations {
    static let all: [Operation] = [
        softmax, logSoftmax, softmaxGradient, logSoftmaxGradient, crossEntropy,
    ]

    static let softmax: Operation = rowwise(
        "softmax", "Positive numbers that sum to 1 along an axis, as the exponentials of x do.",
        formula: "y_i = e^(x_i) / sum of e^(x_j)", example: "softmax([0, 0])   # -> [0.5, 0.5]", .softmax,
        gradient: { softmaxGradient })

    static let logSoftmax: Operation = rowwise(
        "log_softmax", "Logarithm of softmax, without overflow.", formula: "y_i = x_i - ln(sum of e^(x_j))",
        example: "exp(log_softmax([0, 0]))   # -> [0.5, 0.5]", .log_softmax, gradient: { logSoftmaxGradient })

    private static func rowwise(
        _ name: String, _ summary: String, formula: String, example: String, _ kind: nnx_softmax_kind,
        gradient: @escaping @Sendable () -> Operation
    ) -> Operation {
        Operation(
            name,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "[…, classes] -> same", example: example),
            parameters: [
                OperationParameter("x", .tensor), OperationParameter("axis", .integer, default: .integer(-1)),
            ],
            infer: { inputs, attributes in
                _ = try ShapeRules.axis(attributes.integer("axis", default: -1), of: inputs[0].shape, for: name)
                return inputs[0]
            },
            derivative: { request in
                [try request.builder.apply(gradient(), [request.output, request.gradient])]
            },
            rewriting: { builder, inputs, attributes in
                let x = inputs[0]
                let last = x.shape.rank - 1
                let axis = try ShapeRules.axis(attributes.integer("axis", default: -1), of: x.shape, for: name)
                guard axis != last, let operation = OperationTable[name] else { return nil }
                var axes = Array(x.shape.dimensions.indices)
                axes.swapAt(axis, last)
                let swap: Attributes = ["axes": .integers(axes)]
                let moved = try builder.apply(TranspositionOperations.transpose, [x], swap)
                return try builder.apply(
                    TranspositionOperations.transpose, [builder.apply(operation, [moved])], swap)
            },
            kernel: .computed { request in
                let rows = Rows(request.output.shape)
                switch request.output.elementType {
                case .float32:
                    let plan = nnx_softmax_plan(KernelChoice.current.instructionSet, kind, rows.count, rows.columns)
                    return PreparedKernel(
                        path: name, scratchBytes: { plan.work.scratchBytes(threads: $0) }, mayOverwriteInput: true
                    ) { arguments in
                        let (x, y) = (arguments.inputs[0].floats, arguments.output.floats)
                        withUnsafePointer(to: plan) { plan in
                            plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                                nnx_softmax_run(plan, chunk, x, y)
                            }
                        }
                    }
                case .float64:
                    return PreparedKernel(path: "plain \(name)") { arguments in
                        nnx_plain_softmax_double(
                            kind, rows.count, rows.columns, arguments.inputs[0].doubles, arguments.output.doubles)
                    }
                }
            })
    }

    static let softmaxGradient: Operation = gradient(
        "softmax_gradient", "Gradient of softmax from its result.", formula: "dx = y (g - sum of y g)", .softmax,
        derivative: { request in
            let builder = request.builder
            let (y, g, h) = (request.inputs[0], request.inputs[1], request.gradient)
            let byY =
                request.needed[0]
                ? try builder.subtract(
                    builder.multiply(h, builder.subtract(g, rowSum(builder.multiply(y, g), builder))),
                    builder.multiply(g, rowSum(builder.multiply(y, h), builder))) : nil
            return [byY, request.needed[1] ? try builder.apply(softmaxGradient, [y, h]) : nil]
        })

    static let logSoftmaxGradient: Operation = gradient(
        "log_softmax_gradient", "Gradient of log_softmax from its result.", formula: "dx = g - e^y sum of g",
        .log_softmax,
        derivative: { request in
            let builder = request.builder
            let (y, g, h) = (request.inputs[0], request.inputs[1], request.gradient)
            let weighted = try builder.multiply(builder.apply(ExponentialOperations.exp, [y]), h)
            return [
                request.needed[0]
                    ? try builder.negate(builder.multiply(weighted, rowSum(g, builder))) : nil,
                request.needed[1] ? try builder.subtract(h, rowSum(weighted, builder)) : nil,
            ]
        })

    private static func rowSum(_ x: Node, _ builder: GraphBuilder) throws -> Node {
        try builder.sum(x, axes: [x.shape.rank - 1], keep: true)
    }

    private static func gradient(
        _ name: String, _ summary: String, formula: String, _ kind: nnx_softmax_kind,
        derivative: @escaping @Sendable (DerivativeRequest) throws -> [Node?]
    ) -> Operation {
        Operation(
            name, isPublic: false,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "[…, classes] twice -> same", example: ""),
            parameters: [OperationParameter("y", .tensor), OperationParameter("g", .tensor)],
            infer: { inputs, _ in
                guard inputs[0].shape == inputs[1].shape, inputs[0].shape.rank > 0 else {
                    throw OperationError(
                        "'\(name)' needs a gradient of the result's shape", expected: "shape \(inputs[0].shape)",
                        found: "shape \(inputs[1].shape)")
                }
                return inputs[0]
            },
            derivative: derivative,
            kernel: .computed { request in
                let rows = Rows(request.output.shape)
                switch request.output.elementType {
                case .float32:
                    let plan = nnx_softmax_plan(KernelChoice.current.instructionSet, kind, rows.count, rows.columns)
                    return PreparedKernel(path: name, scratchBytes: { plan.work.scratchBytes(threads: $0) }) {
                        arguments in
                        let (y, g, dx) = (
                            arguments.inputs[0].floats, arguments.inputs[1].floats, arguments.output.floats
                        )
                        withUnsafePointer(to: plan) { plan in
                            plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                                nnx_softmax_gradient_run(plan, chunk, y, g, dx)
                            }
                        }
                    }
                case .float64:
                    return PreparedKernel(path: "plain \(name)") { arguments in
                        nnx_plain_softmax_gradient_double(
                            kind, rows.count, rows.columns, arguments.inputs[0].doubles, arguments.inputs[1].doubles,
                            arguments.output.doubles)
                    }
                }
            })
    }

    /// For each row the cross-entropy of its class with softmax(logits): what a loss of one_hot and log_softmax
    /// comes to, without either.
    static let crossEntropy: Operation = Operation(
        "softmax_cross_entropy", isPublic: false,
        documentation: OperationDocumentation(
            "Cross-entropy of class numbers with softmax(logits), for each row.",
            formula: "y = ln(sum of e^(logits_j)) - logits_label", shapes: "[batch, classes], [batch] -> [batch]",
            example: ""),
        parameters: [OperationParameter("logits", .tensor), OperationParameter("labels", .tensor)],
        infer: { inputs, _ in
            try ShapeRules.requireRank(2, inputs[0], "[batch, classes]", for: "softmax_cross_entropy")
            guard inputs[1].shape == [inputs[0].shape[0]] else {
                throw OperationError(
                    "'softmax_cross_entropy' needs a class for each row", expected: "[batch = \(inputs[0].shape[0])]",
                    found: "shape \(inputs[1].shape)")
            }
            return inputs[1]
        },
        derivative: { request in
            let builder = request.builder
            let (logits, labels) = (request.inputs[0], request.inputs[1])
            let classes = logits.shape[1]
            let target = try builder.apply(GatheringOperations.oneHot, [labels], ["classes": .integer(classes)])
            let distance = try builder.subtract(builder.apply(softmax, [logits]), target)
            let rows = try builder.reshape(request.gradient, to: [logits.shape[0], 1])
            return [try builder.multiply(rows, distance), nil]
        },
        kernel: .computed { request in
            let rows = Rows(request.inputs[0].shape)
            switch request.output.elementType {
            case .float32:
                let plan = nnx_softmax_plan(KernelChoice.current.instructionSet, .log_softmax, rows.count, rows.columns)
                return PreparedKernel(
                    path: "cross-entropy", scratchBytes: { plan.work.scratchBytes(threads: $0) }
                ) { arguments in
                    let (x, labels) = (arguments.inputs[0].floats, arguments.inputs[1].floats)
                    let losses = arguments.output.floats
                    withUnsafePointer(to: plan) { plan in
                        plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                            nnx_cross_entropy_run(plan, chunk, x, labels, losses, nil, 1)
                        }
                    }
                }
            case .float64:
                return PreparedKernel(path: "plain cross-entropy") { arguments in
                    nnx_plain_cross_entropy_double(
                        rows.count, rows.columns, arguments.inputs[0].doubles, arguments.inputs[1].doubles,
                        arguments.output.doubles, nil, 1)
                }
            }
        })

    /// A tensor as the rows of a matrix along its last axis.
    private struct Rows: Sendable {
        var count: Int
        var columns: Int

        init(_ shape: Shape) {
            columns = shape[shape.rank - 1]
            count = shape.dimensions.dropLast().reduce(1, *)
        }
    }
}
