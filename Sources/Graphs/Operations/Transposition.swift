import Tensors

/// Axes in another order or direction.
enum TranspositionOperations {
    static let all: [Operation] = [transpose, flip]

    static let transpose: Operation = Operation(
        "transpose",
        documentation: OperationDocumentation(
            "Axes in another order; without axes, in reverse order.", formula: "y_ij = x_ji",
            shapes: "[a, b, c] -> [c, b, a]", example: "transpose([[1, 2], [3, 4]])   # -> [[1, 3], [2, 4]]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("axes", .integers, optional: true)],
        infer: { inputs, attributes in
            let order = try order(attributes, inputs[0].shape)
            return TensorType(inputs[0].elementType, Shape(order.map { inputs[0].shape[$0] }))
        },
        derivative: { request in
            let order = try order(request.attributes, request.inputs[0].shape)
            var inverse = order
            for (place, axis) in order.enumerated() { inverse[axis] = place }
            return [try request.builder.apply(transpose, [request.gradient], ["axes": .integers(inverse)])]
        },
        kernel: .computed { request in
            let shape = request.inputs[0].shape
            let order = try order(request.attributes, shape)
            let strides = shape.strides
            let copy = StridedCopy(
                request.output.elementType, shape: request.output.shape, sourceStrides: order.map { strides[$0] },
                destinationStrides: request.output.shape.strides)
            return PreparedKernel(path: "transposition \(order)") {
                copy.run($0.inputs[0], $0.output, pool: $0.pool)
            }
        })

    private static func order(_ attributes: Attributes, _ shape: Shape) throws -> [Int] {
        guard let axes = attributes.integers("axes") else { return Array(shape.dimensions.indices.reversed()) }
        let resolved = try axes.map { try ShapeRules.axis($0, of: shape, for: "transpose") }
        guard resolved.sorted() == Array(shape.dimensions.indices) else {
            throw OperationError(
                "'transpose' needs each axis once",
                expected: "the axes 0 to \(shape.rank - 1) of shape \(shape) in some order",
                found: "\(axes)")
        }
        return resolved
    }

    static let flip: Operation = Operation(
        "flip",
        documentation: OperationDocumentation(
            "Reverses the order along axes.", formula: "y_i = x_(n - 1 - i)", shapes: "[…, n, …] -> same",
            example: "flip([1, 2, 3], axis: 0)   # -> [3, 2, 1]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("axis", .integers, optional: true)],
        infer: { inputs, attributes in
            _ = try ShapeRules.axes(attributes, of: inputs[0].shape, for: "flip")
            return inputs[0]
        },
        derivative: { request in [try request.builder.apply(flip, [request.gradient], request.attributes)] },
        kernel: .computed { request in
            let shape = request.inputs[0].shape
            let axes = try ShapeRules.axes(request.attributes, of: shape, for: "flip")
            var strides = shape.strides
            var offset = 0
            for axis in axes {
                offset += (shape[axis] - 1) * strides[axis]
                strides[axis] = -strides[axis]
            }
            let copy = StridedCopy(
                request.output.elementType, shape: shape, sourceStrides: strides, sourceOffset: offset,
                destinationStrides: shape.strides)
            return PreparedKernel(path: "flip \(axes)") { copy.run($0.inputs[0], $0.output, pool: $0.pool) }
        })
}
