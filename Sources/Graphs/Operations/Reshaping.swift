import Tensors

/// The same elements under another shape. No element moves.
enum ReshapingOperations {
    static let all: [Operation] = [reshape, expandDims, squeeze, stopGradient]

    static let reshape: Operation = Operation(
        "reshape",
        documentation: OperationDocumentation(
            "The same elements, in row-major order, under another shape. One extent may be -1: it is computed.",
            formula: "y = x", shapes: "[…] -> shape", example: "reshape([1, 2, 3, 4], [2, -1])   # -> [[1, 2], [3, 4]]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("shape", .integers)],
        infer: { inputs, attributes in
            TensorType(inputs[0].elementType, try target(of: inputs[0].shape, attributes))
        },
        derivative: { request in
            [try request.builder.reshape(request.gradient, to: request.inputs[0].shape)]
        },
        cost: { _, _, _ in OperationCost(multiplyAdds: 0, bytes: 0) },
        kernel: .alias)

    private static func target(of shape: Shape, _ attributes: Attributes) throws -> Shape {
        let extents = attributes.integers("shape") ?? []
        guard let free = extents.firstIndex(of: -1) else {
            let target = try ShapeRules.extents(attributes, "shape", for: "reshape")
            guard target.count == shape.count else { throw mismatch(shape, extents) }
            return target
        }
        var others = extents
        others.remove(at: free)
        guard !others.contains(where: { $0 < 0 }) else {
            throw OperationError(
                "'reshape' computes one extent at most", expected: "extents from 0, and -1 once", found: "\(extents)")
        }
        let known = Shape(others).count
        guard known > 0, shape.count % known == 0 else { throw mismatch(shape, extents) }
        var result = extents
        result[free] = shape.count / known
        return Shape(result)
    }

    private static func mismatch(_ shape: Shape, _ extents: [Int]) -> OperationError {
        let product = Shape(extents.filter { $0 >= 0 }).count
        return OperationError(
            "'reshape' keeps the number of elements",
            expected: "a shape of \(shape.count) elements, as \(shape) has",
            found: extents.contains(-1) ? "\(extents), a multiple of \(product)" : "\(extents), \(product) elements",
            hint: extents.contains(-1) ? nil : "an extent of -1 is computed from the others")
    }

    static let expandDims: Operation = Operation(
        "expand_dims",
        documentation: OperationDocumentation(
            "Inserts an axis of extent 1; a negative axis counts from the end of the result.", formula: "y = x",
            shapes: "[…, …] -> […, 1, …]", example: "expand_dims([1, 2], 0)   # -> [[1, 2]]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("axis", .integer)],
        infer: { inputs, attributes in
            var dimensions = inputs[0].shape.dimensions
            let wider = Shape(dimensions + [1])
            let axis = try ShapeRules.axis(attributes.integer("axis", default: 0), of: wider, for: "expand_dims")
            dimensions.insert(1, at: axis)
            return TensorType(inputs[0].elementType, Shape(dimensions))
        },
        rewriting: { builder, inputs, attributes in
            try builder.reshape(inputs[0], to: expandDims.infer([inputs[0].type], attributes).shape)
        })

    static let squeeze: Operation = Operation(
        "squeeze",
        documentation: OperationDocumentation(
            "Removes axes of extent 1: those named, or all.", formula: "y = x", shapes: "[…, 1, …] -> […, …]",
            example: "squeeze([[1, 2]])   # -> [1, 2]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("axis", .integers, optional: true)],
        infer: { inputs, attributes in
            let shape = inputs[0].shape
            guard attributes["axis"] != nil else {
                return TensorType(inputs[0].elementType, Shape(shape.dimensions.filter { $0 != 1 }))
            }
            let axes = try ShapeRules.axes(attributes, of: shape, for: "squeeze")
            if let wrong = axes.first(where: { shape[$0] != 1 }) {
                throw OperationError(
                    "'squeeze' removes axes of extent 1 only", expected: "extent 1 on axis \(wrong)",
                    found: "extent \(shape[wrong]) in shape \(shape)")
            }
            return TensorType(inputs[0].elementType, ShapeRules.reduced(shape, axes: axes, keep: false))
        },
        rewriting: { builder, inputs, attributes in
            try builder.reshape(inputs[0], to: squeeze.infer([inputs[0].type], attributes).shape)
        })

    static let stopGradient: Operation = Operation(
        "stop_gradient",
        documentation: OperationDocumentation(
            "The same value, taken for a constant by derivatives.", formula: "y = x, dy/dx = 0",
            shapes: "any -> same", example: "grad(x -> x * stop_gradient(x))(3)   # -> 3"),
        parameters: [OperationParameter("x", .tensor)],
        infer: { inputs, _ in inputs[0] },
        derivative: nil,
        cost: { _, _, _ in OperationCost(multiplyAdds: 0, bytes: 0) },
        kernel: .alias)
}
