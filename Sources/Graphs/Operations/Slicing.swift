import Tensors

/// Parts of tensors along axes, and their adjoints.
public enum SlicingOperations {
    static let all: [Operation] = [slice, sliceAdjoint, pad]

    static let slice: Operation = Operation(
        "slice",
        documentation: OperationDocumentation(
            "Every step-th element from start up to but not including stop, along each axis. Negative starts and "
                + "stops count from the end; axes that are not named stay whole.",
            formula: "y_i = x_(start + i step)", shapes: "[n, …] -> [(stop - start) / step rounded up, …]",
            example: "slice([0, 1, 2, 3, 4], [1], [4])   # -> [1, 2, 3]"),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("starts", .integers),
            OperationParameter("stops", .integers), OperationParameter("steps", .integers, optional: true),
        ],
        infer: { inputs, attributes in
            TensorType(inputs[0].elementType, try Window(attributes, of: inputs[0].shape).extents)
        },
        derivative: { request in
            let shape = request.inputs[0].shape
            let window = try Window(request.attributes, of: shape)
            return [
                try request.builder.apply(
                    sliceAdjoint, [request.gradient],
                    [
                        "shape": .integers(shape.dimensions), "starts": .integers(window.starts),
                        "stops": .integers(window.stops), "steps": .integers(window.steps),
                    ])
            ]
        },
        cost: movementCost,
        kernel: .computed { request in
            let shape = request.inputs[0].shape
            let window = try Window(request.attributes, of: shape)
            let copy = StridedCopy(
                request.output.elementType, shape: window.extents, sourceStrides: window.strides(of: shape),
                sourceOffset: window.offset(of: shape), destinationStrides: window.extents.strides)
            let isContiguous = contiguousOffset(request) != nil
            return PreparedKernel(path: isContiguous ? "contiguous slice" : "strided slice") {
                copy.run($0.inputs[0], $0.output, pool: $0.pool)
            }
        })

    /// The distance in elements from the start of a slice's input to its output, where the output is one uninterrupted
    /// part of the input's memory and need not be copied; otherwise nil.
    public static func contiguousOffset(_ request: KernelRequest) -> Int? {
        let shape = request.inputs[0].shape
        guard let window = try? Window(request.attributes, of: shape) else { return nil }
        // The outermost axis with more than one element may be cut, those inside of it must be whole.
        guard let outermost = window.extents.dimensions.firstIndex(where: { $0 != 1 }) else {
            return window.offset(of: shape)
        }
        let whole = (outermost + 1..<shape.rank).allSatisfy { window.extents[$0] == shape[$0] }
        return whole && window.steps[outermost] == 1 ? window.offset(of: shape) : nil
    }

    /// Zeros of the shape that was sliced, with the gradient where the slice was.
    static let sliceAdjoint: Operation = Operation(
        "slice_adjoint", isPublic: false,
        documentation: OperationDocumentation(
            "Zeros with a tensor laid where a slice would take it from.", formula: "y_(start + i step) = x_i",
            shapes: "the slice's -> shape", example: ""),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("shape", .integers),
            OperationParameter("starts", .integers), OperationParameter("stops", .integers),
            OperationParameter("steps", .integers, optional: true),
        ],
        infer: { inputs, attributes in
            let shape = try ShapeRules.extents(attributes, "shape", for: "slice_adjoint")
            let window = try Window(attributes, of: shape)
            guard window.extents == inputs[0].shape else {
                throw OperationError(
                    "a slice of \(shape) has another shape", expected: "shape \(window.extents)",
                    found: "shape \(inputs[0].shape)")
            }
            return TensorType(inputs[0].elementType, shape)
        },
        derivative: { request in
            var attributes = request.attributes
            attributes["shape"] = nil
            return [try request.builder.apply(slice, [request.gradient], attributes)]
        },
        cost: movementCost,
        kernel: .computed { request in
            let window = try Window(request.attributes, of: request.output.shape)
            return placing(request, window, value: 0, path: "zeros with a slice")
        })

    static let pad: Operation = Operation(
        "pad",
        documentation: OperationDocumentation(
            "Puts a number around a tensor: amounts are [before, after] for each axis in turn, or one number for all "
                + "sides.",
            formula: "y = x inside, value outside", shapes: "[n, …] -> [before + n + after, …]",
            example: "pad([1, 2], [1, 2])   # -> [0, 1, 2, 0, 0]"),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("amounts", .integers),
            OperationParameter("value", .number, default: .number(0)),
        ],
        infer: { inputs, attributes in
            TensorType(inputs[0].elementType, try Padding(attributes, of: inputs[0].shape).extents)
        },
        derivative: { request in
            let window = try Padding(request.attributes, of: request.inputs[0].shape).window
            return [
                try request.builder.apply(
                    slice, [request.gradient],
                    ["starts": .integers(window.starts), "stops": .integers(window.stops)])
            ]
        },
        cost: movementCost,
        kernel: .computed { request in
            let padding = try Padding(request.attributes, of: request.inputs[0].shape)
            return placing(
                request, padding.window, value: request.attributes.number("value", default: 0), path: "padding")
        })

    private static let movementCost: @Sendable ([TensorType], TensorType, Attributes) -> OperationCost = {
        inputs, output, _ in
        OperationCost(multiplyAdds: 0, bytes: OperationCost.bytes(inputs, output))
    }

    /// Fills the output with `value` and copies the input into the window.
    private static func placing(_ request: KernelRequest, _ window: Window, value: Double, path: String)
        -> PreparedKernel
    {
        let (type, shape) = (request.output.elementType, request.output.shape)
        let copy = StridedCopy(
            type, shape: window.extents, sourceStrides: window.extents.strides,
            destinationStrides: window.strides(of: shape), destinationOffset: window.offset(of: shape))
        let isEmpty = window.extents.count == 0
        return PreparedKernel(path: path) { arguments in
            StridedCopy.fill(type, arguments.output, shape.count, with: value)
            if !isEmpty { copy.run(arguments.inputs[0], arguments.output, pool: arguments.pool) }
        }
    }

    /// The part of a tensor that a slice takes.
    private struct Window {
        var starts: [Int]
        var stops: [Int]
        var steps: [Int]
        var extents: Shape

        init(starts: [Int], extents: Shape) {
            self.starts = starts
            self.extents = extents
            stops = zip(starts, extents.dimensions).map(+)
            steps = [Int](repeating: 1, count: starts.count)
        }

        init(_ attributes: Attributes, of shape: Shape) throws {
            let starts = attributes.integers("starts") ?? []
            let stops = attributes.integers("stops") ?? []
            let steps = attributes.integers("steps") ?? [Int](repeating: 1, count: starts.count)
            guard starts.count == stops.count, steps.count == starts.count, starts.count <= shape.rank else {
                throw OperationError(
                    "'slice' needs a start and a stop for each axis that it cuts",
                    expected: "at most \(shape.rank) of each, as shape \(shape) has axes",
                    found: "\(starts.count) starts, \(stops.count) stops, \(steps.count) steps")
            }
            (self.starts, self.stops, self.steps) = ([], [], [])
            var extents: [Int] = []
            for (axis, extent) in shape.dimensions.enumerated() {
                guard axis < starts.count else {
                    self.starts.append(0)
                    self.stops.append(extent)
                    self.steps.append(1)
                    extents.append(extent)
                    continue
                }
                guard steps[axis] >= 1 else {
                    throw OperationError(
                        "'slice' steps forwards", expected: "a step from 1",
                        found: "step \(steps[axis]) on axis \(axis)",
                        hint: "flip reverses an axis")
                }
                let start = starts[axis] < 0 ? starts[axis] + extent : starts[axis]
                let stop = stops[axis] < 0 ? stops[axis] + extent : stops[axis]
                guard start >= 0, stop <= extent, start <= stop else {
                    throw OperationError(
                        "the slice \(starts[axis])..<\(stops[axis]) does not lie in axis \(axis)",
                        expected: "a part of 0..<\(extent), as shape \(shape) has there",
                        found: "\(starts[axis])..<\(stops[axis])")
                }
                self.starts.append(start)
                self.stops.append(stop)
                self.steps.append(steps[axis])
                // Not (stop - start + step - 1) / step: a huge step would overflow.
                extents.append(stop == start ? 0 : (stop - start - 1) / steps[axis] + 1)
            }
            self.extents = Shape(extents)
        }

        func offset(of shape: Shape) -> Int { zip(starts, shape.strides).reduce(0) { $0 &+ $1.0 &* $1.1 } }

        func strides(of shape: Shape) -> [Int] {
            // A step beyond the axis takes one element, and its stride does not matter.
            shape.strides.enumerated().map { axis, stride in extents[axis] <= 1 ? stride : stride * steps[axis] }
        }
    }

    private struct Padding {
        var window: Window
        var extents: Shape

        init(_ attributes: Attributes, of shape: Shape) throws {
            let given = attributes.integers("amounts") ?? []
            let amounts = given.count == 1 ? [Int](repeating: given[0], count: 2 * shape.rank) : given
            guard amounts.count == 2 * shape.rank else {
                throw OperationError(
                    "'pad' needs an amount before and after each axis",
                    expected: "\(2 * shape.rank) numbers for shape \(shape), or one for all sides", found: "\(given)")
            }
            guard amounts.allSatisfy({ 0..<ShapeRules.largestSetting ~= $0 }) else {
                throw OperationError("'pad' cannot add so many elements", expected: "amounts from 0", found: "\(given)")
            }
            window = Window(starts: shape.dimensions.indices.map { amounts[2 * $0] }, extents: shape)
            extents = Shape(shape.dimensions.enumerated().map { $1 + amounts[2 * $0] + amounts[2 * $0 + 1] })
        }
    }
}

extension GraphBuilder {
    /// The elements `lower ..< upper` along one axis.
    public func slice(_ x: Node, axis: Int, from lower: Int, to upper: Int) throws -> Node {
        var (starts, stops) = ([Int](repeating: 0, count: x.shape.rank), x.shape.dimensions)
        starts[axis] = lower
        stops[axis] = upper
        return try apply(
            SlicingOperations.slice, [x], ["starts": .integers(starts), "stops": .integers(stops)])
    }
}
