import Graphs
import Tensors

/// Inputs on which every entry of the operation table is tried.
struct OperationSample: Sendable {
    /// What random numbers an input is made of.
    enum Input: Sendable {
        /// Standard normal.
        case normal(Shape)
        /// In (0.5, 1.5).
        case positive(Shape)
        /// Numbers no two of which are close, for operations that jump where two change places.
        case distinct(Shape)
        /// These numbers, for which no derivative is asked.
        case fixed([Double], Shape)
        /// These numbers, for which the derivative is asked too.
        case given([Double], Shape)
        /// A random matrix that is far from singular.
        case regular(Int)
    }

    var inputs: [Input]
    var attributes: Attributes
    /// Inputs for which derivatives are compared with differences.
    var differentiable: [Int]

    init(_ inputs: Input..., attributes: Attributes = .none, differentiable: [Int]? = nil) {
        self.inputs = inputs
        self.attributes = attributes
        self.differentiable =
            differentiable
            ?? inputs.indices.filter { if case .fixed = inputs[$0] { false } else { true } }
    }

    /// The inputs' numbers, the same at each call.
    func tensors(_ elementType: ElementType = .float64) throws -> [Tensor] {
        var stream = RandomStream(seed: 11, stream: 5)
        return try inputs.map { input in
            switch input {
            case .normal(let shape): try stream.normal(shape).converted(to: elementType)
            case .positive(let shape):
                try Tensor(stream.uniform(shape).doubles.map { $0 + 0.5 }, shape: shape, elementType: elementType)
            case .distinct(let shape):
                try Tensor(
                    stream.uniform(shape).doubles.enumerated().sorted { $0.1 < $1.1 }.enumerated()
                        .sorted { $0.element.0 < $1.element.0 }.map { Double($0.offset) / 4 - 2 },
                    shape: shape, elementType: elementType)
            case .fixed(let values, let shape), .given(let values, let shape):
                try Tensor(values, shape: shape, elementType: elementType)
            case .regular(let size):
                try Tensor(
                    stream.normal([size, size]).doubles.enumerated().map { index, value in
                        value + (index % (size + 1) == 0 ? 3 : 0)
                    }, shape: [size, size], elementType: elementType)
            }
        }
    }
}

enum OperationSamples {
    private static let wide: Shape = [3, 5, 7]

    private static let plainUnary = [
        "negate", "square", "exp", "expm1", "sin", "cos", "tan", "tanh", "sigmoid", "softplus", "erf",
    ]
    private static let positiveUnary = ["sqrt", "rsqrt", "reciprocal", "log", "log1p", "norm_root"]
    private static let jumpingUnary = ["abs", "sign", "floor", "ceil", "round", "logical_not"]
    private static let comparisons = [
        "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or",
    ]

    static func samples(for name: String) -> [OperationSample]? {
        if positiveUnary.contains(name) {
            return [OperationSample(.positive([3, 5])), OperationSample(.positive([]))]
        }
        if jumpingUnary.contains(name) {
            return [OperationSample(.given([-1.7, -0.3, 0.4, 1.2, 2.6], [5])), OperationSample(.given([0.7], []))]
        }
        if comparisons.contains(name) {
            return [OperationSample(.distinct([3, 5]), .fixed([0.1, -0.3, 0.6, 0.7, 0], [5]))]
        }
        if let listed = table[name] { return listed }
        return plainUnary.contains(name) ? [OperationSample(.normal([3, 5])), OperationSample(.normal([]))] : nil
    }

    private static let broadcastPair = [
        OperationSample(.normal([3, 5]), .normal([5])), OperationSample(.normal([3, 1]), .normal([2, 1, 5])),
        OperationSample(.normal([]), .normal([4])),
    ]

    private static let extremes = [
        OperationSample(.given([-2, -1, 0.5, 2], [4]), .given([-1, -2, 1, 0.25], [4])),
        OperationSample(.given([-2, -1, 0.5, 2], [4]), .fixed([0], [])),
        OperationSample(.fixed([0], []), .given([-2, -1, 0.5, 2], [4])),
    ]

    private static func reductions(_ input: (Shape) -> OperationSample.Input, single: Bool = false)
        -> [OperationSample]
    {
        let all = [
            OperationSample(input(wide)), OperationSample(input(wide), attributes: ["axis": .integer(0)]),
            OperationSample(input(wide), attributes: ["axis": .integer(-1), "keep": .flag(true)]),
            OperationSample(input([])), OperationSample(input([1, 3, 1]), attributes: ["axis": .integer(0)]),
        ]
        guard !single else { return all }
        return all + [
            OperationSample(input([2, 3, 2, 3]), attributes: ["axis": .integers([0, 2])]),
            OperationSample(input([2, 3, 2, 3]), attributes: ["axis": .integers([1, 3]), "keep": .flag(true)]),
        ]
    }

    private static let table: [String: [OperationSample]] = [
        "add": broadcastPair, "subtract": broadcastPair, "multiply": broadcastPair,
        "divide": [
            OperationSample(.normal([3, 5]), .positive([5])), OperationSample(.normal([]), .positive([2, 3])),
        ],
        "mod": [
            OperationSample(.given([-3.7, -0.6, 1.4, 7.2], [4]), .given([1, 2, 1.5, 3], [4])),
            OperationSample(.given([5.5, -5.5], [2]), .given([2, -2], [2, 1])),
            OperationSample(.given([0.5], []), .given([2], [])),
        ],
        "power": [
            OperationSample(.positive([3, 5]), .normal([5])),
            OperationSample(.normal([5]), .fixed([2], [])), OperationSample(.normal([5]), .fixed([3], [])),
            OperationSample(.normal([5]), .fixed([4], [])), OperationSample(.normal([5]), .fixed([5], [])),
            OperationSample(.positive([5]), .fixed([0.5], [])), OperationSample(.positive([5]), .fixed([-0.5], [])),
            OperationSample(.positive([5]), .fixed([-1], [])), OperationSample(.positive([5]), .fixed([-2], [])),
            OperationSample(.positive([5]), .fixed([1.7], [])), OperationSample(.normal([5]), .fixed([0], [])),
            OperationSample(.normal([5]), .fixed([1], [])), OperationSample(.fixed([0.9], []), .normal([3])),
        ],
        "minimum": extremes, "maximum": extremes,
        "where": [
            OperationSample(.fixed([1, 0, 2, 0], [4]), .normal([4]), .normal([3, 1]))
        ],
        "sum": reductions { .normal($0) }, "mean": reductions { .normal($0) },
        "max": reductions { .distinct($0) }, "min": reductions { .distinct($0) },
        "prod": reductions({ .positive($0) }), "product_of_others": reductions({ .positive($0) }),
        "argmax": reductions({ .distinct($0) }, single: true), "argmin": reductions({ .distinct($0) }, single: true),
        "first_extreme": reductions({ .distinct($0) }),
        "variance": reductions { .normal($0) } + [
            OperationSample(.normal([4, 3]), attributes: ["axis": .integer(0), "unbiased": .flag(true)])
        ],
        "std": [OperationSample(.normal(wide), attributes: ["axis": .integer(1)]), OperationSample(.normal([6]))],
        "norm": reductions { .normal($0) },
        "logsumexp": reductions { .normal($0) },
        "cumsum": [
            OperationSample(.normal(wide), attributes: ["axis": .integer(1)]), OperationSample(.normal([5])),
            OperationSample(.normal(wide), attributes: ["axis": .integer(-1), "reverse": .flag(true)]),
        ],
        "reshape": [
            OperationSample(.normal([3, 4]), attributes: ["shape": .integers([2, -1])]),
            OperationSample(.normal([]), attributes: ["shape": .integers([1, 1])]),
        ],
        "expand_dims": [OperationSample(.normal([3, 4]), attributes: ["axis": .integer(-1)])],
        "squeeze": [
            OperationSample(.normal([3, 1, 2, 1])),
            OperationSample(.normal([3, 1]), attributes: ["axis": .integer(1)]),
        ],
        "stop_gradient": [OperationSample(.normal([3]), differentiable: [])],
        "broadcast_to": [
            OperationSample(.normal([3, 1]), attributes: ["shape": .integers([2, 3, 4])]),
            OperationSample(.normal([]), attributes: ["shape": .integers([3])]),
        ],
        "tile": [
            OperationSample(.normal([2, 3]), attributes: ["times": .integers([3, 2])]),
            OperationSample(.normal([3]), attributes: ["times": .integer(1)]),
        ],
        "transpose": [
            OperationSample(.normal([3, 5])),
            OperationSample(.normal([2, 3, 4, 5]), attributes: ["axes": .integers([2, 0, -1, 1])]),
        ],
        "flip": [
            OperationSample(.normal(wide), attributes: ["axis": .integers([0, 2])]), OperationSample(.normal([5])),
        ],
        "concat": [
            OperationSample(.normal([2, 3]), .normal([2, 1]), .normal([2, 4]), attributes: ["axis": .integer(1)]),
            OperationSample(.normal([2, 3]), .normal([0, 3]), .normal([1, 3])),
        ],
        "stack": [
            OperationSample(.normal([2, 3]), .normal([2, 3]), attributes: ["axis": .integer(1)]),
            OperationSample(.normal([]), .normal([]), .normal([])),
        ],
        "slice": [
            OperationSample(
                .normal([5, 7]), attributes: ["starts": .integers([1, -6]), "stops": .integers([4, 7])]),
            OperationSample(
                .normal([5, 7]),
                attributes: [
                    "starts": .integers([0, 1]), "stops": .integers([5, 6]), "steps": .integers([2, 3]),
                ]),
            OperationSample(.normal([5, 3]), attributes: ["starts": .integers([2]), "stops": .integers([4])]),
        ],
        "slice_adjoint": [
            OperationSample(
                .normal([3, 2]),
                attributes: [
                    "shape": .integers([5, 7]), "starts": .integers([0, 1]), "stops": .integers([5, 6]),
                    "steps": .integers([2, 3]),
                ])
        ],
        "pad": [
            OperationSample(.normal([2, 3]), attributes: ["amounts": .integers([1, 0, 2, 1]), "value": .number(4)]),
            OperationSample(.normal([3]), attributes: ["amounts": .integer(2)]),
        ],
        "gather": [
            OperationSample(.normal([4, 3]), .fixed([2, 0, 2, 3, 1], [5])),
            OperationSample(.normal([4]), .fixed([3, 0, 3, 3], [2, 2])),
        ],
        "scatter_add": [
            OperationSample(.normal([4, 3]), .fixed([2, 0, 2, 1], [4]), attributes: ["rows": .integer(5)])
        ],
        "one_hot": [OperationSample(.fixed([2, 0, 1], [3]), attributes: ["classes": .integer(4)])],
        "matmul": [
            OperationSample(.normal([3, 5]), .normal([5, 7])),
            OperationSample(.normal([5, 3]), .normal([5, 7]), attributes: ["transposeA": .flag(true)]),
            OperationSample(.normal([3, 5]), .normal([7, 5]), attributes: ["transposeB": .flag(true)]),
            OperationSample(
                .normal([5, 3]), .normal([7, 5]), attributes: ["transposeA": .flag(true), "transposeB": .flag(true)]),
            OperationSample(.normal([5]), .normal([5])), OperationSample(.normal([5]), .normal([5, 2])),
            OperationSample(.normal([3, 5]), .normal([5])),
            OperationSample(.normal([2, 3, 5]), .normal([2, 5, 4])),
            OperationSample(.normal([2, 3, 5]), .normal([5, 4])),
            OperationSample(.normal([3, 5]), .normal([2, 5, 4])),
            OperationSample(.normal([2, 1, 3, 2]), .normal([3, 2, 2])),
            OperationSample(.normal([2, 3, 5]), .normal([5])),
            OperationSample(
                .given(whole(6), [2, 3]), .given(whole(6), [3, 2]), .given([0.5, 0.25], [2]),
                attributes: ["activation": .text("relu")]),
        ],
        "outer": [OperationSample(.normal([3]), .normal([4]))],
        "solve": [
            OperationSample(.regular(4), .normal([4])), OperationSample(.regular(3), .normal([3, 2])),
            OperationSample(.regular(3), .normal([3, 2]), attributes: ["transposed": .flag(true)]),
        ],
        "inv": [OperationSample(.regular(3))], "det": [OperationSample(.regular(3)), OperationSample(.regular(1))],
        "trace": [OperationSample(.normal([4, 4]))],
        "conv2d": [
            OperationSample(.normal([2, 5, 6, 2]), .normal([3, 2, 2, 3])),
            OperationSample(
                .normal([1, 5, 6, 2]), .normal([3, 3, 2, 3]), .normal([3]),
                attributes: ["pad": .text("same"), "stride": .integer(2)]),
            OperationSample(
                .normal([1, 7, 6, 4]), .normal([2, 2, 2, 2]),
                attributes: [
                    "pad": .integers([1, 0, 2, 1]), "dilation": .integers([2, 1]), "groups": .integer(2),
                    "stride": .integers([1, 2]),
                ]),
            OperationSample(
                .given(whole(16), [1, 4, 4, 1]), .given(whole(18), [3, 3, 1, 2]), .given([0.5, 0.25], [2]),
                attributes: ["pad": .integers([1, 2]), "activation": .text("relu")]),
        ],
        "conv2d_input_gradient": [
            OperationSample(.normal([2, 2, 3, 3]), .normal([3, 2, 2, 3]), attributes: resolvedConvolution)
        ],
        "conv2d_weight_gradient": [
            OperationSample(.normal([2, 5, 4, 2]), .normal([2, 2, 3, 3]), attributes: resolvedConvolution)
        ],
        "max_pool2d": pooling { .distinct($0) }, "avg_pool2d": pooling { .normal($0) },
        "max_pool2d_gradient": [
            OperationSample(
                .fixed(ramp(60), [2, 5, 3, 2]), .fixed(rampMaxima, [2, 2, 1, 2]),
                .normal([2, 2, 1, 2]), attributes: resolvedPooling)
        ],
        "avg_pool2d_gradient": [OperationSample(.normal([2, 2, 1, 2]), attributes: resolvedPooling)],
        "max_pool2d_select": [
            OperationSample(
                .fixed(ramp(60), [2, 5, 3, 2]), .normal([2, 5, 3, 2]),
                attributes: ["window": .integers([3, 2]), "stride": .integer(2)])
        ],
        "softmax": [
            OperationSample(.normal([3, 5])), OperationSample(.normal(wide), attributes: ["axis": .integer(1)]),
        ],
        "log_softmax": [
            OperationSample(.normal([3, 5])), OperationSample(.normal(wide), attributes: ["axis": .integer(0)]),
        ],
        "softmax_gradient": [OperationSample(.normal([3, 5]), .normal([3, 5]))],
        "log_softmax_gradient": [OperationSample(.normal([3, 5]), .normal([3, 5]))],
        "softmax_cross_entropy": [OperationSample(.normal([4, 3]), .fixed([2, 0, 1, 2], [4]))],
        "random_uniform": [
            OperationSample(.fixed([3], []), attributes: ["shape": .integers([3, 2]), "seed": .integer(1)])
        ],
        "random_beta": [
            OperationSample(.fixed([3], []), attributes: ["a": .number(0.4), "b": .number(2), "seed": .integer(1)])
        ],
        "warp": warps(resized: [5, 3]), "warp_gradient": warps(resized: [5, 3]),
        "convert": [OperationSample(.normal([3]), attributes: ["type": .text("float64")])],
    ]

    /// Images that are turned, stretched and moved out of themselves, for each way to go on outside of them.
    private static func warps(resized size: [Int]) -> [OperationSample] {
        let turned = [0.8, -0.37, 1.3, 0.41, 1.1, -2.2]
        return ["constant", "edge", "reflect", "wrap"].map { fill in
            OperationSample(
                .normal([4, 6, 2]), .fixed(turned, [2, 3]),
                attributes: ["fill": .text(fill), "size": .integers(size)])
        } + [
            OperationSample(
                .normal([3, 3, 1]), .fixed([-1, 0, 0, 0, 1, 0], [2, 3]), attributes: ["size": .integers([3, 3])])
        ]
    }

    /// Numbers from 0 in an order without repetition.
    private static func ramp(_ count: Int) -> [Double] { (0..<count).map { Double($0 * 37 % count) } }

    /// The largest elements of `resolvedPooling`'s windows of `ramp(60)` as [2, 5, 3, 2].
    private static let rampMaxima: [Double] = (0..<8).compactMap { index in
        let (image, line, channel) = (index / 4, index / 2 % 2, index % 2)
        return (0..<6).map { ramp(60)[((image * 5 + 2 * line + $0 / 2) * 3 + $0 % 2) * 2 + channel] }.max()
    }

    /// Whole numbers of both signs: sums of their products are never close to a kink between two of them.
    private static func whole(_ count: Int) -> [Double] { (0..<count).map { Double($0 * 7 % 11 - 5) } }

    private static let resolvedConvolution: Attributes = [
        "stride": .integers([2, 1]), "pad": .integers([1, 0, 0, 0]), "dilation": .integers([1, 1]),
        "groups": .integer(1), "image": .integers([5, 4, 2]), "kernel": .integers([3, 2, 2, 3]),
    ]

    private static let resolvedPooling: Attributes = [
        "window": .integers([3, 2]), "stride": .integers([2, 2]), "pad": .integers([0, 0, 0, 0]),
        "image": .integers([5, 3]),
    ]

    private static func pooling(_ input: (Shape) -> OperationSample.Input) -> [OperationSample] {
        [
            OperationSample(input([2, 5, 6, 2]), attributes: ["window": .integer(2)]),
            OperationSample(
                input([1, 5, 5, 3]),
                attributes: ["window": .integer(3), "stride": .integer(2), "pad": .text("same")]),
            OperationSample(
                input([1, 4, 5, 1]),
                attributes: [
                    "window": .integers([2, 3]), "stride": .integer(1), "pad": .integers([1, 0, 2, 1]),
                ]),
            OperationSample(
                input([1, 6, 5, 2]),
                attributes: ["window": .integers([3, 2]), "stride": .integer(2), "ceil": .flag(true)]),
        ]
    }
}
