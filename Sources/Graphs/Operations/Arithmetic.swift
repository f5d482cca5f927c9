import Tensors

/// Elementwise arithmetic with broadcasting.
enum ArithmeticOperations {
    static let all = [add]

    static let add = Operation(
        "add",
        documentation: OperationDocumentation(
            "Sum, element by element; shapes broadcast.", formula: "y = a + b",
            shapes: "[…] + […] -> broadcast […]", example: "add([1, 2], 3)   # -> [4, 5]"),
        parameters: [OperationParameter("a", .tensor), OperationParameter("b", .tensor)],
        infer: { inputs, _ in
            guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
                throw OperationError("shapes \(inputs[0].shape) and \(inputs[1].shape) do not broadcast")
            }
            return TensorType(inputs[0].elementType, shape)
        },
        derivative: { request in [request.gradient, request.gradient] },
        kernel: .elementwise { program, operands, _ in program.emit(.add, operands[0], operands[1]) })
}
