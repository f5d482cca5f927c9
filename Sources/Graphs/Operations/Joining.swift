import Tensors

/// Several tensors in one.
enum JoiningOperations {
    static let all: [Operation] = [concat, stack]

    static let concat: Operation = Operation(
        "concat",
        documentation: OperationDocumentation(
            "Joins tensors end to end along an axis; all other extents must agree.", formula: "y = [x_1; x_2; …]",
            shapes: "[…, n, …], […, m, …] -> […, n + m, …]", example: "concat([[1, 2], [3]], axis: 0)   # -> [1, 2, 3]"),
        parameters: [
            OperationParameter("list", .tensors), OperationParameter("axis", .integer, default: .integer(0)),
        ],
        infer: { inputs, attributes in
            guard let first = inputs.first else { throw nothing("concat") }
            let axis = try ShapeRules.axis(
                attributes.integer("axis", default: 0), of: first.shape, for: "concat")
            var shape = first.shape
            for (place, input) in inputs.enumerated().dropFirst() {
                guard input.shape.rank == shape.rank, input.shape.removing(axis: axis) == shape.removing(axis: axis)
                else {
                    var named = first.shape.dimensions.map(String.init)
                    named[axis] = "any"
                    throw OperationError(
                        "'concat' along axis \(axis) joins shapes that agree everywhere else",
                        expected: "[\(named.joined(separator: ", "))], as the first has",
                        found: "shape \(input.shape) at place \(place)")
                }
                let (extent, overflow) = shape[axis].addingReportingOverflow(input.shape[axis])
                shape[axis] = overflow ? Int.max : extent
            }
            return TensorType(first.elementType, shape)
        },
        derivative: { request in
            let axis = try ShapeRules.axis(
                request.attributes.integer("axis", default: 0), of: request.node.shape, for: "concat")
            var start = 0
            return try request.inputs.enumerated().map { place, input in
                defer { start += input.shape[axis] }
                guard request.needed[place] else { return nil }
                return try request.builder.slice(
                    request.gradient, axis: axis, from: start, to: start + input.shape[axis])
            }
        },
        kernel: .computed { request in
            let output = request.output.shape
            let axis = try ShapeRules.axis(request.attributes.integer("axis", default: 0), of: output, for: "concat")
            let strides = output.strides
            var start = 0
            let copies = request.inputs.map { input in
                defer { start += input.shape[axis] }
                return StridedCopy(
                    request.output.elementType, shape: input.shape, sourceStrides: input.shape.strides,
                    destinationStrides: strides, destinationOffset: start * strides[axis])
            }
            return PreparedKernel(path: "concatenation along axis \(axis)") { arguments in
                for (copy, input) in zip(copies, arguments.inputs) {
                    copy.run(input, arguments.output, pool: arguments.pool)
                }
            }
        })

    static let stack: Operation = Operation(
        "stack",
        documentation: OperationDocumentation(
            "Joins tensors of one shape along a new axis.", formula: "y_i = x_i",
            shapes: "k of […] -> [k, …]", example: "stack([[1, 2], [3, 4]], axis: 1)   # -> [[1, 3], [2, 4]]"),
        parameters: [
            OperationParameter("list", .tensors), OperationParameter("axis", .integer, default: .integer(0)),
        ],
        infer: { inputs, attributes in
            guard let first = inputs.first else { throw nothing("stack") }
            for (place, input) in inputs.enumerated() where input.shape != first.shape {
                throw OperationError(
                    "'stack' joins tensors of one shape", expected: "shape \(first.shape), as the first has",
                    found: "shape \(input.shape) at place \(place)",
                    hint: "concat joins along an axis that is there already")
            }
            let wider = Shape(first.shape.dimensions + [1])
            let axis = try ShapeRules.axis(attributes.integer("axis", default: 0), of: wider, for: "stack")
            var dimensions = first.shape.dimensions
            dimensions.insert(inputs.count, at: axis)
            return TensorType(first.elementType, Shape(dimensions))
        },
        rewriting: { builder, inputs, attributes in
            var shape = try stack.infer(inputs.map(\.type), attributes).shape
            let axis = try ShapeRules.axis(attributes.integer("axis", default: 0), of: shape, for: "stack")
            shape[axis] = 1
            let slabs = try inputs.map { try builder.reshape($0, to: shape) }
            return try builder.apply(concat, slabs, ["axis": .integer(axis)])
        })

    private static func nothing(_ name: String) -> OperationError {
        OperationError("'\(name)' of no tensors does not exist", expected: "a list of at least one", found: "[]")
    }
}
