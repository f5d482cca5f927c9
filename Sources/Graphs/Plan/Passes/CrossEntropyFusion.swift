import CKernels
import Tensors

/// Recognises the cross-entropy of class numbers, as a script writes it, and its gradient:
///
///     sum(one_hot(y) * log_softmax(z), axis: -1)            is  -softmax_cross_entropy(z, y)
///     log_softmax_gradient(log_softmax(z), c * one_hot(y))  is  -c (softmax(z) - one_hot(y))
///
/// so that neither the rows of one_hot nor the logarithms are ever stored.
package enum CrossEntropyFusion {
    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        try builder.rewrite(roots) { node, _ in
            guard node.isSymbolic else { return node }
            switch node.operation.name {
            case "sum": return try loss(node, builder) ?? node
            case "log_softmax_gradient": return try gradient(node, builder) ?? node
            default: return node
            }
        }
    }

    private static func loss(_ sum: Node, _ builder: GraphBuilder) throws -> Node? {
        let product = sum.inputs[0]
        guard product.isSymbolic, product.operation.name == "multiply", product.shape.rank == 2,
            try ShapeRules.axes(sum.attributes, of: product.shape, for: "sum") == [1]
        else { return nil }
        for place in 0...1 {
            guard let labels = labels(product.inputs[place], like: product),
                let logits = logits(product.inputs[1 - place], like: product)
            else { continue }
            let losses = try builder.apply(SoftmaxOperations.crossEntropy, [logits, labels])
            return try builder.reshape(builder.negate(losses), to: sum.shape)
        }
        return nil
    }

    private static func gradient(_ node: Node, _ builder: GraphBuilder) throws -> Node? {
        let (logarithms, product) = (node.inputs[0], node.inputs[1])
        guard let logits = logits(logarithms, like: node), product.isSymbolic, product.operation.name == "multiply"
        else { return nil }
        for place in 0...1 {
            guard let labels = labels(product.inputs[place], like: node) else { continue }
            let factor = product.inputs[1 - place]
            if let number = factor.uniformValue {
                return try builder.apply(scaledDistance, [logits, labels], ["scale": .number(-number)])
            }
            if factor.isSymbolic, factor.operation.name == "broadcast_to" || factor.shape.rank < 2,
                let rows = rowFactor(factor, rows: node.shape[0])
            {
                let distance = try builder.apply(scaledDistance, [logits, labels], ["scale": .number(-1)])
                return try builder.multiply(rows, distance)
            }
        }
        return nil
    }

    /// A factor with one number for each row, or one for all.
    private static func rowFactor(_ factor: Node, rows: Int) -> Node? {
        let source = factor.operation.name == "broadcast_to" ? factor.inputs[0] : factor
        return source.shape == [rows, 1] || source.shape.count == 1 && source.shape.rank <= 2 ? source : nil
    }

    private static func labels(_ node: Node, like product: Node) -> Node? {
        guard node.isSymbolic, node.operation.name == "one_hot", node.type == product.type,
            node.inputs[0].shape == [product.shape[0]]
        else { return nil }
        return node.inputs[0]
    }

    private static func logits(_ node: Node, like product: Node) -> Node? {
        guard node.isSymbolic, node.operation.name == "log_softmax", node.type == product.type, node.shape.rank == 2,
            node.shape.resolve(axis: node.attributes.integer("axis", default: -1)) == 1
        else { return nil }
        return node.inputs[0]
    }

    /// Only plans use it: derivatives have been taken by then.
    private static let scaledDistance = Operation(
        "softmax_cross_entropy_gradient", isPublic: false,
        documentation: OperationDocumentation(
            "A multiple of the gradient of the summed cross-entropy.",
            formula: "y = scale (softmax(logits) - one_hot(labels))",
            shapes: "[batch, classes], [batch] -> [batch, classes]", example: ""),
        parameters: [
            OperationParameter("logits", .tensor), OperationParameter("labels", .tensor),
            OperationParameter("scale", .number),
        ],
        infer: { inputs, _ in inputs[0] },
        derivative: nil,
        kernel: .computed { request in
            let (rows, columns) = (request.output.shape[0], request.output.shape[1])
            let scale = request.attributes.number("scale", default: 1)
            switch request.output.elementType {
            case .float32:
                let plan = nnx_softmax_plan(KernelChoice.current.instructionSet, .log_softmax, rows, columns)
                return PreparedKernel(
                    path: "cross-entropy gradient", scratchBytes: { plan.work.scratchBytes(threads: $0) }
                ) { arguments in
                    let (logits, labels) = (arguments.inputs[0].floats, arguments.inputs[1].floats)
                    let gradient = arguments.output.floats
                    withUnsafePointer(to: plan) { plan in
                        plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                            nnx_cross_entropy_run(plan, chunk, logits, labels, nil, gradient, Float(scale))
                        }
                    }
                }
            case .float64:
                return PreparedKernel(path: "plain cross-entropy gradient") { arguments in
                    nnx_plain_cross_entropy_double(
                        rows, columns, arguments.inputs[0].doubles, arguments.inputs[1].doubles, nil,
                        arguments.output.doubles, scale)
                }
            }
        })
}
