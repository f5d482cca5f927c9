import Figures
import Foundation

/// Figures that several tests draw.
enum Samples {
    static let parabola: Figure = {
        let x = (0...40).map { Double($0) / 10 - 2 }
        return Figure(
            Plot(
                title: "square", x: Axis(label: "x"), y: Axis(label: "y"),
                series: [
                    .line(x: x, y: x.map { $0 * $0 }, label: "x²"),
                    .path(x: [-2, -1, 0, 9], y: [4, 1, 0, 0], label: "path"),
                ]))
    }()

    static let gap = Figure(
        Plot(series: [.line(x: [0, 1, 2, 3, 4, 5, 6], y: [0, 1, 2, .nan, .infinity, 5, 6])]))

    static let map: Figure = {
        let grid = SampledGrid(x: 0...3, y: 0...1, columns: 31, rows: 11) { x, y in x + y }
        return Figure(
            Plot(
                series: [
                    .contours(grid, levels: .values([1, 2, 3])),
                    .path(x: [0.5, 1.5, 2.5], y: [0.5, 0.5, 0.5], label: "way"),
                ]))
    }()

    static let confusion = Figure(
        MatrixTable.confusion(classNames: ["cat", "dog", "ant & bee"], counts: [[50, 3, 0], [4, 46, 0], [0, 1, 9]]))

    static let bars = Figure(
        Plot(series: [.bars(edges: [0, 1, 2, 3], heights: [1, 3, 2], label: "count")]))

    /// Two variants with mean, deviation and runs, named under the axis.
    static let variants = Figure(
        Plot(
            x: Axis(range: -0.5...1.5, categories: ["plain", "augmented"]), y: Axis(label: "gap"),
            series: [
                .band(x: [-0.4, 0.4], low: [3, 3], high: [5, 5], color: .series(0)),
                .line(x: [-0.4, 0.4], y: [4, 4], color: .series(0)),
                .band(x: [0.6, 1.4], low: [0, 0], high: [1, 1], color: .series(1)),
                .line(x: [0.6, 1.4], y: [0.5, 0.5], color: .series(1)),
            ]))

    static let image = Figure(
        Raster(width: 4, height: 4, channels: 1, values: (0..<16).map { Double($0) / 15 }), title: "ramp")

    static let filters = Figure(panels: [
        .images(
            ImageGrid(
                title: "conv1",
                tiles: (0..<3).map { index in
                    ImageGrid.Tile(
                        Raster(
                            width: 4, height: 4, channels: 1,
                            values: (0..<16).map { Double(($0 + 5 * index) % 16) / 15 }),
                        caption: "\(index)")
                }, columns: 3, scale: ColorScale(names: ["−max", "0", "max"], colors: .gray)))
    ])

    static let layers = Figure(panels: [
        .bars(
            BarChart(
                title: "gradients", names: ["dense1.W", "dense2.W", "d3"], axis: Axis(label: "norm", scale: .log),
                groups: [.init(label: "a", values: [0.001, 0.1, 10]), .init(label: "b", values: [0.01, .nan, 0])]))
    ])

    static let signedBars = Figure(panels: [
        .bars(BarChart(names: ["up", "down"], groups: [.init(values: [1, -0.5])]))
    ])

    static let flow = Figure(panels: [
        .diagram(
            Diagram(
                title: "Net", subtitle: "1 234 parameters", input: "8 × 8 × 3",
                elements: [
                    .box(
                        .init(
                            name: "conv1", detail: "3×3, 4", note: "112", kind: 0, strips: ["batch_norm", "relu"],
                            output: "8 × 8 × 4")),
                    .group(
                        name: "unit1…3", times: 3,
                        [
                            .branches(
                                [
                                    [
                                        .box(.init(name: "conv1", output: "8 × 8 × 4")),
                                        .box(.init(name: "conv2", output: "8 × 8 × 4")),
                                    ], [.box(.init(name: "project1", kind: 3))], [],
                                ], join: "+", output: "8 × 8 × 4")
                        ], output: "8 × 8 × 4"),
                    .box(.init(name: "dense1", detail: "10", kind: 4, output: "10")),
                ]))
    ])

    /// One of each kind, and what could go wrong.
    static let all: [Figure] = {
        let numbers: [Double] = [.nan, -.infinity, 1e308, -1e308, 0, 5, .leastNonzeroMagnitude, .infinity]
        let shifted = Array(numbers.reversed())
        let grid = SampledGrid(x: -1e308...1e308, y: 0...0, columns: 3, rows: 3, values: [.nan, 1, 2])
        let wild: [Series] = [
            .line(x: numbers, y: shifted), .points(x: shifted, y: numbers, label: "\u{1B}[31mred\n<&>\""),
            .band(x: numbers, low: shifted, high: numbers), .bars(edges: numbers, heights: shifted),
            .path(x: numbers, y: numbers, label: "path"), .histogram(numbers, bins: 0),
        ]
        let empty: [Series] = [
            .line(x: [], y: []), .points(x: [1], y: []), .band(x: [1], low: [], high: [2]),
            .bars(edges: [1], heights: [2]),
            .heatmap(SampledGrid(x: 0...1, y: 0...1, columns: 0, rows: 3, values: [])), .path(x: [.nan], y: [1]),
            .histogram([]), .contours(SampledGrid(x: 0...1, y: 0...1, columns: 2, rows: 2, values: [])),
        ]
        let maps: [Series] = [
            .heatmap(grid), .regions(grid), .contours(grid), .contours(grid, levels: .automatic(count: 3, scale: .log)),
        ]
        let scales: [Axis.Scale] = [.linear, .log]
        let plots = scales.flatMap { scale in
            (wild + empty + maps).map { Plot(x: Axis(scale: scale), y: Axis(scale: scale), series: [$0]) }
        }
        let odd = [
            Plot(x: Axis(range: 1...1), y: Axis(range: -5...(-1), scale: .log), series: wild),
            Plot(x: Axis(range: 0...Double.infinity), hasEqualUnits: true, series: wild),
            Plot(hasEqualUnits: true, series: maps),
        ]
        let tables = [
            MatrixTable(rowLabels: [], columnLabels: [], counts: []),
            MatrixTable(rowLabels: ["a"], columnLabels: ["b", "c"], counts: [[1, 2, 3], [4]]),
            MatrixTable.confusion(classNames: (0..<100).map { "class number \($0)" }, counts: [[Int.max, Int.min]]),
        ]
        return (plots + odd).map { Figure($0) } + tables.map { Figure($0) } + [
            parabola, gap, map, confusion, bars, variants, image, filters, layers, signedBars, flow, Figure(panels: []),
            Figure(panels: [.images(ImageGrid(tiles: [])), .diagram(Diagram(elements: []))]),
            Figure(panels: [.bars(BarChart(names: ["a"], groups: [.init(values: [.nan])]))]),
            Figure(panels: [
                .images(
                    ImageGrid(tiles: [.init(Raster(width: 0, height: 5, pixels: []), caption: "none")], columns: -3))
            ]),
            Figure(panels: [.bars(BarChart(names: ["a\nb", "c"], groups: [.init(values: numbers)]))]),
            Figure(Raster(width: 0, height: 5, pixels: [])),
            Figure(title: "all", panels: (plots + odd).map { .plot($0) } + tables.map { .matrix($0) }),
        ]
    }()
}
