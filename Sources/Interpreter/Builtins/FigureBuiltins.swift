import Figures
import Graphs
import Language
import Tensors

/// Builtins that draw, and `save`.
enum FigureBuiltins {
    private static let decoration = [
        "paths:", "points:", "labels:", "title:", "x_label:", "y_label:", "x_scale:", "scale:", "x_limits:",
        "y_limits:",
    ]

    static let all: [Builtin] = [
        Builtin(
            "plot", ["what", "over:"] + decoration + ["steps:"],
            "Draws functions over a range, numbers over numbers (or over 0, 1, …), a schedule over steps, a run or a table: plot([f, grad(f)], x in -3...3), "
                + "plot(xs, ys), plot(run). Lists give several curves, labels names them in the legend; points: [xs, ys] "
                + "adds marks, paths the ways of an optimizer. scale: log and x_scale: log make an axis logarithmic, "
                + "y_limits: -1...2 and x_limits cut it.",
            example: "plot([sin, cos], x in -3...3, labels: [\"sin\", \"cos\"], y_limits: -2...2)", acceptsUnknown: true
        ) { arguments in
            if arguments.machine.isChecking { return .none }
            let schedule = SchedulePlot(
                arguments: arguments, decoration: Decoration(arguments: arguments, first: plotDecoration),
                stepsIndex: plotDecoration + decoration.count)
            if let rules = try schedule.schedules() { return arguments.show(Figure(try schedule.plot(rules))) }
            if case .object(let object) = arguments[0], !(object is FigureValue) {
                guard let figure = try object.figure(arguments.machine) else {
                    throw arguments.wrong(0, expected: "a function, numbers, a run or a table")
                }
                let decoration = Decoration(arguments: arguments, first: plotDecoration)
                return arguments.show(try decoration.decorated(figure))
            }
            return arguments.show(Figure(try PlotBuilder(arguments).plot()))
        },
        Builtin(
            "contour", ["f", "x", "y", "levels: 12"] + decoration,
            "Draws the lines of equal height of a function of two variables, f(x, y) or f([x, y]), with paths over them.",
            example: "contour((x, y) -> x^2 + y^2, x in -1...1, y in -1...1)", acceptsUnknown: true
        ) { arguments in
            if arguments.machine.isChecking { return .none }
            return arguments.show(Figure(try ContourBuilder(arguments).plot()))
        },
        Builtin(
            "histogram", ["values", "bins: 30", "title:", "x_label:"], "Draws how often values fall into equal bins.",
            example: "histogram([1, 2, 2, 3])", acceptsUnknown: true
        ) { arguments in
            if arguments.machine.isChecking { return .none }
            let bins = try arguments.integer(1, default: 30)
            guard bins > 0 else { throw arguments.wrong(1, expected: "a whole number over 0") }
            let title = arguments.has(2) ? try arguments.text(2) : ""
            let label = arguments.has(3) ? try arguments.text(3) : ""
            return arguments.show(
                Figure(
                    Plot(
                        title: title, x: Axis(label: label), y: Axis(label: "count", wholeNumbers: true),
                        series: [.histogram(try arguments.numbers(0), bins: bins)])))
        },
        Builtin(
            "save", ["value", "path:"],
            "Writes a figure (.svg, .png, .pdf), a tensor (.npy), an image (.png) or what else has files; with only a path "
                + "the last figure.",
            example: "print(\"save(randn([3]), \\\"build/x.npy\\\")\")   # -> save(randn([3]), \"build/x.npy\")",
            acceptsUnknown: true
        ) { arguments in
            if arguments.machine.isChecking {
                FileSaver(arguments).announce()
                return .none
            }
            try FileSaver(arguments).save()
            return .none
        },
    ]

    /// Where the parameters of `decoration` begin.
    static let plotDecoration = 2
    static let contourDecoration = 4
}

/// A drawing as a value.
final class FigureValue: ObjectValue {
    let figure: Figure
    let typeName = "figure"
    /// What it was made from.
    private let fields: [String: Value]

    init(_ figure: Figure, fields: [String: Value] = [:]) {
        self.figure = figure
        self.fields = fields
    }

    var fieldNames: [String] { fields.keys.sorted() }
    func field(_ name: String, _ machine: Machine) throws -> Value? { fields[name] }

    func preview() -> String { figure.title.isEmpty ? "figure" : "figure \"\(figure.title)\"" }
    func figure(_ machine: Machine) throws -> Figure? { figure }

    func isEqual(to other: any ObjectValue) -> Bool { (other as? FigureValue)?.figure == figure }
}

/// A value of another kind that `save` can write.
protocol SavableObject: ObjectValue {
    /// The bytes for a file with this ending, nil where the kind has no such format.
    func bytes(ending: String, _ machine: Machine) throws -> [UInt8]?
    /// Endings that it has, for the message.
    var endings: [String] { get }
}

extension Arguments {
    /// Shows a figure, or adds it to those that an outer `panels` shows, and gives it back as a value.
    func show(_ figure: Figure, fields: [String: Value] = [:]) -> Value {
        machine.session.show(figure)
        return .object(FigureValue(figure, fields: fields))
    }

    /// The bounds of `x in a...b`.
    func bounds(_ index: Int) throws -> ClosedRange<Double> {
        var value = self[index]
        if case .object(let object) = value, let variable = object as? VariableRange { value = variable.values }
        guard case .range(let range) = value, range.lower < range.upper, range.lower.isFinite, range.upper.isFinite
        else {
            throw wrong(index, expected: "a range such as x in -3...3")
        }
        return range.lower...range.upper
    }
}

/// The arguments that all drawings share.
struct Decoration {
    let arguments: Arguments
    /// Position of `paths`.
    let first: Int

    var paths: (values: [Value], names: [String])? {
        get throws {
            guard arguments.has(first) else { return nil }
            if case .record(let record) = arguments[first] { return (record.values, record.names) }
            return (try arguments.elements(first), [])
        }
    }

    var points: Series? {
        get throws {
            guard arguments.has(first + 1) else { return nil }
            let parts = try arguments.elements(first + 1)
            guard parts.count == 2, let x = try arguments.machine.numbers(parts[0], at: arguments.span(first + 1)),
                let y = try arguments.machine.numbers(parts[1], at: arguments.span(first + 1)), x.count == y.count
            else {
                throw arguments.wrong(first + 1, expected: "[xs, ys], as many of each")
            }
            return .points(x: x, y: y, label: "data")
        }
    }

    /// The label of curve `index`.
    func label(_ index: Int) throws -> String? {
        guard arguments.has(first + 2) else { return nil }
        if case .string(let text) = arguments[first + 2] { return index == 0 ? text : nil }
        let labels = try arguments.elements(first + 2)
        return labels.indices.contains(index) ? labels[index].printed : nil
    }

    func text(_ offset: Int) throws -> String {
        arguments.has(first + offset) ? try arguments.text(first + offset) : ""
    }

    var title: String { get throws { try text(3) } }
    var xLabel: String { get throws { try text(4) } }
    var yLabel: String { get throws { try text(5) } }
    var xLimits: ClosedRange<Double>? {
        get throws { arguments.has(first + 8) ? try arguments.bounds(first + 8) : nil }
    }
    var yLimits: ClosedRange<Double>? {
        get throws { arguments.has(first + 9) ? try arguments.bounds(first + 9) : nil }
    }
    var xScale: Axis.Scale { get throws { try scale(first + 6) } }
    var yScale: Axis.Scale { get throws { try scale(first + 7) } }

    /// Gives a plot the labels, scales and limits that were given.
    func adorn(_ plot: inout Plot) throws {
        if arguments.has(first + 4) { plot.x.label = try xLabel }
        if arguments.has(first + 5) { plot.y.label = try yLabel }
        if arguments.has(first + 6) { plot.x.scale = try xScale }
        if arguments.has(first + 7) { plot.y.scale = try yScale }
        if let limits = try xLimits { plot.x.range = limits }
        if let limits = try yLimits { plot.y.range = limits }
    }

    /// A figure that is there already, with the title, labels, scales and limits that were given.
    func decorated(_ figure: Figure) throws -> Figure {
        if arguments.has(1) { throw arguments.wrong(1, expected: "no range: what is drawn has its own") }
        for index in first..<first + 3 where arguments.has(index) {
            throw arguments.wrong(index, expected: "nothing: only curves take paths, points and labels")
        }
        var copy = figure
        if arguments.has(first + 3) { copy.title = try title }
        copy.panels = try figure.panels.map { panel in
            guard case .plot(var plot) = panel else { return panel }
            if arguments.has(first + 3), figure.panels.count == 1 { (plot.title, copy.title) = (try title, "") }
            try adorn(&plot)
            return .plot(plot)
        }
        return copy
    }

    private func scale(_ index: Int) throws -> Axis.Scale {
        guard arguments.has(index) else { return .linear }
        switch arguments[index] {
        case .string("linear"): return .linear
        case .string("log"): return .log
        case .function(let function) where function.signature.name == "log": return .log
        default: throw arguments.wrong(index, expected: "linear or log")
        }
    }
}

extension Machine {
    /// The numbers of a tensor or a list, nil where it is neither.
    func numbers(_ value: Value, at span: SourceSpan) throws -> [Double]? {
        try node(value, at: span)?.value?.doubles
    }
}

/// `plot` of functions, curves and points.
struct PlotBuilder {
    /// Points of a function's curve.
    static let samples = 240

    let arguments: Arguments
    let decoration: Decoration

    init(_ arguments: Arguments) {
        self.arguments = arguments
        decoration = Decoration(arguments: arguments, first: FigureBuiltins.plotDecoration)
    }

    func plot() throws -> Plot {
        var plot = Plot(
            title: try decoration.title, x: Axis(label: try decoration.xLabel, scale: try decoration.xScale),
            y: Axis(label: try decoration.yLabel, range: try decoration.yLimits, scale: try decoration.yScale))
        let functions = try self.functions()
        if let functions {
            let range = try arguments.bounds(1)
            plot.x.range = range
            if plot.x.label.isEmpty, case .object(let object) = arguments[1], let variable = object as? VariableRange {
                plot.x.label = variable.name.name
            }
            plot.series = try curves(functions, over: range)
        } else {
            plot.series = try curves()
        }
        if let limits = try decoration.xLimits { plot.x.range = limits }
        if let points = try decoration.points { plot.series.append(points) }
        return plot
    }

    private func functions() throws -> [FunctionValue]? {
        if case .function(let function) = arguments[0] { return [function] }
        guard case .list(let list) = arguments[0] else { return nil }
        let functions = list.compactMap { value -> FunctionValue? in
            if case .function(let function) = value { function } else { nil }
        }
        return functions.count == list.count && !list.isEmpty ? functions : nil
    }

    private func curves(_ functions: [FunctionValue], over range: ClosedRange<Double>) throws -> [Series] {
        let isLog = try decoration.xScale == .log && range.lowerBound > 0
        let xs = (0..<Self.samples).map { index -> Double in
            let share = Double(index) / Double(Self.samples - 1)
            return isLog
                ? range.lowerBound * power(range.upperBound / range.lowerBound, share)
                : range.lowerBound * (1 - share) + range.upperBound * share
        }
        let paths = try decoration.paths
        var series: [Series] = []
        for (index, function) in functions.enumerated() {
            let ys = try values(of: function, at: xs)
            series.append(
                .line(x: xs, y: ys, label: paths == nil ? try decoration.label(index) : nil, color: nil))
        }
        for (index, path) in (paths?.values ?? []).enumerated() {
            guard let positions = try arguments.machine.numbers(path, at: arguments.span(2)) else {
                throw arguments.wrong(2, expected: "lists of positions")
            }
            let heights = try values(of: functions[0], at: positions)
            let name = paths?.names.indices.contains(index) == true ? paths?.names[index] : nil
            series.append(.path(x: positions, y: heights, label: try decoration.label(index) ?? name))
        }
        return series
    }

    /// The function's values: all at once where it takes a tensor, else one after the other.
    private func values(of function: FunctionValue, at xs: [Double]) throws -> [Double] {
        let machine = arguments.machine
        let all = Value.tensor(machine.builder.constant(try Tensor(xs, shape: [xs.count])))
        if let result = try? arguments.call(function, all), case .tensor(let node) = result, node.shape == [xs.count],
            let ys = node.value?.doubles, try xs.isEmpty || isSame(ys[xs.count / 2], value(function, xs[xs.count / 2]))
        {
            return ys
        }
        return try xs.map { try value(function, $0) }
    }

    private func value(_ function: FunctionValue, _ x: Double) throws -> Double {
        var result = try arguments.call(function, .number(x))
        // A formula that names no variable, such as grad(f), is the function itself.
        if case .function(let named) = result { result = try arguments.call(named, .number(x)) }
        guard let y = result.plainNumber else {
            throw arguments.wrong(0, expected: "a function that gives one number for each x")
        }
        return y
    }

    /// Curves of numbers: over `over`, or over their positions.
    private func curves() throws -> [Series] {
        let machine = arguments.machine
        let xs = arguments.has(1) ? try arguments.numbers(1) : nil
        let what = xs == nil ? 0 : 1
        // plot(xs, ys) and plot(ys): the curves are the last of the two.
        let curves = try machine.elements(of: arguments[what], at: arguments.span(what))
        let place = what == 0 ? arguments[0] : arguments[1]
        var rows: [[Double]] = []
        if curves.allSatisfy({ $0.plainNumber != nil }) {
            rows = [try machine.numbers(place, at: arguments.span(what)) ?? []]
        } else {
            rows = try curves.map { curve in
                guard let numbers = try machine.numbers(curve, at: arguments.span(what)) else {
                    throw arguments.wrong(what, expected: "numbers, or a list of curves")
                }
                return numbers
            }
        }
        let positions = what == 1 ? try arguments.numbers(0) : nil
        return try rows.enumerated().map { index, row in
            if let positions, positions.count != row.count {
                throw arguments.wrong(1, expected: "\(positions.count) numbers for each curve, as there are x")
            }
            return .line(
                x: positions ?? row.indices.map(Double.init), y: row, label: try decoration.label(index))
        }
    }
}

/// `contour`.
struct ContourBuilder {
    static let columns = 121
    static let rows = 81

    let arguments: Arguments
    let decoration: Decoration

    init(_ arguments: Arguments) {
        self.arguments = arguments
        decoration = Decoration(arguments: arguments, first: FigureBuiltins.contourDecoration)
    }

    func plot() throws -> Plot {
        let (x, y) = (try arguments.bounds(1), try arguments.bounds(2))
        let grid = try sampled(x, y)
        let levels = try arguments.integer(3, default: 12)
        guard levels > 0 else { throw arguments.wrong(3, expected: "a whole number over 0") }
        var series: [Series] = [.contours(grid, levels: .automatic(count: levels, scale: try decoration.yScale))]
        let paths = try decoration.paths
        for (index, path) in (paths?.values ?? []).enumerated() {
            guard let node = try arguments.machine.node(path, at: arguments.span(4)), node.shape.rank == 2,
                node.shape[1] == 2, let numbers = node.value?.doubles
            else {
                throw arguments.wrong(4, expected: "paths of points, shape [steps, 2]")
            }
            let name = paths?.names.indices.contains(index) == true ? paths?.names[index] : nil
            series.append(
                .path(
                    x: stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] },
                    y: stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] },
                    label: try decoration.label(index) ?? name))
        }
        if let points = try decoration.points { series.append(points) }
        return Plot(
            title: try decoration.title,
            x: Axis(label: try label(1, decoration.xLabel), range: try decoration.xLimits ?? x),
            y: Axis(label: try label(2, decoration.yLabel), range: try decoration.yLimits ?? y), series: series)
    }

    private func label(_ index: Int, _ given: String) throws -> String {
        guard given.isEmpty, case .object(let object) = arguments[index], let variable = object as? VariableRange else {
            return given
        }
        return variable.name.name
    }

    private func sampled(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) throws -> SampledGrid {
        let function = try arguments.function(0)
        let machine = arguments.machine
        let takesPoint = function.signature.requiredCount == 1
        func value(_ a: Double, _ b: Double) throws -> Double {
            let result =
                takesPoint
                ? try arguments.call(function, .tensor(machine.builder.constant(try Tensor([a, b], shape: [2]))))
                : try arguments.call(function, .number(a), .number(b))
            guard let number = result.plainNumber else {
                throw arguments.wrong(0, expected: "a function that gives one number for each point")
            }
            return number
        }
        let nodes = SampledGrid(x: x, y: y, columns: Self.columns, rows: Self.rows) { a, _ in a }.values
        let heights = SampledGrid(x: x, y: y, columns: Self.columns, rows: Self.rows) { _, b in b }.values
        let count = nodes.count
        let all: [Value] =
            takesPoint
            ? [.tensor(machine.builder.constant(try Tensor(nodes + heights, shape: [2, count])))]
            : try [nodes, heights].map { .tensor(machine.builder.constant(try Tensor($0, shape: [count]))) }
        if let result = try? machine.call(function, CallArguments(all, at: arguments.span)),
            case .tensor(let node) = result, node.shape == [count], let values = node.value?.doubles
        {
            let agrees = try [0, count / 3, count - 1].allSatisfy {
                isSame(values[$0], try value(nodes[$0], heights[$0]))
            }
            if agrees { return SampledGrid(x: x, y: y, columns: Self.columns, rows: Self.rows, values: values) }
        }
        return try SampledGrid(x: x, y: y, columns: Self.columns / 2, rows: Self.rows / 2) { a, b in
            try machine.poll()
            return try value(a, b)
        }
    }
}

/// Whether a value that was computed with many others is the one that the function gives alone.
private func isSame(_ a: Double, _ b: Double) -> Bool {
    a == b || (a.isNaN && b.isNaN) || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
}
