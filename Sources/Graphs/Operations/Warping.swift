import CKernels
import Tensors

/// Images moved, turned and stretched.
enum WarpingOperations {
    static let all: [Operation] = [warp, warpGradient]

    private static let fills = ["constant", "edge", "reflect", "wrap"]

    static let warp: Operation = Operation(
        "warp",
        documentation: OperationDocumentation(
            "An image through an affine map, with bilinear interpolation. matrix takes a place of the result to one of x: "
                + "pixels right and down of the middle. What lies outside of x is value (fill: \"constant\"), its edge, "
                + "its mirror image (reflect) or x again (wrap). size is the result's height and width, those of x unless "
                + "given. There is no derivative with respect to matrix.",
            formula: "y(u, v) = x(m00 u + m01 v + m02, m10 u + m11 v + m12)",
            shapes: "[height, width, channels], [2, 3] -> [height', width', channels]",
            example: "warp([[[1], [2], [3]]], [[1, 0, -1], [0, 1, 0]])   # -> [[[0], [1], [2]]]"),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("matrix", .tensor),
            OperationParameter("fill", .word(fills, orIntegers: false), default: .text("constant")),
            OperationParameter("value", .number, default: .number(0)),
            OperationParameter("size", .integers, optional: true),
        ],
        infer: { inputs, attributes in
            try ShapeRules.requireRank(3, inputs[0], "an image [height, width, channels]", for: "warp")
            try require(matrix: inputs[1], for: "warp")
            let (image, value) = (inputs[0].shape, attributes.number("value", default: 0))
            guard value.isFinite else {
                throw OperationError("'warp' fills with a number", expected: "a finite value", found: "\(value)")
            }
            let size = try extents(attributes, default: [image[0], image[1]], for: "warp")
            guard image.count > 0 || size.contains(0) || image[2] == 0 else {
                throw OperationError(
                    "'warp' needs an image with pixels", expected: "[height, width, channels]", found: "\(image)")
            }
            return TensorType(inputs[0].elementType, Shape(size + [image[2]]))
        },
        derivative: { request in
            let image = request.inputs[0].shape
            var attributes = request.attributes
            attributes["value"] = nil
            attributes["size"] = .integers([image[0], image[1]])
            return try gradients(request, by: warpGradient, attributes)
        },
        cost: interpolationCost,
        kernel: .computed { request in
            let problem = problem(
                request.attributes, image: request.inputs[0].shape, result: request.output.shape)
            let (rows, type) = (problem.output_height, request.output.elementType)
            // Some ten microseconds each.
            let rowsPerChunk = max(1, 2048 / max(problem.output_width, 1))
            return PreparedKernel(path: "bilinear") { arguments in
                let nanoseconds = 10 * Double(rows * problem.output_width)
                arguments.pool.parallelFor((rows + rowsPerChunk - 1) / rowsPerChunk, nanoseconds: nanoseconds) {
                    chunk, _ in
                    let (first, last) = (chunk * rowsPerChunk, min((chunk + 1) * rowsPerChunk, rows))
                    withUnsafePointer(to: problem) { problem in
                        switch type {
                        case .float32:
                            nnx_warp_float(
                                problem, arguments.inputs[0].floats, arguments.inputs[1].floats,
                                arguments.output.floats, first, last)
                        case .float64:
                            nnx_warp_double(
                                problem, arguments.inputs[0].doubles, arguments.inputs[1].doubles,
                                arguments.output.doubles, first, last)
                        }
                    }
                }
            }
        })

    /// The adjoint of a warp whose constant is 0.
    static let warpGradient: Operation = Operation(
        "warp_gradient", isPublic: false,
        documentation: OperationDocumentation(
            "Gradient of warp with respect to the image.", formula: "dx += weight dy, at the pixels that y was made of",
            shapes: "[height', width', channels], [2, 3] -> [height, width, channels]", example: ""),
        parameters: [
            OperationParameter("dy", .tensor), OperationParameter("matrix", .tensor),
            OperationParameter("fill", .word(fills, orIntegers: false), default: .text("constant")),
            OperationParameter("size", .integers),
        ],
        infer: { inputs, attributes in
            try ShapeRules.requireRank(3, inputs[0], "[height', width', channels]", for: "warp_gradient")
            try require(matrix: inputs[1], for: "warp_gradient")
            let size = try extents(attributes, default: [], for: "warp_gradient")
            return TensorType(inputs[0].elementType, Shape(size + [inputs[0].shape[2]]))
        },
        derivative: { request in
            let result = request.inputs[0].shape
            var attributes = request.attributes
            attributes["size"] = .integers([result[0], result[1]])
            return try gradients(request, by: warp, attributes)
        },
        cost: interpolationCost,
        kernel: .computed { request in
            let problem = problem(
                request.attributes, image: request.output.shape, result: request.inputs[0].shape)
            let type = request.output.elementType
            return PreparedKernel(path: "bilinear scatter") { arguments in
                withUnsafePointer(to: problem) { problem in
                    switch type {
                    case .float32:
                        nnx_warp_gradient_float(
                            problem, arguments.inputs[0].floats, arguments.inputs[1].floats, arguments.output.floats)
                    case .float64:
                        nnx_warp_gradient_double(
                            problem, arguments.inputs[0].doubles, arguments.inputs[1].doubles,
                            arguments.output.doubles)
                    }
                }
            }
        })

    private static func gradients(
        _ request: DerivativeRequest, by operation: Operation, _ attributes: Attributes
    ) throws -> [Node?] {
        guard !request.needed[1] else {
            throw OperationError(
                "'warp' has no derivative with respect to its matrix", hint: "stop_gradient(matrix) takes it as given")
        }
        return [try request.builder.apply(operation, [request.gradient, request.inputs[1]], attributes), nil]
    }

    private static func require(matrix: TensorType, for name: String) throws {
        guard matrix.shape == [2, 3] else {
            throw OperationError(
                "'\(name)' needs the matrix of an affine map",
                expected: "[[m00, m01, m02], [m10, m11, m12]], shape [2, 3]",
                found: "shape \(matrix.shape)")
        }
    }

    /// Height and width that the setting size says.
    private static func extents(_ attributes: Attributes, default fallback: [Int], for name: String) throws -> [Int] {
        guard attributes["size"] != nil else { return fallback }
        guard let size = attributes.perAxis("size", count: 2), size.allSatisfy({ 1..<ShapeRules.largestSetting ~= $0 })
        else {
            throw OperationError(
                "the size of '\(name)' is wrong", expected: "a height and a width of 1 or more",
                found: attributes.integers("size").map { "\($0)" })
        }
        return size
    }

    private static func problem(_ attributes: Attributes, image: Shape, result: Shape) -> nnx_warp_problem {
        let fill: nnx_warp_fill =
            switch attributes.text("fill", default: "constant") {
            case "edge": .edge
            case "reflect": .reflect
            case "wrap": .wrap
            default: .constant
            }
        return nnx_warp_problem(
            input_height: image[0], input_width: image[1], output_height: result[0], output_width: result[1],
            channels: image[2], fill: fill, value: attributes.number("value", default: 0))
    }

    /// Four multiply-adds an element.
    private static let interpolationCost: @Sendable ([TensorType], TensorType, Attributes) -> OperationCost = {
        inputs, output, _ in
        OperationCost(
            multiplyAdds: OperationCost.product(4, max(output.shape.count, inputs[0].shape.count)),
            bytes: OperationCost.bytes(inputs, output))
    }
}
