/// Paints one series into the rectangle of a plot's axes.
struct SeriesPainter {
    let series: Series
    let color: Color
    let frame: PlotFrame
    let area: Rectangle
    /// Height of the text, which line widths and marks go by.
    let size: Double

    static func lineWidth(size: Double) -> Double { max(size / 6.5, 1.2) }

    /// What filled shapes let through.
    static func opacity(of series: Series) -> Double {
        switch series.form {
        case .band: 0.25
        case .bars: 0.75
        case .line, .points, .path, .heatmap, .regions, .contours: 1
        }
    }

    func paint(on canvas: some Canvas) {
        switch series.form {
        case .line(let x, let y):
            for piece in frame.visiblePieces(x: x, y: y) { paintLine(piece, on: canvas) }
        case .points(let x, let y):
            let points = frame.visiblePoints(x: x, y: y)
            let radius = size * (points.count > 1000 ? 0.14 : points.count > 200 ? 0.2 : 0.28)
            for point in points {
                canvas.circle(
                    center: area.place(point), radius: radius, fill: color,
                    outline: Stroke(color: .white, width: max(radius / 5, 0.5)))
            }
        case .band(let x, let low, let high):
            for polygon in bandPolygons(x: x, low: low, high: high) {
                canvas.fill(polygon: polygon, color: color, opacity: Self.opacity(of: series))
            }
        case .bars(let edges, let heights):
            paintBars(edges: edges, heights: heights, on: canvas)
        case .heatmap(let grid, let colors, let limits):
            guard let range = limits ?? grid.finiteRange else { return }
            let half = range.upperBound / 2 - range.lowerBound / 2
            paintMap(grid, isSmooth: false, on: canvas) { value in
                let share = half > 0 ? (value / 2 - range.lowerBound / 2) / half : 0.5
                // 64 steps cannot be told from a continuous map, and equal neighbours make an SVG small.
                return colors.color(at: (share * 63).rounded() / 63)
            }
        case .regions(let grid):
            paintMap(grid, isSmooth: false, on: canvas) { value in
                Color.series(Int(min(max(value.rounded(), 0), 1e6))).mixed(with: .white, share: 0.65)
            }
        case .contours(let grid, let levels):
            paintContours(grid, levels: levels.levels(for: grid), on: canvas)
        case .path(let x, let y):
            paintPath(x: x, y: y, on: canvas)
        }
    }

    private func paintLine(_ piece: [Point], on canvas: some Canvas) {
        let places = piece.map(area.place)
        if places.count == 1 {
            canvas.circle(
                center: places[0], radius: Self.lineWidth(size: size) * 0.8, fill: color,
                outline: Stroke(color: color, width: 0.5))
        } else {
            canvas.stroke(places, Stroke(color: color, width: Self.lineWidth(size: size)))
        }
    }

    /// A line with a light seam, so that it can be seen on any map; a ring at the start and a disc at the end.
    private func paintPath(x: [Double], y: [Double], on canvas: some Canvas) {
        let width = Self.lineWidth(size: size)
        for piece in frame.visiblePieces(x: x, y: y) {
            let places = piece.map(area.place)
            canvas.stroke(places, Stroke(color: .white, width: width * 1.9, opacity: 0.7))
            canvas.stroke(places, Stroke(color: color, width: width))
        }
        let places = zip(x, y).map { x, y in frame.place(x, y) }
        if let start = places.first ?? nil, start.isInUnitSquare {
            canvas.circle(
                center: area.place(start), radius: size * 0.32, fill: .white,
                outline: Stroke(color: color, width: width))
        }
        if let end = places.last ?? nil, end.isInUnitSquare {
            canvas.circle(
                center: area.place(end), radius: size * 0.36, fill: color,
                outline: Stroke(color: .white, width: width * 0.6))
        }
    }

    private func paintBars(edges: [Double], heights: [Double], on canvas: some Canvas) {
        let zero = frame.y.share(0)
        // On a logarithmic axis zero has no place: bars stand on the axis.
        let base = zero.isFinite ? zero : 0
        for (index, height) in heights.enumerated() where index + 1 < edges.count {
            let (left, right) = (frame.x.share(edges[index]), frame.x.share(edges[index + 1]))
            let top = frame.y.share(height)
            guard left.isFinite, right.isFinite, top.isFinite else { continue }
            let bar = clippedPolygon([
                Point(x: left, y: base), Point(x: left, y: top), Point(x: right, y: top), Point(x: right, y: base),
            ])
            guard !bar.isEmpty else { continue }
            canvas.fill(polygon: bar.map(area.place), color: color, opacity: Self.opacity(of: series))
            canvas.stroke(bar.map(area.place) + [area.place(bar[0])], Stroke(color: .white, width: 1))
        }
    }

    /// One polygon for each run of points without gaps.
    private func bandPolygons(x: [Double], low: [Double], high: [Double]) -> [[Point]] {
        var polygons: [[Point]] = []
        var lower: [Point] = []
        var upper: [Point] = []
        func finish() {
            let polygon = clippedPolygon(lower + upper.reversed())
            if lower.count > 1, !polygon.isEmpty { polygons.append(polygon.map(area.place)) }
            lower = []
            upper = []
        }
        for index in 0..<min(x.count, low.count, high.count) {
            if let below = frame.place(x[index], low[index]), let above = frame.place(x[index], high[index]) {
                lower.append(below)
                upper.append(above)
            } else {
                finish()
            }
        }
        finish()
        return polygons
    }

    private func paintContours(_ grid: SampledGrid, levels: [Double], on canvas: some Canvas) {
        func bandColor(_ band: Int) -> Color {
            ColorMap.viridis.color(at: Double(band) / Double(max(levels.count, 1))).mixed(with: .white, share: 0.3)
        }
        paintMap(grid, isSmooth: true, on: canvas) { value in
            bandColor(levels.firstIndex { value <= $0 } ?? levels.count)
        }
        for (index, level) in levels.enumerated() {
            for line in grid.contour(at: level) {
                for piece in frame.visiblePieces(x: line.x, y: line.y) where piece.count > 1 {
                    canvas.stroke(
                        piece.map(area.place),
                        Stroke(color: bandColor(index).mixed(with: .black, share: 0.35), width: max(size / 18, 0.8)))
                }
            }
        }
    }

    /// Paints a grid as an image that fills the axes; holes and what lies outside of the grid stay white.
    private func paintMap(
        _ grid: SampledGrid, isSmooth: Bool, on canvas: some Canvas, color: (Double) -> Color
    ) {
        let width = min(max(Int(area.width / 2), 1), 400)
        let height = min(max(Int(area.height / 2), 1), 400)
        var pixels: [Color] = []
        pixels.reserveCapacity(width * height)
        for row in 0..<height {
            let y = frame.y.value(atShare: 1 - (Double(row) + 0.5) / Double(height))
            for column in 0..<width {
                let x = frame.x.value(atShare: (Double(column) + 0.5) / Double(width))
                let value = grid.value(x: x, y: y, isSmooth: isSmooth)
                pixels.append(value.isFinite ? color(value) : .white)
            }
        }
        canvas.image(Raster(width: width, height: height, pixels: pixels), in: area)
    }
}

extension SampledGrid {
    /// The value at a point of the map: of the nearest node, or interpolated between the four around it; not a number
    /// outside.
    func value(x: Double, y: Double, isSmooth: Bool) -> Double {
        guard self.x.contains(x), self.y.contains(y), rows > 0, columns > 0 else { return .nan }
        func position(_ value: Double, _ range: ClosedRange<Double>) -> Double {
            let half = range.upperBound / 2 - range.lowerBound / 2
            return half > 0 ? (value / 2 - range.lowerBound / 2) / half : 0.5
        }
        let (xShare, yShare) = (position(x, self.x), position(y, self.y))
        guard isSmooth, rows > 1, columns > 1 else { return nearest(xShare: xShare, yShare: yShare) }
        let (across, up) = (xShare * Double(columns - 1), yShare * Double(rows - 1))
        let (column, row) = (min(Int(across), columns - 2), min(Int(up), rows - 2))
        let (right, above) = (across - Double(column), up - Double(row))
        let lower = self[row, column] * (1 - right) + self[row, column + 1] * right
        let upper = self[row + 1, column] * (1 - right) + self[row + 1, column + 1] * right
        return lower * (1 - above) + upper * above
    }
}
