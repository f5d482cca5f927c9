import Tensors

/// Changes of element type.
enum ConversionOperations {
    static let all: [Operation] = [convert]

    static let convert: Operation = Operation(
        "convert", isPublic: false,
        documentation: OperationDocumentation(
            "The same numbers in another element type.", formula: "y = x", shapes: "any -> same", example: ""),
        parameters: [
            OperationParameter("x", .tensor),
            OperationParameter("type", .word(["float32", "float64"], orIntegers: false)),
        ],
        infer: { inputs, attributes in
            TensorType(ElementType(rawValue: attributes.text("type", default: "float32")) ?? .float32, inputs[0].shape)
        },
        derivative: { request in
            [try request.builder.convert(request.gradient, to: request.inputs[0].elementType)]
        },
        kernel: .prepared { request in
            PreparedKernel(path: "convert") { arguments in
                let count = request.output.shape.count
                switch (request.inputs[0].elementType, request.output.elementType) {
                case (.float32, .float64):
                    let source = arguments.inputs[0].assumingMemoryBound(to: Float.self)
                    let target = arguments.output.assumingMemoryBound(to: Double.self)
                    for index in 0..<count { target[index] = Double(source[index]) }
                case (.float64, .float32):
                    let source = arguments.inputs[0].assumingMemoryBound(to: Double.self)
                    let target = arguments.output.assumingMemoryBound(to: Float.self)
                    for index in 0..<count { target[index] = Float(source[index]) }
                case (.float32, .float32), (.float64, .float64):
                    arguments.output.copyMemory(from: arguments.inputs[0], byteCount: request.output.byteCount)
                }
            }
        })
}
