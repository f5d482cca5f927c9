/// The lines under a terminal plot that say which look is which series.
struct TerminalLegend {
    private struct Item {
        /// Texts with their colours, one after the other.
        let parts: [(text: String, color: Color?)]

        var width: Int { parts.reduce(0) { $0 + $1.text.terminalWidth } }
    }

    /// The look of each of the plot's series.
    let looks: [TerminalLook]
    private let lines: [[Item]]

    var rows: Int { lines.count }

    init(plot: Plot, frame: PlotFrame, columns: Int, color: Bool) {
        var items: [Item] = []
        var looks: [TerminalLook] = []
        var next = 0
        for (series, seriesColor) in zip(plot.series, plot.terminalColors) {
            let look = TerminalLook(index: next, inColor: color)
            looks.append(look)
            if !series.isMap { next += 1 }
            if let scale = Self.scale(of: series, inColor: color) { items.append(scale) }
            guard let label = series.label, !series.isMap else { continue }
            let text = label.withoutControls.truncated(toColumns: max(columns - 4, 4))
            items.append(
                Item(parts: [(Self.sample(of: series, look: look, inColor: color), seriesColor), (" " + text, nil)]))
        }
        self.looks = looks
        var lines: [[Item]] = []
        var width = 0
        for item in items {
            if let last = lines.indices.last, width + 3 + item.width <= columns {
                lines[last].append(item)
                width += 3 + item.width
            } else {
                lines.append([item])
                width = item.width
            }
        }
        self.lines = lines
    }

    func draw(on screen: inout TerminalScreen, row: Int) {
        for (index, line) in lines.enumerated() {
            let width = line.reduce(0) { $0 + $1.width } + 3 * (line.count - 1)
            var column = max((screen.columns - width) / 2, 0)
            for item in line {
                for (text, color) in item.parts {
                    screen.put(text, row: row + index, column: column, style: .init(foreground: color))
                    column += text.terminalWidth
                }
                column += 3
            }
        }
    }

    private static func sample(of series: Series, look: TerminalLook, inColor: Bool) -> String {
        switch series.form {
        case .line: look.lineSample
        case .points: String(look.glyph)
        case .band: look.areaSample
        case .bars: "██"
        case .path: inColor ? look.lineSample : String(look.glyph)
        case .heatmap, .regions, .contours: ""
        }
    }

    /// What the shades of a map of numbers stand for: lowest value, shades, highest value.
    private static func scale(of series: Series, inColor: Bool) -> Item? {
        let range: ClosedRange<Double>
        let color: (Double) -> Color
        switch series.form {
        case .heatmap(let grid, let map, let limits):
            guard let limits = limits ?? grid.finiteRange else { return nil }
            (range, color) = (limits, { map.color(at: $0) })
        case .contours(let grid, let levels):
            let heights = levels.levels(for: grid)
            guard let low = heights.first, let high = heights.last else { return nil }
            (range, color) = (low...high, TerminalShades.gray)
        case .line, .points, .band, .bars, .regions, .path:
            return nil
        }
        let steps = TerminalShades.characters.count
        let shades = (0..<steps).map { step -> (text: String, color: Color?) in
            let share = Double(step) / Double(steps - 1)
            if inColor { return ("██", color(share)) }
            return (String(repeating: TerminalShades.characters[step], count: 2), nil)
        }
        let label = series.label.map { $0.withoutControls + " " } ?? ""
        return Item(
            parts: [(label + shortNumber(range.lowerBound) + " ", nil)] + shades
                + [(" " + shortNumber(range.upperBound), nil)])
    }
}

extension Series {
    /// True for what fills the plot from edge to edge.
    var isMap: Bool {
        switch form {
        case .heatmap, .regions, .contours: true
        case .line, .points, .band, .bars, .path: false
        }
    }
}
