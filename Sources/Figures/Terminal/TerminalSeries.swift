/// How a series is told from the others where there may be no colours.
struct TerminalLook {
    /// Which dots of a line's length are set, over and over.
    let pattern: [Bool]
    /// How such a line looks in the legend.
    let lineSample: String
    let glyph: Character
    /// What a filled area consists of in the legend.
    let areaSample: String

    private static let patterns: [(String, String)] = [
        ("x", "──"), ("xxx--", "╌╌"), ("x--", "··"), ("xxxxx--x--", "─·"), ("xx--x--x--", "┄·"),
    ]
    private static let glyphs = Array("●○▲△■□◆◇×+")

    /// The look of line or mark number `index`; with colours every line is solid.
    init(index: Int, inColor: Bool) {
        let (pattern, sample) = Self.patterns[inColor ? 0 : index % Self.patterns.count]
        self.pattern = pattern.map { $0 == "x" }
        lineSample = sample
        glyph = Self.glyphs[index % Self.glyphs.count]
        areaSample = "▒▒"
    }
}

/// Draws one series on the area of a terminal plot.
struct TerminalSeries {
    let series: Series
    let color: Color
    let look: TerminalLook
    let frame: PlotFrame
    let inColor: Bool

    /// More points than this are shown as dots, fewer as characters that are easier to see.
    private static let mostGlyphs = 60

    func draw(on canvas: inout DotCanvas) {
        switch series.form {
        case .line(let x, let y):
            for piece in frame.visiblePieces(x: x, y: y) { canvas.draw(piece, color: color, pattern: look.pattern) }
        case .points(let x, let y):
            drawPoints(frame.visiblePoints(x: x, y: y), on: &canvas)
        case .band(let x, let low, let high):
            drawBand(x: x, low: low, high: high, on: &canvas)
        case .bars(let edges, let heights):
            drawBars(edges: edges, heights: heights, on: &canvas)
        case .heatmap(let grid, let colors, let limits):
            guard let range = limits ?? grid.finiteRange else { return }
            drawMap(grid, on: &canvas) { value in
                let share = range.lowerBound < range.upperBound ? share(of: value, in: range) : 0.5
                return (TerminalShades.shade(share), colors.color(at: share))
            }
        case .regions(let grid):
            drawMap(grid, on: &canvas) { value in
                let index = Int(min(max(value.rounded(), 0), 1e6))
                let shades = TerminalShades.characters
                return (shades[index % (shades.count - 1)], TerminalShades.ground(index))
            }
        case .contours(let grid, let levels):
            drawBands(grid, levels: levels.levels(for: grid), on: &canvas)
        case .path(let x, let y):
            drawPath(x: x, y: y, on: &canvas)
        }
    }

    private func share(of value: Double, in range: ClosedRange<Double>) -> Double {
        (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
    }

    private func drawPoints(_ points: [Point], on canvas: inout DotCanvas) {
        for point in points {
            if inColor, points.count > Self.mostGlyphs {
                let dot = canvas.dot(at: point)
                canvas.set(column: dot.column, row: dot.row, color: color)
            } else {
                canvas.mark(point, with: look.glyph, color: color)
            }
        }
    }

    /// The way as a line, its start as S and its end as E, or as the path's own sign where it ends outside.
    private func drawPath(x: [Double], y: [Double], on canvas: inout DotCanvas) {
        let pieces = frame.visiblePieces(x: x, y: y)
        for piece in pieces { canvas.draw(piece, color: color, pattern: look.pattern) }
        let places = zip(x, y).map { x, y in frame.place(x, y) }
        if !inColor {
            for place in places.compactMap({ $0 }) where place.isInUnitSquare {
                canvas.mark(place, with: look.glyph, color: color)
            }
        }
        if let end = places.last ?? nil, end.isInUnitSquare { canvas.mark(end, with: "E", color: color) }
        if let start = places.first ?? nil, start.isInUnitSquare { canvas.mark(start, with: "S", color: color) }
    }

    /// Every other dot between the two curves, so that a line on the band stays visible.
    private func drawBand(x: [Double], low: [Double], high: [Double], on canvas: inout DotCanvas) {
        let count = min(x.count, low.count, high.count)
        for index in 0..<max(count - 1, 0) {
            guard let lowStart = frame.place(x[index], low[index]),
                let lowEnd = frame.place(x[index + 1], low[index + 1]),
                let highStart = frame.place(x[index], high[index]),
                let highEnd = frame.place(x[index + 1], high[index + 1])
            else { continue }
            for column in dotColumns(from: lowStart.x, to: lowEnd.x, on: canvas) {
                let place = Double(column) / Double(max(canvas.dotColumns - 1, 1))
                let share = lowEnd.x == lowStart.x ? 0 : min(max((place - lowStart.x) / (lowEnd.x - lowStart.x), 0), 1)
                let from = lowStart.y + (lowEnd.y - lowStart.y) * share
                let to = highStart.y + (highEnd.y - highStart.y) * share
                for row in dotRows(from: from, to: to, on: canvas) where (row + column) % 2 == 0 {
                    canvas.set(column: column, row: row, color: color)
                }
            }
        }
    }

    private func drawBars(edges: [Double], heights: [Double], on canvas: inout DotCanvas) {
        // On a logarithmic axis zero has no place: bars stand on the axis.
        let zero = frame.y.share(0)
        let base = zero.isFinite ? zero : 0
        for (index, height) in heights.enumerated() where index + 1 < edges.count {
            let (left, right) = (frame.x.share(edges[index]), frame.x.share(edges[index + 1]))
            let top = frame.y.share(height)
            guard left.isFinite, right.isFinite, top.isFinite, top != base else { continue }
            for column in dotColumns(from: left, to: right, on: canvas) {
                for row in dotRows(from: base, to: top, on: canvas) {
                    canvas.set(column: column, row: row, color: color)
                }
            }
        }
    }

    private func dotColumns(from: Double, to: Double, on canvas: DotCanvas) -> Range<Int> {
        let (low, high) = (max(min(from, to), 0), min(max(from, to), 1))
        guard low <= high else { return 0..<0 }
        let first = canvas.dot(at: Point(x: low, y: 0)).column
        return first..<canvas.dot(at: Point(x: high, y: 0)).column + 1
    }

    private func dotRows(from: Double, to: Double, on canvas: DotCanvas) -> Range<Int> {
        let (low, high) = (max(min(from, to), 0), min(max(from, to), 1))
        guard low <= high else { return 0..<0 }
        let first = canvas.dot(at: Point(x: 0, y: high)).row
        return first..<canvas.dot(at: Point(x: 0, y: low)).row + 1
    }

    /// Contours on so coarse a raster are bands between the levels rather than lines.
    private func drawBands(_ grid: SampledGrid, levels: [Double], on canvas: inout DotCanvas) {
        drawMap(grid, on: &canvas) { value in
            let band = levels.firstIndex { value <= $0 } ?? levels.count
            let share = Double(band) / Double(max(levels.count, 1))
            return (TerminalShades.shade(share), TerminalShades.gray(share))
        }
    }

    /// Fills the cells that lie on the grid's map by the nearest node.
    private func drawMap(
        _ grid: SampledGrid, on canvas: inout DotCanvas, look: (Double) -> (shade: Character, color: Color)
    ) {
        for row in 0..<canvas.rows {
            for column in 0..<canvas.columns {
                func value(half: Double) -> Double {
                    let x = frame.x.value(atShare: (Double(column) + 0.5) / Double(canvas.columns))
                    let y = frame.y.value(atShare: 1 - (Double(row) + half) / Double(canvas.rows))
                    guard grid.x.contains(x), grid.y.contains(y) else { return .nan }
                    return grid.nearest(xShare: Self.position(x, in: grid.x), yShare: Self.position(y, in: grid.y))
                }
                let (upper, lower) = (value(half: 0.25), value(half: 0.75))
                guard upper.isFinite || lower.isFinite else { continue }
                let upperLook = look(upper.isFinite ? upper : lower)
                let lowerLook = look(lower.isFinite ? lower : upper)
                canvas.fill(
                    column: column, row: row,
                    with: .init(shade: upperLook.shade, upper: upperLook.color, lower: lowerLook.color))
            }
        }
    }

    private static func position(_ value: Double, in range: ClosedRange<Double>) -> Double {
        let half = range.upperBound / 2 - range.lowerBound / 2
        return half > 0 ? (value / 2 - range.lowerBound / 2) / half : 0.5
    }
}

/// What fills the cells of a map.
enum TerminalShades {
    /// Characters from light to dark, for terminals without colours.
    static let characters: [Character] = [" ", "░", "▒", "▓", "█"]

    /// The character for a share 0...1.
    static func shade(_ share: Double) -> Character {
        characters[min(max(Int(share * Double(characters.count)), 0), characters.count - 1)]
    }

    /// A grey for a share 0...1, one of 13 that terminals have: neighbours can be told apart, and coloured paths from all
    /// of them.
    static func gray(_ share: Double) -> Color {
        let value = UInt8(18 + 10 * (min(max(share, 0), 1) * 12).rounded())
        return Color(red: value, green: value, blue: value)
    }

    /// A dark ground in the hue of the palette's colour `index`, exactly one of the terminals' 256 colours: rounding would
    /// make different classes the same.
    static func ground(_ index: Int) -> Color { grounds[index % grounds.count] }

    private static let grounds: [Color] = [
        0x00005F, 0x5F0000, 0x005F00, 0x5F005F, 0x5F5F00, 0x005F5F, 0x87005F, 0x875F00, 0x000087, 0x444444,
    ].map { Color(hex: $0) }
}
