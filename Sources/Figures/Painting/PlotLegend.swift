/// The rows above a plot that say which colour is which series.
struct PlotLegend {
    private struct Item {
        let series: Series
        let color: Color
        let text: String
        let place: Point
    }

    private let items: [Item]
    private let size: Double
    /// The height that it takes, 0 without labels.
    let height: Double

    init(plot: Plot, width: Double, size: Double) {
        let textSize = size * 0.9
        let sample = size * 2
        var items: [Item] = []
        var place = Point(x: 0, y: 0)
        for (series, color) in zip(plot.series, plot.colors) where !series.isMap {
            guard let label = series.label, !label.isEmpty else { continue }
            let text = shortened(label.withoutControls, toWidth: width - sample, size: textSize)
            let itemWidth = sample + estimatedWidth(of: text, size: textSize) + size
            if place.x > 0, place.x + itemWidth > width { place = Point(x: 0, y: place.y + size * 1.4) }
            items.append(Item(series: series, color: color, text: text, place: place))
            place.x += itemWidth
        }
        self.items = items
        self.size = size
        height = items.isEmpty ? 0 : place.y + size * 1.6
    }

    func paint(at origin: Point, on canvas: some Canvas) {
        for item in items {
            let left = origin.x + item.place.x
            let middle = origin.y + item.place.y + size * 0.6
            let center = Point(x: left + size * 0.8, y: middle)
            switch item.series.form {
            case .points:
                canvas.circle(
                    center: center, radius: size * 0.3, fill: item.color, outline: Stroke(color: .white, width: 1))
            case .band, .bars:
                canvas.fill(
                    polygon: [
                        Point(x: left, y: middle - size * 0.35), Point(x: left + size * 1.6, y: middle - size * 0.35),
                        Point(x: left + size * 1.6, y: middle + size * 0.35), Point(x: left, y: middle + size * 0.35),
                    ], color: item.color, opacity: SeriesPainter.opacity(of: item.series))
            case .line, .path:
                canvas.stroke(
                    [Point(x: left, y: middle), Point(x: left + size * 1.6, y: middle)],
                    Stroke(color: item.color, width: SeriesPainter.lineWidth(size: size)))
            case .heatmap, .regions, .contours:
                break
            }
            canvas.text(item.text, at: Point(x: left + size * 2, y: middle + size * 0.32), TextStyle(size: size * 0.9))
        }
    }
}
