import Tensors

/// Comparisons and logic on numbers: 1 for true and 0 for false, and anything but 0 counts as true.
/// The derivatives with respect to what is compared are zero.
enum ComparisonOperations {
    static let all: [Operation] = [
        less, lessEqual, greater, greaterEqual, equal, notEqual, logicalAnd, logicalOr, logicalNot, select,
    ]

    static let less: Operation = comparison(
        "less", "1 where a is smaller than b, else 0.", "y = a < b", "less([1, 2, 3], 2)   # -> [1, 0, 0]", .less)

    static let lessEqual: Operation = comparison(
        "less_equal", "1 where a is not larger than b, else 0.", "y = a <= b",
        "less_equal([1, 2, 3], 2)   # -> [1, 1, 0]", .lessOrEqual)

    static let greater: Operation = comparison(
        "greater", "1 where a is larger than b, else 0.", "y = a > b", "greater([1, 2, 3], 2)   # -> [0, 0, 1]",
        .greater)

    static let greaterEqual: Operation = comparison(
        "greater_equal", "1 where a is not smaller than b, else 0.", "y = a >= b",
        "greater_equal([1, 2, 3], 2)   # -> [0, 1, 1]", .greaterOrEqual)

    static let equal: Operation = comparison(
        "equal", "1 where a and b are the same number, else 0 (== compares whole values).", "y = a = b",
        "equal([1, 2, 3], 2)   # -> [0, 1, 0]", .equal)

    static let notEqual: Operation = comparison(
        "not_equal", "1 where a and b differ, else 0 (!= compares whole values).", "y = a != b",
        "not_equal([1, 2, 3], 2)   # -> [1, 0, 1]", .notEqual)

    static let logicalAnd: Operation = comparison(
        "logical_and", "1 where neither a nor b is 0, else 0.", "y = a and b",
        "logical_and([1, 0], [1, 1])   # -> [1, 0]", .and)

    static let logicalOr: Operation = comparison(
        "logical_or", "1 where a or b is not 0, else 0.", "y = a or b", "logical_or([1, 0], [0, 0])   # -> [1, 0]", .or)

    static let logicalNot: Operation = Operation.unary(
        "logical_not", "1 where x is 0, else 0.", formula: "y = not x", example: "logical_not([1, 0])   # -> [0, 1]",
        .not, derivative: nil)

    static let select: Operation = Operation(
        "where",
        documentation: OperationDocumentation(
            "Elements of a where a condition holds (is not 0), elsewhere those of b; shapes broadcast.",
            formula: "y = a if condition else b", shapes: "[…], […], […] -> broadcast […]",
            example: "where([1, 0], [5, 6], [7, 8])   # -> [5, 8]"),
        parameters: [
            OperationParameter("condition", .tensor), OperationParameter("a", .tensor),
            OperationParameter("b", .tensor),
        ],
        infer: { inputs, _ in TensorType(inputs[0].elementType, try ShapeRules.broadcast(inputs, for: "where")) },
        derivative: { request in
            let (gradient, builder) = (request.gradient, request.builder)
            let zero = try builder.scalar(0, gradient.elementType)
            return try request.reducingBroadcast(
                { nil },
                { try builder.select(request.inputs[0], gradient, zero) },
                { try builder.select(request.inputs[0], zero, gradient) })
        },
        kernel: .elementwise { program, operands, _ in
            program.emit(.select, operands[0], operands[1], operands[2])
        })

    private static func comparison(
        _ name: String, _ summary: String, _ formula: String, _ example: String, _ opcode: ElementwiseProgram.Opcode
    ) -> Operation {
        Operation.binary(name, summary, formula: formula, example: example, opcode, derivative: nil)
    }
}
