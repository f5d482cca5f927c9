import Tensors

/// Entries for operations that are one instruction of an elementwise program.
extension Operation {
    /// A function of one number, applied to every element.
    static func unary(
        _ name: String, _ summary: String, formula: String, example: String, source: String? = nil,
        isPublic: Bool = true, _ opcode: ElementwiseProgram.Opcode,
        derivative: (@Sendable (DerivativeRequest) throws -> Node)?
    ) -> Operation {
        var rule: (@Sendable (DerivativeRequest) throws -> [Node?])?
        if let derivative { rule = { request in [try derivative(request)] } }
        return Operation(
            name, isPublic: isPublic,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "any -> same", example: example, source: source),
            parameters: [OperationParameter("x", .tensor)],
            infer: { inputs, _ in inputs[0] },
            derivative: rule,
            kernel: .elementwise { program, operands, _ in program.emit(opcode, operands[0]) })
    }

    /// A function of two numbers, applied to every pair of elements after broadcasting.
    static func binary(
        _ name: String, _ summary: String, formula: String, example: String,
        _ opcode: ElementwiseProgram.Opcode,
        rewriting: (@Sendable (GraphBuilder, [Node], Attributes) throws -> Node?)? = nil,
        derivative: (@Sendable (DerivativeRequest) throws -> [Node?])?
    ) -> Operation {
        Operation(
            name,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "[…], […] -> broadcast […]", example: example),
            parameters: [OperationParameter("a", .tensor), OperationParameter("b", .tensor)],
            infer: { inputs, _ in
                TensorType(inputs[0].elementType, try ShapeRules.broadcast(inputs, for: name))
            },
            derivative: derivative,
            rewriting: rewriting,
            kernel: .elementwise { program, operands, _ in program.emit(opcode, operands[0], operands[1]) })
    }
}
