import CKernels
import Tensors

/// Random numbers inside of a computation, new ones for each step.
enum RandomOperations {
    static let all: [Operation] = [randomUniform, randomBeta]

    static let randomUniform: Operation = Operation(
        "random_uniform", isPublic: false,
        documentation: OperationDocumentation(
            "Uniform numbers in [0, 1) that are a function of seed, stream and step only.",
            formula: "element i of step t is number t n + i of the stream", shapes: "[] -> shape", example: "",
            source: "Philox4x32-10, Salmon et al. (2011)"),
        parameters: [
            OperationParameter("step", .tensor), OperationParameter("shape", .integers),
            OperationParameter("seed", .integer, default: .integer(0)),
            OperationParameter("stream", .integer, default: .integer(0)),
            OperationParameter("type", .word(["float32", "float64"], orIntegers: false), default: .text("float32")),
        ],
        infer: { inputs, attributes in
            guard inputs[0].shape.count == 1 else {
                throw OperationError(
                    "'random_uniform' needs the number of the step", expected: "a scalar",
                    found: "shape \(inputs[0].shape)")
            }
            let type = ElementType(rawValue: attributes.text("type", default: "float32")) ?? .float32
            return TensorType(type, try ShapeRules.extents(attributes, "shape", for: "random_uniform"))
        },
        derivative: nil,
        kernel: .computed { request in
            let count = request.output.shape.count
            let seed = UInt64(bitPattern: Int64(request.attributes.integer("seed", default: 0)))
            let stream = UInt64(bitPattern: Int64(request.attributes.integer("stream", default: 0)))
            let (stepType, type) = (request.inputs[0].elementType, request.output.elementType)
            let perChunk = 1 << 14
            let chunks = (count + perChunk - 1) / perChunk
            return PreparedKernel(path: "philox") { arguments in
                let offset = try step(arguments.inputs[0], stepType, for: "random_uniform") &* UInt64(count)
                arguments.pool.parallelFor(chunks, nanoseconds: Double(count) * 4) { chunk, _ in
                    let first = chunk * perChunk
                    let length = Swift.min(perChunk, count - first)
                    switch type {
                    case .float32:
                        nnx_philox_uniform_float(
                            seed, stream, offset &+ UInt64(first), length, arguments.output.floats + first)
                    case .float64:
                        nnx_philox_uniform_double(
                            seed, stream, offset &+ UInt64(first), length, arguments.output.doubles + first)
                    }
                }
            }
        })

    static let randomBeta: Operation = Operation(
        "random_beta", isPublic: false,
        documentation: OperationDocumentation(
            "A number of the beta distribution that is a function of seed, stream and step only.",
            formula: "y = g_a / (g_a + g_b), g_a and g_b of gamma distributions", shapes: "[] -> []", example: "",
            source: "Marsaglia & Tsang (2000)"),
        parameters: [
            OperationParameter("step", .tensor), OperationParameter("a", .number), OperationParameter("b", .number),
            OperationParameter("seed", .integer, default: .integer(0)),
            OperationParameter("stream", .integer, default: .integer(0)),
            OperationParameter("type", .word(["float32", "float64"], orIntegers: false), default: .text("float32")),
        ],
        infer: { inputs, attributes in
            guard inputs[0].shape.count == 1 else {
                throw OperationError(
                    "'random_beta' needs the number of the step", expected: "a scalar",
                    found: "shape \(inputs[0].shape)")
            }
            for name in ["a", "b"] {
                let value = attributes.number(name, default: 0)
                guard value > 0, value.isFinite else {
                    throw OperationError(
                        "the beta distribution takes two numbers over 0", expected: "\(name) over 0",
                        found: "\(name) = \(value)")
                }
            }
            return TensorType(ElementType(rawValue: attributes.text("type", default: "float32")) ?? .float32, .scalar)
        },
        derivative: nil,
        kernel: .computed { request in
            let (a, b) = (request.attributes.number("a", default: 1), request.attributes.number("b", default: 1))
            let seed = UInt64(bitPattern: Int64(request.attributes.integer("seed", default: 0)))
            let stream = UInt64(bitPattern: Int64(request.attributes.integer("stream", default: 0)))
            let (stepType, type) = (request.inputs[0].elementType, request.output.elementType)
            return PreparedKernel(path: "gamma") { arguments in
                let step = try step(arguments.inputs[0], stepType, for: "random_beta")
                let beta = nnx_philox_beta(seed, stream, step, a, b)
                switch type {
                case .float32: arguments.output.floats[0] = Float(beta)
                case .float64: arguments.output.doubles[0] = beta
                }
            }
        })

    /// The number of the step that random numbers follow.
    private static func step(_ pointer: UnsafeRawPointer, _ type: ElementType, for name: String) throws -> UInt64 {
        let step = type == .float32 ? Double(pointer.floats[0]) : pointer.doubles[0]
        guard step >= 0, step < 0x1p53, step == step.rounded() else {
            throw OperationError(
                "'\(name)' needs the number of the step", expected: "a whole number from 0", found: step.description)
        }
        return UInt64(step)
    }
}
