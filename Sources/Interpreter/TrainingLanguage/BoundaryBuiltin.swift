import Datasets
import Figures
import Graphs
import Language
import Tensors
import Training

/// `boundary`: the classes that a net tells apart in the plane.
enum BoundaryBuiltin {
    static let all: [Builtin] = [
        Builtin(
            "boundary", ["net", "data", "title:"],
            "Draws which class a trained net gives to each point of the plane, and the data's points in the colours of "
                + "their own classes. Samples are two numbers; of a training and a test split the training points are "
                + "shown. Any number of classes.",
            example: "fn regions(net) = boundary(net, moons(n: 100))   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.trainingSplit(1)
            let machine = arguments.machine
            guard data.sampleShape == [2] else {
                throw Diagnostic(
                    "decision regions are drawn in a plane", at: arguments.span(1),
                    expected: "samples of two numbers, shape [2]", found: "samples of shape \(Shape(data.sampleShape))",
                    hint: "confusion(net, data) shows which classes are taken for which")
            }
            guard data.classCount > 0 else {
                throw Diagnostic(
                    "\(data.name) has no classes to draw regions of", at: arguments.span(1),
                    expected: "data with classes", found: "targets that are numbers")
            }
            try arguments.require([2], of: network, at: 0)
            if machine.isChecking { return .unknown }
            let points = try PlanePoints(data)
            let weights = try machine.weights(of: network, at: arguments.span(0))
            let grid = try SampledGrid.classes(in: points, count: data.classCount) { nodes in
                try Training.predict(
                    arguments.definition(network), weights: weights, nodes, cancellation: machine.cancellation,
                    pool: machine.builder.pool)
            }
            let series = data.classNames.enumerated().map { number, name in
                Series.points(x: points.x(of: number), y: points.y(of: number), label: name)
            }
            return arguments.show(
                Figure(
                    Plot(
                        title: arguments.has(2) ? try arguments.text(2) : network.name,
                        x: Axis(label: "x1", range: grid.x), y: Axis(label: "x2", range: grid.y),
                        series: [.regions(grid)] + series)))
        }
    ]
}

/// The samples of a dataset in the plane.
private struct PlanePoints {
    let x: [Double]
    let y: [Double]
    let classes: [Int]

    init(_ data: Dataset) throws {
        let samples = try (0..<data.size).map { try data.sample($0) }
        x = samples.map { Double($0.values[0]) }
        y = samples.map { Double($0.values[1]) }
        classes = samples.map { Int($0.label[0]) }
    }

    func x(of number: Int) -> [Double] { zip(x, classes).filter { $0.1 == number }.map(\.0) }
    func y(of number: Int) -> [Double] { zip(y, classes).filter { $0.1 == number }.map(\.0) }

    /// From the lowest to the highest number, and a tenth of that more on either side.
    static func span(of numbers: [Double]) -> ClosedRange<Double> {
        let finite = numbers.filter(\.isFinite)
        let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        let margin = high > low ? (high - low) / 10 : 1
        return low - margin...high + margin
    }
}

extension SampledGrid {
    /// The number of the class of each node of a grid around `points`: the place of its largest output.
    ///
    /// - Parameter outputs: `[nodes, 2]` to `[nodes, classes]`.
    fileprivate static func classes(
        in points: PlanePoints, count: Int, outputs: (Tensor) throws -> Tensor
    ) throws -> SampledGrid {
        let (columns, rows) = (201, 151)
        let (x, y) = (PlanePoints.span(of: points.x), PlanePoints.span(of: points.y))
        let across = SampledGrid(x: x, y: y, columns: columns, rows: rows) { a, _ in a }.values
        let up = SampledGrid(x: x, y: y, columns: columns, rows: rows) { _, b in b }.values
        let nodes = zip(across, up).flatMap { [$0, $1] }
        let result = try outputs(Tensor(nodes, shape: [columns * rows, 2])).doubles
        guard result.count == columns * rows * count else {
            throw OperationError(
                "the net does not fit the \(count) classes of the data", expected: "[batch, \(count) classes]",
                found: "\(result.count / (columns * rows)) outputs for each point",
                hint: "end the net with dense(\(count))")
        }
        let classes = (0..<columns * rows).map { node -> Double in
            let row = result[node * count..<(node + 1) * count]
            guard let largest = row.filter({ !$0.isNaN }).max(), let place = row.firstIndex(of: largest) else {
                return .nan
            }
            return Double(place - row.startIndex)
        }
        return SampledGrid(x: x, y: y, columns: columns, rows: rows, values: classes)
    }
}
