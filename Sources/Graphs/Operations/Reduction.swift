import CKernels
import Tensors

/// Reductions over one axis, several or all of them.
enum ReductionOperations {
    static let all: [Operation] = [sum, mean, max, min, prod, argmax, argmin, productOfOthers, firstExtreme]

    static let parameters = [
        OperationParameter("x", .tensor),
        OperationParameter("axis", .integers, optional: true),
        OperationParameter("keep", .flag, default: .flag(false)),
    ]

    static let sum: Operation = reduction(
        "sum", "Sum over an axis, several, or all. keep leaves them with extent 1.", "y = sum of x_i",
        "sum([[1, 2], [3, 4]], axis: 0)   # -> [4, 6]",
        derivative: { request in
            let axes = try ShapeRules.axes(request.attributes, of: request.inputs[0].shape, for: "sum")
            return try request.builder.expand(request.gradient, over: axes, to: request.inputs[0].shape)
        }
    ) { request, axes in ReductionKernel.prepare(.sum, request.inputs[0], axes: axes) }

    static let mean: Operation = reduction(
        "mean", "Mean over an axis, several, or all; nan of nothing. keep leaves them with extent 1.",
        "y = 1/n sum of x_i", "mean([[1, 2], [3, 4]], axis: 1)   # -> [1.5, 3.5]",
        derivative: { request in
            let (shape, builder) = (request.inputs[0].shape, request.builder)
            let axes = try ShapeRules.axes(request.attributes, of: shape, for: "mean")
            let share = try builder.multiply(request.gradient, 1 / Double(extent(of: axes, in: shape)))
            return try builder.expand(share, over: axes, to: shape)
        }
    ) { request, axes in
        let scale = 1 / Double(extent(of: axes, in: request.inputs[0].shape))
        return ReductionKernel.prepare(.sum, request.inputs[0], axes: axes, scale: scale)
    }

    static let max: Operation = reduction(
        "max", "Largest element over an axis, several, or all; the derivative goes to the first of equal ones.",
        "y = max of x_i", "max([[1, 5], [7, 2]], axis: 1)   # -> [5, 7]", needsElements: true,
        derivative: { request in try toFirstExtreme(request, largest: true) }
    ) { request, axes in ReductionKernel.prepare(.maximum, request.inputs[0], axes: axes) }

    static let min: Operation = reduction(
        "min", "Smallest element over an axis, several, or all; the derivative goes to the first of equal ones.",
        "y = min of x_i", "min([[1, 5], [7, 2]], axis: 1)   # -> [1, 2]", needsElements: true,
        derivative: { request in try toFirstExtreme(request, largest: false) }
    ) { request, axes in ReductionKernel.prepare(.minimum, request.inputs[0], axes: axes) }

    static let prod: Operation = reduction(
        "prod", "Product over an axis, several, or all; 1 of nothing. keep leaves them with extent 1.",
        "y = product of x_i", "prod([1, 2, 3, 4])   # -> 24",
        derivative: { request in
            let (x, builder) = (request.inputs[0], request.builder)
            let axes = try ShapeRules.axes(request.attributes, of: x.shape, for: "prod")
            let others = try builder.apply(productOfOthers, [x], ["axis": .integers(axes)])
            return try builder.multiply(builder.expand(request.gradient, over: axes, to: x.shape), others)
        }
    ) { request, axes in ReductionKernel.prepare(.product, request.inputs[0], axes: axes) }

    static let argmax: Operation = argument(
        "argmax", "Place of the first largest element along an axis, counted from 0; without axis, in row-major order.",
        "argmax([3, 9, 4])   # -> 1", .argmax)

    static let argmin: Operation = argument(
        "argmin",
        "Place of the first smallest element along an axis, counted from 0; without axis, in row-major order.",
        "argmin([3, 9, 1])   # -> 2", .argmin)

    /// Number of elements that are reduced to one.
    static func extent(of axes: [Int], in shape: Shape) -> Int { Shape(axes.map { shape[$0] }).count }

    private static func reduction(
        _ name: String, _ summary: String, _ formula: String, _ example: String, needsElements: Bool = false,
        derivative: @escaping @Sendable (DerivativeRequest) throws -> Node,
        prepare: @escaping @Sendable (KernelRequest, _ axes: [Int]) -> PreparedKernel
    ) -> Operation {
        Operation(
            name,
            documentation: OperationDocumentation(
                summary, formula: formula, shapes: "[…, n, …] -> […, …], or […, 1, …] with keep: true",
                example: example),
            parameters: parameters,
            infer: { inputs, attributes in
                let shape = inputs[0].shape
                let axes = try ShapeRules.axes(attributes, of: shape, for: name)
                let keep = attributes.flag("keep", default: false)
                if needsElements { try requireElements(shape, axes, name) }
                return TensorType(inputs[0].elementType, ShapeRules.reduced(shape, axes: axes, keep: keep))
            },
            derivative: { request in [try derivative(request)] },
            kernel: .computed { request in
                prepare(request, try ShapeRules.axes(request.attributes, of: request.inputs[0].shape, for: name))
            })
    }

    private static func requireElements(_ shape: Shape, _ axes: [Int], _ name: String) throws {
        guard axes.contains(where: { shape[$0] == 0 }) else { return }
        throw OperationError(
            "'\(name)' of no elements does not exist", expected: "at least one element along the axis",
            found: "shape \(shape)")
    }

    private static func argument(_ name: String, _ summary: String, _ example: String, _ kind: nnx_reduction_kind)
        -> Operation
    {
        @Sendable func axes(_ attributes: Attributes, _ shape: Shape) throws -> [Int] {
            let axes = try ShapeRules.axes(attributes, of: shape, for: name)
            guard attributes.integers("axis") == nil || axes.count == 1 else {
                throw OperationError(
                    "'\(name)' works along one axis", expected: "one axis, or none for the place in row-major order",
                    found: "axis \(axes)")
            }
            return axes
        }
        return Operation(
            name,
            documentation: OperationDocumentation(
                summary, formula: "y = arg \(name.dropFirst(3)) of x_i",
                shapes: "[…, n, …] -> […, …], or […, 1, …] with keep: true", example: example),
            parameters: parameters,
            infer: { inputs, attributes in
                let shape = inputs[0].shape
                let axes = try axes(attributes, shape)
                try requireElements(shape, axes, name)
                let keep = attributes.flag("keep", default: false)
                return TensorType(inputs[0].elementType, ShapeRules.reduced(shape, axes: axes, keep: keep))
            },
            derivative: nil,
            kernel: .computed { request in
                let shape = request.inputs[0].shape
                let axes = try axes(request.attributes, shape)
                guard shape.count > 1 else {
                    // The place in a single element is 0.
                    let (type, count) = (request.output.elementType, request.output.shape.count)
                    return PreparedKernel(path: "zero") { StridedCopy.fill(type, $0.output, count, with: 0) }
                }
                if extent(of: axes, in: shape) == 1 {
                    let (type, count) = (request.output.elementType, request.output.shape.count)
                    return PreparedKernel(path: "zero") { StridedCopy.fill(type, $0.output, count, with: 0) }
                }
                return ReductionKernel.prepare(kind, request.inputs[0], axes: axes)
            })
    }

    private static func toFirstExtreme(_ request: DerivativeRequest, largest: Bool) throws -> Node {
        let (x, builder) = (request.inputs[0], request.builder)
        let axes = try ShapeRules.axes(request.attributes, of: x.shape, for: request.node.operation.name)
        let mark = try builder.apply(firstExtreme, [x], ["axis": .integers(axes), "largest": .flag(largest)])
        return try builder.multiply(builder.expand(request.gradient, over: axes, to: x.shape), mark)
    }

    /// 1 at the first largest (or smallest) element along the axes, 0 elsewhere: where max's derivative goes.
    static let firstExtreme: Operation = Operation(
        "first_extreme", isPublic: false,
        documentation: OperationDocumentation(
            "1 at the first extreme element along the axes, 0 elsewhere.", formula: "y_i = 1 if i = arg max x",
            shapes: "any -> same", example: ""),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("axis", .integers, optional: true),
            OperationParameter("largest", .flag, default: .flag(true)),
        ],
        infer: { inputs, attributes in
            _ = try ShapeRules.axes(attributes, of: inputs[0].shape, for: "first_extreme")
            return inputs[0]
        },
        derivative: nil,
        kernel: .computed { request in
            let walk = try AxisWalk(request, name: "first_extreme")
            let largest = request.attributes.flag("largest", default: true)
            return walk.kernel("first extreme", float: { x, y in markExtreme(x, y, largest) }) { x, y in
                markExtreme(x, y, largest)
            }
        })

    private static func markExtreme<E: KernelElement>(
        _ x: AxisWalk.Line<E>, _ y: AxisWalk.MutableLine<E>, _ largest: Bool
    ) {
        var best = 0
        for index in 0..<x.count {
            y[index] = 0
            let (value, record) = (x[index], x[best])
            // As in the reductions, nan is the most extreme of all.
            let wins = largest ? value > record : value < record
            if wins || (value.isNaN && !record.isNaN) { best = index }
        }
        y[best] = 1
    }

    /// For each element the product of all others along the axes: prod's derivative, right where elements are 0.
    /// Its own derivative divides by the elements and is right where none is 0.
    static let productOfOthers: Operation = Operation(
        "product_of_others", isPublic: false,
        documentation: OperationDocumentation(
            "For each element the product of all others along the axes.", formula: "y_i = product of x_j, j != i",
            shapes: "any -> same", example: ""),
        parameters: [OperationParameter("x", .tensor), OperationParameter("axis", .integers, optional: true)],
        infer: { inputs, attributes in
            _ = try ShapeRules.axes(attributes, of: inputs[0].shape, for: "product_of_others")
            return inputs[0]
        },
        derivative: { request in
            let (x, builder) = (request.inputs[0], request.builder)
            let axes = try ShapeRules.axes(request.attributes, of: x.shape, for: "product_of_others")
            let weighted = try builder.multiply(request.gradient, request.output)
            let total = try builder.sum(weighted, axes: axes, keep: true)
            return [try builder.divide(builder.subtract(total, weighted), x)]
        },
        kernel: .computed { request in
            let walk = try AxisWalk(request, name: "product_of_others")
            return walk.kernel("product of others", float: multiplyOthers, double: multiplyOthers)
        })

    private static func multiplyOthers<E: KernelElement>(_ x: AxisWalk.Line<E>, _ y: AxisWalk.MutableLine<E>) {
        var before: E = 1
        for index in 0..<x.count {
            y[index] = before
            before *= x[index]
        }
        var after: E = 1
        for index in (0..<x.count).reversed() {
            y[index] *= after
            after *= x[index]
        }
    }
}
