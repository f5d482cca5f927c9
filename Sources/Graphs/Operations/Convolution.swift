import CKernels
import Tensors

/// Two-dimensional convolution of channels-last images, and its two gradients. All three are linear in each of their
/// inputs, and each one's derivatives are the other two.
enum ConvolutionOperations {
    static let all: [Operation] = [conv2d, inputGradient, weightGradient]

    static let conv2d: Operation = Operation(
        "conv2d",
        documentation: OperationDocumentation(
            "Convolution (cross-correlation: the kernel is not flipped) over height and width. "
                + "pad is a number, [height, width], [top, bottom, left, right], same or valid.",
            formula:
                "y_ijk = b_k + sum over r, s, c of x_(i stride + r dilation - pad),(j stride + s dilation - pad),c w_rsck",
            shapes: "[batch, height, width, channels], [kernel height, kernel width, channels / groups, filters] -> "
                + "[batch, height', width', filters], height' = floor((height + pads - dilation (kernel - 1) - 1) / stride) + 1",
            example: "conv2d(ones([1, 4, 4, 1]), ones([3, 3, 1, 1])).shape   # -> [1, 2, 2, 1]",
            source: "Dumoulin & Visin, A guide to convolution arithmetic (2016)"),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("w", .tensor),
            OperationParameter("bias", .optionalTensor),
        ] + settings,
        infer: { inputs, attributes in
            TensorType(
                inputs[0].elementType,
                try Geometry(x: inputs[0], w: inputs[1], bias: inputs.count > 2 ? inputs[2] : nil, attributes).output)
        },
        derivative: { request in
            let builder = request.builder
            let (x, w) = (request.inputs[0], request.inputs[1])
            let geometry = try Geometry(x: x.type, w: w.type, bias: nil, request.attributes)
            var gradient = request.gradient
            if request.attributes.text("activation", default: "none") == "relu" {
                let zero = try builder.scalar(0, gradient.elementType)
                gradient = try builder.multiply(
                    gradient, builder.apply(ComparisonOperations.greater, [request.output, zero]))
            }
            var result: [Node?] = [
                request.needed[0] ? try builder.apply(inputGradient, [gradient, w], geometry.attributes) : nil,
                request.needed[1] ? try builder.apply(weightGradient, [x, gradient], geometry.attributes) : nil,
            ]
            if request.inputs.count > 2 {
                result.append(request.needed[2] ? try builder.sum(gradient, axes: [0, 1, 2]) : nil)
            }
            return result
        },
        cost: cost,
        kernel: .computed { request in
            let geometry = try Geometry(
                x: request.inputs[0], w: request.inputs[1], bias: request.inputs.count > 2 ? request.inputs[2] : nil,
                request.attributes)
            return geometry.kernel(.forward, request.output.elementType)
        })

    static let inputGradient: Operation = Operation(
        "conv2d_input_gradient", isPublic: false,
        documentation: OperationDocumentation(
            "Gradient of a convolution for its images.", formula: "the adjoint of conv2d in x",
            shapes: "[batch, height', width', filters], [kernel height, kernel width, channels / groups, filters] -> "
                + "[batch, height, width, channels]", example: ""),
        parameters: [OperationParameter("g", .tensor), OperationParameter("w", .tensor)] + resolvedSettings,
        infer: { inputs, attributes in
            let geometry = try Geometry(resolved: attributes, inputs)
            try requireShape(inputs[0], geometry.output, "conv2d_input_gradient")
            try requireShape(inputs[1], geometry.w, "conv2d_input_gradient")
            return TensorType(inputs[0].elementType, geometry.x)
        },
        derivative: { request in
            let builder = request.builder
            let settings = try Geometry(resolved: request.attributes, request.inputs.map(\.type)).attributes
            return [
                request.needed[0]
                    ? try builder.apply(conv2d, [request.gradient, request.inputs[1]], settings) : nil,
                request.needed[1]
                    ? try builder.apply(weightGradient, [request.gradient, request.inputs[0]], settings) : nil,
            ]
        },
        cost: cost,
        kernel: .computed { request in
            try Geometry(resolved: request.attributes, request.inputs)
                .kernel(.input_gradient, request.output.elementType)
        })

    static let weightGradient: Operation = Operation(
        "conv2d_weight_gradient", isPublic: false,
        documentation: OperationDocumentation(
            "Gradient of a convolution for its kernel.", formula: "the adjoint of conv2d in w",
            shapes: "[batch, height, width, channels], [batch, height', width', filters] -> "
                + "[kernel height, kernel width, channels / groups, filters]", example: ""),
        parameters: [OperationParameter("x", .tensor), OperationParameter("g", .tensor)] + resolvedSettings,
        infer: { inputs, attributes in
            let geometry = try Geometry(resolved: attributes, inputs)
            try requireShape(inputs[0], geometry.x, "conv2d_weight_gradient")
            try requireShape(inputs[1], geometry.output, "conv2d_weight_gradient")
            return TensorType(inputs[0].elementType, geometry.w)
        },
        derivative: { request in
            let builder = request.builder
            let settings = try Geometry(resolved: request.attributes, request.inputs.map(\.type)).attributes
            return [
                request.needed[0]
                    ? try builder.apply(inputGradient, [request.inputs[1], request.gradient], settings) : nil,
                request.needed[1]
                    ? try builder.apply(conv2d, [request.inputs[0], request.gradient], settings) : nil,
            ]
        },
        cost: cost,
        kernel: .computed { request in
            try Geometry(resolved: request.attributes, request.inputs)
                .kernel(.weight_gradient, request.output.elementType)
        })

    private static func requireShape(_ input: TensorType, _ shape: Shape, _ name: String) throws {
        guard input.shape != shape else { return }
        throw OperationError("an operand of '\(name)' has another shape", expected: "\(shape)", found: "\(input.shape)")
    }

    private static let settings = [
        OperationParameter("stride", .integers, default: .integer(1)),
        OperationParameter("pad", .word(["same", "valid"], orIntegers: true), default: .integer(0)),
        OperationParameter("dilation", .integers, default: .integer(1)),
        OperationParameter("groups", .integer, default: .integer(1)),
    ]

    private static let resolvedSettings =
        settings + [OperationParameter("image", .integers), OperationParameter("kernel", .integers)]

    private static let cost: @Sendable ([TensorType], TensorType, Attributes) -> OperationCost = {
        inputs, output, attributes in
        let bytes = OperationCost.bytes(inputs, output)
        let geometry =
            if attributes["kernel"] == nil {
                try? Geometry(x: inputs[0], w: inputs[1], bias: nil, attributes)
            } else {
                try? Geometry(resolved: attributes, inputs)
            }
        guard let geometry else { return OperationCost(multiplyAdds: 0, bytes: bytes) }
        let taps = Shape(geometry.w.dimensions.dropLast()).count
        return OperationCost(multiplyAdds: OperationCost.product(geometry.output.count, taps), bytes: bytes)
    }

    /// The extents of a convolution with its settings resolved.
    private struct Geometry: Sendable {
        var x: Shape
        var w: Shape
        var output: Shape
        var windows: ImageWindows
        var groups: Int
        var hasBias = false
        var isRectified = false

        init(x: TensorType, w: TensorType, bias: TensorType?, _ attributes: Attributes) throws {
            try ShapeRules.requireRank(
                4, x, "[batch, height, width, channels]", for: "conv2d",
                hint: ShapeRules.imageHint(x))
            try ShapeRules.requireRank(
                4, w, "[kernel height, kernel width, channels / groups, filters]", for: "conv2d")
            let (channels, filters) = (x.shape[3], w.shape[3])
            groups = attributes.integer("groups", default: 1)
            guard groups >= 1, channels % groups == 0, filters % groups == 0 else {
                throw OperationError(
                    "the groups of 'conv2d' divide both the channels and the filters",
                    expected: "a divisor of \(channels) channels and \(filters) filters", found: "groups \(groups)")
            }
            guard w.shape[2] == channels / groups else {
                let per = groups == 1 ? "" : " / \(groups) groups"
                throw OperationError(
                    "the kernel of 'conv2d' is for another number of channels",
                    expected:
                        "[\(w.shape[0]), \(w.shape[1]), channels\(per) = \(channels / groups), \(filters)] for images \(x.shape)",
                    found: "kernel \(w.shape)")
            }
            if let bias, bias.shape != [filters] {
                throw OperationError(
                    "the bias of 'conv2d' has one number for each filter", expected: "[filters = \(filters)]",
                    found: "shape \(bias.shape)")
            }
            windows = try ImageWindows(
                attributes, image: [x.shape[1], x.shape[2]], window: [w.shape[0], w.shape[1]], for: "conv2d")
            self.x = x.shape
            self.w = w.shape
            output = Shape([x.shape[0]] + windows.extents + [filters])
            hasBias = bias != nil
            isRectified = attributes.text("activation", default: "none") == "relu"
        }

        /// From what `attributes` made.
        init(resolved attributes: Attributes, _ inputs: [TensorType]) throws {
            guard let batch = inputs[0].shape.dimensions.first,
                let image = attributes.integers("image"), image.count == 3,
                let kernel = attributes.integers("kernel"), kernel.count == 4
            else { throw OperationError("a gradient of 'conv2d' needs the extents of image and kernel") }
            let type = ElementType.float32
            try self.init(
                x: TensorType(type, Shape([batch] + image)), w: TensorType(type, Shape(kernel)), bias: nil, attributes)
        }

        /// Settings for the other two passes: padding in numbers, and the extents that they cannot infer.
        var attributes: Attributes {
            [
                "stride": .integers(windows.stride), "dilation": .integers(windows.dilation),
                "pad": .integers(windows.pads), "groups": .integer(groups),
                "image": .integers(Array(x.dimensions.dropFirst())), "kernel": .integers(w.dimensions),
            ]
        }

        private var problem: nnx_convolution_problem {
            nnx_convolution_problem(
                batch: x[0], input_height: x[1], input_width: x[2], input_channels: x[3], output_channels: w[3],
                groups: groups, kernel_height: w[0], kernel_width: w[1], stride_height: windows.stride[0],
                stride_width: windows.stride[1], dilation_height: windows.dilation[0],
                dilation_width: windows.dilation[1], pad_top: windows.pads[0], pad_left: windows.pads[2],
                pad_bottom: windows.pads[1], pad_right: windows.pads[3], has_bias: hasBias,
                activation: isRectified ? .relu : .none)
        }

        func kernel(_ pass: nnx_convolution_pass, _ type: ElementType) -> PreparedKernel {
            type == .float32 ? fastKernel(pass) : plainKernel(pass)
        }

        private func fastKernel(_ pass: nnx_convolution_pass) -> PreparedKernel {
            let choice = KernelChoice.current
            let plan = nnx_convolution_plan_by(choice.convolution, choice.instructionSet, pass, problem)
            return PreparedKernel(
                path: "convolution by \(String(cString: nnx_convolution_algorithm_name(plan.algorithm)))",
                scratchBytes: { plan.work.scratchBytes(threads: $0) }
            ) { arguments in
                let (first, second) = (arguments.inputs[0].floats, arguments.inputs[1].floats)
                let bias = arguments.inputs.count > 2 ? arguments.inputs[2].floats : nil
                let output = arguments.output.floats
                withUnsafePointer(to: plan) { plan in
                    plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) {
                        phase, chunk, shared, worker in
                        nnx_convolution_run(plan, phase, chunk, first, second, output, bias, shared, worker)
                    }
                }
            }
        }

        /// Image by image on the pool, but for the weight gradient, which sums over them.
        private func plainKernel(_ pass: nnx_convolution_pass) -> PreparedKernel {
            let whole = problem
            let (xCount, yCount) = (x.removing(axis: 0).count, output.removing(axis: 0).count)
            let nanoseconds = Double(output.count) * Double(Shape(w.dimensions.dropLast()).count)
            return PreparedKernel(path: "plain convolution") { arguments in
                let (first, second) = (arguments.inputs[0].doubles, arguments.inputs[1].doubles)
                let result = arguments.output.doubles
                guard pass != .weight_gradient else {
                    withUnsafePointer(to: whole) {
                        nnx_plain_convolution_weight_gradient_double($0, first, second, result)
                    }
                    return
                }
                arguments.pool.parallelFor(whole.batch, nanoseconds: nanoseconds) { image, _ in
                    var problem = whole
                    problem.batch = 1
                    if pass == .forward {
                        let bias = arguments.inputs.count > 2 ? arguments.inputs[2].doubles : nil
                        nnx_plain_convolution_double(
                            &problem, first + image * xCount, second, result + image * yCount, bias)
                    } else {
                        nnx_plain_convolution_input_gradient_double(
                            &problem, first + image * yCount, second, result + image * xCount)
                    }
                }
            }
        }
    }
}
