/// The strip beside a map or images that says which colour is which value.
struct ColorBar {
    /// What is written beside a strip of a height.
    private let marks: (_ height: Double) -> [ColorScale.Mark]
    private let color: (Double) -> Color
    private let size: Double

    /// The bar of a scale.
    init(_ scale: ColorScale, size: Double) {
        marks = { _ in scale.marks }
        color = { scale.colors.color(at: $0) }
        self.size = size
    }

    /// The bar of a plot's first map of numbers; nil where it has none.
    init?(plot: Plot, size: Double) {
        for series in plot.series {
            switch series.form {
            case .heatmap(let grid, let colors, let limits):
                guard let range = limits ?? grid.finiteRange else { continue }
                self.init(range: range, scale: .linear, size: size) { colors.color(at: $0) }
                return
            case .contours(let grid, let levels):
                let heights = levels.levels(for: grid)
                guard let low = heights.first, let high = heights.last, low < high else { continue }
                var scale = Axis.Scale.linear
                if case .automatic(_, .log) = levels { scale = .log }
                self.init(range: low...high, scale: scale, size: size) {
                    ColorMap.viridis.color(at: $0).mixed(with: .white, share: 0.3)
                }
                return
            case .line, .points, .band, .bars, .regions, .path:
                continue
            }
        }
        return nil
    }

    private init(range: ClosedRange<Double>, scale: Axis.Scale, size: Double, color: @escaping (Double) -> Color) {
        let axis = Axis(range: range, scale: scale)
        let span = AxisSpan(axis: axis, data: nil, padding: (0, 0))
        marks = { height in
            let ticks = Ticks.ticks(for: axis, over: span.range, count: max(Int(height / (size * 3.2)), 2))
            return zip(ticks.values, ticks.labels).map { ColorScale.Mark(position: span.share($0), label: $1) }
        }
        self.color = color
        self.size = size
    }

    /// The room that it takes at the right of the axes.
    var width: Double {
        let labels = marks(size * 20).map { estimatedWidth(of: $0.label, size: size * 0.85) }
        return size * 2.4 + (labels.max() ?? 0)
    }

    func paint(beside area: Rectangle, on canvas: some Canvas) {
        let bar = Rectangle(x: area.right + size * 0.8, y: area.y, width: size, height: area.height)
        let steps = 64
        let pixels = (0..<steps).map { color(1 - Double($0) / Double(steps - 1)) }
        canvas.image(Raster(width: 1, height: steps, pixels: pixels), in: bar)
        let stroke = Stroke(color: .ink, width: max(size / 14, 1))
        canvas.stroke(bar.outline, stroke)
        for mark in marks(area.height) {
            let foot = bar.place(Point(x: 1, y: mark.position))
            canvas.stroke([foot, Point(x: foot.x + size * 0.25, y: foot.y)], stroke)
            canvas.text(
                mark.label, at: Point(x: foot.x + size * 0.4, y: foot.y + size * 0.3), TextStyle(size: size * 0.85))
        }
    }
}
