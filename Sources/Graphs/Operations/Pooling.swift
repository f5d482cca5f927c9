import CKernels
import Tensors

/// Summaries of windows of channels-last images.
enum PoolingOperations {
    static let all: [Operation] = [maxPool, avgPool, maxPoolGradient, avgPoolGradient, maxPoolSelect]

    static let maxPool: Operation = pooling(
        "max_pool2d",
        "The largest element of each window, channel by channel; padding never wins. The derivative goes "
            + "to the first of equal ones.", formula: "y = max of x over the window",
        example: "max_pool2d(reshape([1, 3, 4, 2], [1, 2, 2, 1]), 2)   # -> [[[[4]]]]", .maximum,
        derivative: { request in
            let geometry = try Geometry(request.inputs[0].type, request.attributes, "max_pool2d")
            return try request.builder.apply(
                maxPoolGradient, [request.inputs[0], request.output, request.gradient], geometry.attributes)
        })

    static let avgPool: Operation = pooling(
        "avg_pool2d", "The mean of each window, channel by channel; padding does not count.",
        formula: "y = mean of x over the part of the window inside of the image",
        example: "avg_pool2d(reshape([1, 3, 4, 2], [1, 2, 2, 1]), 2)   # -> [[[[2.5]]]]", .average_of_valid,
        derivative: { request in
            let geometry = try Geometry(request.inputs[0].type, request.attributes, "avg_pool2d")
            return try request.builder.apply(avgPoolGradient, [request.gradient], geometry.attributes)
        })

    private static func pooling(
        _ name: String, _ summary: String, formula: String, example: String, _ kind: nnx_pooling_kind,
        derivative: @escaping @Sendable (DerivativeRequest) throws -> Node
    ) -> Operation {
        Operation(
            name,
            documentation: OperationDocumentation(
                summary + " stride is the window unless given; with ceil the last window may reach over the border.",
                formula: formula,
                shapes: "[batch, height, width, channels] -> [batch, height', width', channels], "
                    + "height' = floor((height + pads - window) / stride) + 1, rounded up with ceil",
                example: example),
            parameters: [
                OperationParameter("x", .tensor), OperationParameter("window", .integers),
                OperationParameter("stride", .integers, optional: true),
                OperationParameter("pad", .word(["same", "valid"], orIntegers: true), default: .integer(0)),
                OperationParameter("ceil", .flag, default: .flag(false)),
            ],
            infer: { inputs, attributes in
                TensorType(inputs[0].elementType, try Geometry(inputs[0], attributes, name).output)
            },
            derivative: { request in [try derivative(request)] },
            kernel: .computed { request in
                let problem = try Geometry(request.inputs[0], request.attributes, name).problem(kind)
                switch request.output.elementType {
                case .float32:
                    let plan = nnx_pooling_plan(KernelChoice.current.instructionSet, problem)
                    return PreparedKernel(
                        path: "pooling", scratchBytes: { plan.work.scratchBytes(threads: $0) }
                    ) { arguments in
                        let (x, y) = (arguments.inputs[0].floats, arguments.output.floats)
                        withUnsafePointer(to: plan) { plan in
                            plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                                nnx_pooling_run(plan, chunk, x, y)
                            }
                        }
                    }
                case .float64:
                    return PreparedKernel(path: "plain pooling") { arguments in
                        withUnsafePointer(to: problem) {
                            nnx_plain_pooling_double($0, arguments.inputs[0].doubles, arguments.output.doubles)
                        }
                    }
                }
            })
    }

    static let maxPoolGradient: Operation = gradient(
        "max_pool2d_gradient", "Lays each window's gradient on its first largest element.", .maximum,
        tensors: ["x", "y", "g"],
        derivative: { request in
            let selected =
                request.needed[2]
                ? try request.builder.apply(
                    maxPoolSelect, [request.inputs[0], request.gradient], request.attributes) : nil
            // In x and y it is constant but for jumps.
            return [nil, nil, selected]
        })

    static let avgPoolGradient: Operation = gradient(
        "avg_pool2d_gradient", "Spreads each window's gradient evenly.", .average_of_valid, tensors: ["g"],
        derivative: { request in [try request.builder.apply(avgPool, [request.gradient], request.attributes)] })

    private static func gradient(
        _ name: String, _ summary: String, _ kind: nnx_pooling_kind, tensors: [String],
        derivative: @escaping @Sendable (DerivativeRequest) throws -> [Node?]
    ) -> Operation {
        Operation(
            name, isPublic: false,
            documentation: OperationDocumentation(
                summary, formula: "the adjoint of the pooling",
                shapes: "[batch, height', width', channels] -> [batch, height, width, channels]", example: ""),
            parameters: tensors.map { OperationParameter($0, .tensor) } + [
                OperationParameter("window", .integers), OperationParameter("stride", .integers),
                OperationParameter("pad", .integers), OperationParameter("image", .integers),
            ],
            infer: { inputs, attributes in
                let gradient = inputs[inputs.count - 1]
                return TensorType(gradient.elementType, try Geometry(adjointOf: gradient, attributes, name).x)
            },
            derivative: derivative,
            kernel: .computed { request in
                let last = request.inputs.count - 1
                let problem = try Geometry(adjointOf: request.inputs[last], request.attributes, name).problem(kind)
                switch request.output.elementType {
                case .float32:
                    let plan = nnx_pooling_gradient_plan(KernelChoice.current.instructionSet, problem)
                    return PreparedKernel(
                        path: "pooling gradient", scratchBytes: { plan.work.scratchBytes(threads: $0) }
                    ) { arguments in
                        let x = last == 2 ? arguments.inputs[0].floats : nil
                        let y = last == 2 ? arguments.inputs[1].floats : nil
                        let (g, dx) = (arguments.inputs[last].floats, arguments.output.floats)
                        withUnsafePointer(to: plan) { plan in
                            plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) { _, chunk, _, _ in
                                nnx_pooling_gradient_run(plan, chunk, x, y, g, dx)
                            }
                        }
                    }
                case .float64:
                    return PreparedKernel(path: "plain pooling gradient") { arguments in
                        let x = last == 2 ? arguments.inputs[0].doubles : nil
                        withUnsafePointer(to: problem) {
                            nnx_plain_pooling_gradient_double(
                                $0, x, arguments.inputs[last].doubles, arguments.output.doubles)
                        }
                    }
                }
            })
    }

    /// For each window the element of `h` where `x` has its first maximum: the second derivative of max_pool2d.
    static let maxPoolSelect: Operation = Operation(
        "max_pool2d_select", isPublic: false,
        documentation: OperationDocumentation(
            "For each window the element of h where x has its first maximum.", formula: "y = h at arg max of x",
            shapes: "[batch, height, width, channels] twice -> [batch, height', width', channels]", example: ""),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("h", .tensor), OperationParameter("window", .integers),
            OperationParameter("stride", .integers, optional: true),
            OperationParameter("pad", .word(["same", "valid"], orIntegers: true), default: .integer(0)),
        ],
        infer: { inputs, attributes in
            guard inputs[0].shape == inputs[1].shape else {
                throw OperationError(
                    "'max_pool2d_select' needs two images of one shape", expected: "shape \(inputs[0].shape)",
                    found: "shape \(inputs[1].shape)")
            }
            return TensorType(inputs[0].elementType, try Geometry(inputs[0], attributes, "max_pool2d").output)
        },
        derivative: { request in
            let builder = request.builder
            let x = request.inputs[0]
            let settings = try Geometry(x.type, request.attributes, "max_pool2d").attributes
            guard request.needed[1] else { return [nil, nil] }
            let y = try builder.apply(maxPool, [x], settings)
            return [nil, try builder.apply(maxPoolGradient, [x, y, request.gradient], settings)]
        },
        kernel: .computed { request in
            let geometry = try Geometry(request.inputs[0], request.attributes, "max_pool2d")
            let type = request.output.elementType
            return PreparedKernel(path: "pooling selection") { arguments in
                switch type {
                case .float32:
                    geometry.selectMaxima(
                        arguments.inputs[0].floats, arguments.inputs[1].floats, arguments.output.floats)
                case .float64:
                    geometry.selectMaxima(
                        arguments.inputs[0].doubles, arguments.inputs[1].doubles, arguments.output.doubles)
                }
            }
        })

    /// The extents of a pooling with its settings resolved.
    private struct Geometry: Sendable {
        var x: Shape
        var output: Shape
        var window: [Int]
        var windows: ImageWindows

        init(_ x: TensorType, _ attributes: Attributes, _ name: String) throws {
            try ShapeRules.requireRank(
                4, x, "[batch, height, width, channels]", for: name,
                hint: ShapeRules.imageHint(x))
            window = try ImageWindows.pair(attributes, "window", fallback: [1, 1], from: 1, for: name)
            windows = try ImageWindows(
                attributes, image: [x.shape[1], x.shape[2]], window: window, stride: window, for: name)
            let (tallest, widest) = (
                Swift.max(windows.pads[0], windows.pads[1]), Swift.max(windows.pads[2], windows.pads[3])
            )
            guard tallest < window[0], widest < window[1] else {
                throw OperationError(
                    "the padding of '\(name)' leaves windows without an element",
                    expected: "less padding than the window \(window) on each side",
                    found: "[top, bottom, left, right] = \(windows.pads)")
            }
            self.x = x.shape
            output = Shape([x.shape[0]] + windows.extents + [x.shape[3]])
        }

        /// From a gradient of the output's shape, and what `attributes` made.
        init(adjointOf gradient: TensorType, _ attributes: Attributes, _ name: String) throws {
            guard let image = attributes.integers("image"), image.count == 2, gradient.shape.rank == 4 else {
                throw OperationError("'\(name)' needs the extents of the image")
            }
            let shape = Shape([gradient.shape[0]] + image + [gradient.shape[3]])
            try self.init(TensorType(gradient.elementType, shape), attributes, name)
            guard gradient.shape == output else {
                throw OperationError(
                    "the gradient of '\(name)' has another shape", expected: "\(output)", found: "\(gradient.shape)")
            }
        }

        var attributes: Attributes {
            [
                "window": .integers(window), "stride": .integers(windows.stride), "pad": .integers(windows.pads),
                "image": .integers([x[1], x[2]]),
            ]
        }

        func problem(_ kind: nnx_pooling_kind) -> nnx_pooling_problem {
            nnx_pooling_problem(
                kind: kind, batch: x[0], input_height: x[1], input_width: x[2], channels: x[3],
                window_height: window[0], window_width: window[1], stride_height: windows.stride[0],
                stride_width: windows.stride[1], pad_top: windows.pads[0], pad_left: windows.pads[2],
                pad_bottom: windows.pads[1], pad_right: windows.pads[3])
        }

        func selectMaxima<E: KernelElement>(_ x: UnsafePointer<E>, _ h: UnsafePointer<E>, _ y: UnsafeMutablePointer<E>)
        {
            let (height, width, channels) = (self.x[1], self.x[2], self.x[3])
            var target = 0
            for image in 0..<self.x[0] {
                for row in 0..<output[1] {
                    let top = row * windows.stride[0] - windows.pads[0]
                    let rows = Swift.max(0, top)..<Swift.min(height, top + window[0])
                    for column in 0..<output[2] {
                        let left = column * windows.stride[1] - windows.pads[2]
                        let columns = Swift.max(0, left)..<Swift.min(width, left + window[1])
                        for channel in 0..<channels {
                            var best: Int?
                            for pixelRow in rows {
                                for pixelColumn in columns {
                                    let place = ((image * height + pixelRow) * width + pixelColumn) * channels + channel
                                    guard let record = best else {
                                        best = place
                                        continue
                                    }
                                    let (value, most) = (x[place], x[record])
                                    if value > most || (value.isNaN && !most.isNaN) { best = place }
                                }
                            }
                            y[target] = best.map { h[$0] } ?? 0
                            target += 1
                        }
                    }
                }
            }
        }
    }
}
