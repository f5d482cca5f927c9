/// Paints horizontal bars, their names at the left and their numbers at their ends.
struct BarPainter {
    let chart: BarChart
    let cell: Rectangle
    /// Height of the text.
    let size: Double

    func paint(on canvas: some Canvas) {
        var room = FigurePainter.paintTitle(chart.title, in: cell, size: size, on: canvas)
        guard let span = chart.span, !chart.names.isEmpty else {
            FigurePainter.paintNoData(in: room, size: size, on: canvas)
            return
        }
        let legend = PlotLegend(
            plot: Plot(series: chart.groups.map { .bars(edges: [], heights: [], label: $0.label) }),
            width: room.width, size: size)
        legend.paint(at: Point(x: room.x, y: room.y), on: canvas)
        room = room.inset(top: legend.height)

        let rowHeight = (room.height - size * (chart.axis.label.isEmpty ? 1.5 : 3)) / Double(chart.names.count)
        let nameSize = min(size * 0.85, max(rowHeight * 0.85, size * 0.5))
        let widest = chart.names.map { estimatedWidth(of: $0.withoutControls, size: nameSize) }.max() ?? 0
        let nameWidth = min(widest, room.width * 0.4)
        let numberSize = min(nameSize, rowHeight / Double(chart.groups.count) * 0.85)
        let numberWidth = numberSize * 4
        let area = room.inset(
            left: nameWidth + size * 0.5, right: numberWidth, bottom: size * (chart.axis.label.isEmpty ? 1.5 : 3))
        paintAxis(span, area: area, on: canvas)
        // Names that would lie over each other are left out at equal distances.
        let step = max(Int((nameSize * 1.05 / rowHeight).rounded(.up)), 1)
        for row in chart.names.indices {
            let top = area.y + Double(row) * rowHeight
            if row % step == 0 {
                canvas.text(
                    shortened(chart.names[row].withoutControls, toWidth: nameWidth, size: nameSize),
                    at: Point(x: area.x - size * 0.4, y: top + rowHeight / 2 + nameSize * 0.35),
                    TextStyle(size: nameSize, anchor: .end))
            }
            let barHeight = rowHeight * 0.8 / Double(chart.groups.count)
            for group in chart.groups.indices {
                let bar = Rectangle(
                    x: area.x, y: top + rowHeight * 0.1 + Double(group) * barHeight, width: area.width,
                    height: barHeight)
                paint(
                    chart.value(row, group), in: bar, color: .series(group), on: span, numberSize: numberSize,
                    canvas: canvas)
            }
        }
    }

    private func paint(
        _ value: Double, in row: Rectangle, color: Color, on span: AxisSpan, numberSize: Double, canvas: some Canvas
    ) {
        let share = min(max(span.share(value), 0), 1)
        guard share.isFinite else { return }
        let foot = BarChart.foot(on: span)
        let (left, right) = (row.x + min(share, foot) * row.width, row.x + max(share, foot) * row.width)
        canvas.fill(
            Rectangle(x: left, y: row.y + row.height * 0.05, width: max(right - left, 1), height: row.height * 0.9),
            color: color.mixed(with: .white, share: 0.2))
        guard numberSize >= size * 0.4 else { return }
        canvas.text(
            shortNumber(value), at: Point(x: right + size * 0.3, y: row.middle.y + numberSize * 0.35),
            TextStyle(size: numberSize))
    }

    private func paintAxis(_ span: AxisSpan, area: Rectangle, on canvas: some Canvas) {
        let ticks = Ticks.ticks(for: chart.axis, over: span.range, count: max(Int(area.width / (size * 4.5)), 2))
        let tickSize = size * 0.85
        var free = -Double.infinity
        for (value, label) in zip(ticks.values, ticks.labels) {
            let foot = area.place(Point(x: span.share(value), y: 0))
            canvas.stroke([Point(x: foot.x, y: area.y), foot], Stroke(color: .gridLine, width: 1))
            let half = estimatedWidth(of: label, size: tickSize) / 2
            guard foot.x - half > free else { continue }
            free = foot.x + half + tickSize * 0.4
            canvas.text(
                label, at: Point(x: foot.x, y: foot.y + tickSize * 1.2), TextStyle(size: tickSize, anchor: .middle))
        }
        let foot = area.x + BarChart.foot(on: span) * area.width
        canvas.stroke(
            [Point(x: foot, y: area.y), Point(x: foot, y: area.bottom)], Stroke(color: .ink, width: max(size / 14, 1)))
        if !chart.axis.label.isEmpty {
            canvas.text(
                shortened(chart.axis.label.withoutControls, toWidth: area.width, size: size),
                at: Point(x: area.middle.x, y: area.bottom + size * 2.6), TextStyle(size: size, anchor: .middle))
        }
    }
}
