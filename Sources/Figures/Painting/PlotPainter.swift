/// Paints one plot into a cell of the page: title, legend, axes, series, colour bar.
struct PlotPainter {
    let plot: Plot
    let cell: Rectangle
    /// Height of the text.
    let size: Double

    func paint(on canvas: some Canvas) {
        var room = FigurePainter.paintTitle(plot.title, in: cell, size: size, on: canvas)
        guard let frame = PlotFrame(plot) else {
            FigurePainter.paintNoData(in: room, size: size, on: canvas)
            return
        }
        let legend = PlotLegend(plot: plot, width: room.width, size: size)
        legend.paint(at: Point(x: room.x, y: room.y), on: canvas)
        room = room.inset(top: legend.height)

        let bar = ColorBar(plot: plot, size: size)
        let tickSize = size * 0.85
        let yCount = max(Int(room.height / (size * 3.2)), 2)
        let yTicks = Ticks.ticks(for: plot.y, over: frame.y.range, count: yCount)
        let tickWidth = yTicks.labels.map { estimatedWidth(of: $0, size: tickSize) }.max() ?? 0
        let area = area(
            in: room.inset(
                left: tickWidth + size * 0.6 + (plot.y.label.isEmpty ? 0 : size * 1.5), top: size * 0.4,
                right: bar?.width ?? size * 0.6, bottom: size * (plot.x.label.isEmpty ? 1.5 : 3)),
            frame: frame)
        let xCount = max(Int(area.width / (size * 4.5)), 2)
        let xTicks = Ticks.ticks(for: plot.x, over: frame.x.range, count: xCount)

        let hasMap = plot.series.contains(where: \.isMap)
        if !hasMap { paintGrid(xTicks, yTicks, frame: frame, area: area, on: canvas) }
        for (series, color) in zip(plot.series, plot.colors) {
            SeriesPainter(series: series, color: color, frame: frame, area: area, size: size).paint(on: canvas)
        }
        paintAxes(xTicks, yTicks, frame: frame, area: area, isBoxed: hasMap, on: canvas)
        bar?.paint(beside: area, on: canvas)
    }

    /// The rectangle of the axes: all of the room, or as much as keeps both units equal.
    private func area(in room: Rectangle, frame: PlotFrame) -> Rectangle {
        guard plot.hasEqualUnits, frame.x.scale == .linear, frame.y.scale == .linear else { return room }
        let xExtent = frame.x.range.upperBound - frame.x.range.lowerBound
        let yExtent = frame.y.range.upperBound - frame.y.range.lowerBound
        let unit = min(room.width / xExtent, room.height / yExtent)
        let (width, height) = (unit * xExtent, unit * yExtent)
        guard width >= 1, height >= 1, width.isFinite, height.isFinite else { return room }
        return Rectangle(
            x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 2, width: width, height: height)
    }

    private func paintGrid(_ x: Ticks, _ y: Ticks, frame: PlotFrame, area: Rectangle, on canvas: some Canvas) {
        let stroke = Stroke(color: .gridLine, width: 1)
        for value in x.values {
            let share = frame.x.share(value)
            canvas.stroke([area.place(Point(x: share, y: 0)), area.place(Point(x: share, y: 1))], stroke)
        }
        for value in y.values {
            let share = frame.y.share(value)
            canvas.stroke([area.place(Point(x: 0, y: share)), area.place(Point(x: 1, y: share))], stroke)
        }
    }

    private func paintAxes(
        _ x: Ticks, _ y: Ticks, frame: PlotFrame, area: Rectangle, isBoxed: Bool, on canvas: some Canvas
    ) {
        let stroke = Stroke(color: .ink, width: max(size / 14, 1))
        let corners = [Point(x: 0, y: 1), Point(x: 0, y: 0), Point(x: 1, y: 0)].map(area.place)
        canvas.stroke(corners, stroke)
        if isBoxed {
            canvas.stroke([Point(x: 0, y: 1), Point(x: 1, y: 1), Point(x: 1, y: 0)].map(area.place), stroke)
        }
        let tickSize = size * 0.85
        let mark = size * 0.3
        var free = -Double.infinity
        for (value, label) in zip(x.values, x.labels) {
            let foot = area.place(Point(x: frame.x.share(value), y: 0))
            canvas.stroke([foot, Point(x: foot.x, y: foot.y + mark)], stroke)
            let half = estimatedWidth(of: label, size: tickSize) / 2
            guard foot.x - half > free else { continue }
            free = foot.x + half + tickSize * 0.4
            canvas.text(
                label, at: Point(x: foot.x, y: foot.y + mark + tickSize), TextStyle(size: tickSize, anchor: .middle))
        }
        for (value, label) in zip(y.values, y.labels) {
            let foot = area.place(Point(x: 0, y: frame.y.share(value)))
            canvas.stroke([foot, Point(x: foot.x - mark, y: foot.y)], stroke)
            canvas.text(
                label, at: Point(x: foot.x - mark - size * 0.15, y: foot.y + tickSize * 0.35),
                TextStyle(size: tickSize, anchor: .end))
        }
        if !plot.x.label.isEmpty {
            canvas.text(
                shortened(plot.x.label.withoutControls, toWidth: area.width, size: size),
                at: Point(x: area.middle.x, y: area.bottom + size * 2.6), TextStyle(size: size, anchor: .middle))
        }
        if !plot.y.label.isEmpty {
            let tickWidth = y.labels.map { estimatedWidth(of: $0, size: tickSize) }.max() ?? 0
            canvas.text(
                shortened(plot.y.label.withoutControls, toWidth: area.height, size: size),
                at: Point(x: area.x - tickWidth - size * 0.95, y: area.middle.y),
                TextStyle(size: size, anchor: .middle, angle: -90))
        }
    }
}
