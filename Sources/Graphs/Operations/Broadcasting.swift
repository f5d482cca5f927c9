import Tensors

/// Repetition of elements along axes.
enum BroadcastingOperations {
    static let all: [Operation] = [broadcastTo, tile]

    static let broadcastTo: Operation = Operation(
        "broadcast_to",
        documentation: OperationDocumentation(
            "Repeats along axes of extent 1 and along new leading axes.", formula: "y = x",
            shapes: "[…] -> shape", example: "broadcast_to([1, 2], [2, 2])   # -> [[1, 2], [1, 2]]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("shape", .integers)],
        infer: { inputs, attributes in
            let target = try ShapeRules.extents(attributes, "shape", for: "broadcast_to")
            guard inputs[0].shape.broadcast(with: target) == target else {
                throw OperationError(
                    "a shape \(inputs[0].shape) does not broadcast to \(target)",
                    expected: "extents that are 1 or those of \(target), compared from the last axis",
                    found: "shape \(inputs[0].shape)")
            }
            return TensorType(inputs[0].elementType, target)
        },
        derivative: { request in [try request.builder.sum(request.gradient, to: request.inputs[0].shape)] },
        kernel: .elementwise { _, operands, _ in operands[0] })

    static let tile: Operation = Operation(
        "tile",
        documentation: OperationDocumentation(
            "Lays copies side by side, so many along each axis.", formula: "y = x repeated",
            shapes: "[n, …] -> [n times, …]", example: "tile([1, 2], 2)   # -> [1, 2, 1, 2]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("times", .integers)],
        infer: { inputs, attributes in
            let shape = inputs[0].shape
            let times = try ShapeRules.extents(attributes, "times", for: "tile").dimensions
            guard times.count == shape.rank else {
                throw OperationError(
                    "'tile' needs a number of copies for each axis",
                    expected: "\(shape.rank) numbers for shape \(shape)",
                    found: "\(times)")
            }
            let extents = zip(shape.dimensions, times).map { extent, count in
                let (product, overflow) = extent.multipliedReportingOverflow(by: count)
                return overflow ? Int.max : product
            }
            return TensorType(inputs[0].elementType, Shape(extents))
        },
        rewriting: { builder, inputs, attributes in
            // Axis by axis: [outer, n] -> [outer, times, n], so that no more than three axes are ever needed.
            let target = try tile.infer([inputs[0].type], attributes).shape
            if target.count == 0 {
                return builder.constant(try Tensor(uninitialized: TensorType(inputs[0].elementType, target)))
            }
            var (x, extents) = (inputs[0], inputs[0].shape.dimensions)
            for (axis, times) in (attributes.integers("times") ?? []).enumerated() where times != 1 {
                let block = AxisBlock(Shape(extents), axis: axis)
                let row = block.length * block.inner
                x = try builder.reshape(x, to: [block.outer, 1, row])
                x = try builder.broadcast(x, to: [block.outer, times, row])
                extents[axis] *= times
            }
            return try builder.reshape(x, to: target)
        })
}
