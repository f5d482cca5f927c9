/// Draws a plot into a rectangle of character cells: title, axes with ticks, series, legend.
struct TerminalPlot {
    let plot: Plot
    let columns: Int
    let rows: Int
    let color: Bool

    /// The plot area is never smaller than this; a smaller rectangle is grown.
    private static let smallestArea = (columns: 8, rows: 3)

    func screen() -> TerminalScreen {
        guard let frame = PlotFrame(plot) else { return emptyScreen() }
        let legend = TerminalLegend(plot: plot, frame: frame, columns: columns, color: color)
        let titleRows = plot.title.isEmpty ? 0 : 1
        let yLabelRows = plot.y.label.isEmpty ? 0 : 1
        let xLabelRows = plot.x.label.isEmpty ? 0 : 1
        let areaRows = max(rows - titleRows - yLabelRows - 2 - xLabelRows - legend.rows, Self.smallestArea.rows)
        let yTicks = Ticks.ticks(for: plot.y, over: frame.y.range, count: max(areaRows * 2 / 5, 1))
        let labelWidth = yTicks.labels.map(\.terminalWidth).max() ?? 0
        let left = min(labelWidth, max(columns / 3, 1)) + 2
        let areaColumns = max(columns - left - 1, Self.smallestArea.columns)
        var canvas = DotCanvas(columns: areaColumns, rows: areaRows)
        let colors = plot.terminalColors
        for (index, series) in plot.series.enumerated() {
            TerminalSeries(
                series: series, color: colors[index], look: legend.looks[index], frame: frame, inColor: color
            )
            .draw(on: &canvas)
        }

        var screen = TerminalScreen(
            columns: max(columns, left + areaColumns),
            rows: titleRows + yLabelRows + areaRows + 2 + xLabelRows + legend.rows)
        let area = left..<left + areaColumns
        if titleRows > 0 { screen.putCentered(plot.title, row: 0, in: area, style: .init(isBold: true)) }
        if yLabelRows > 0 {
            screen.put(plot.y.label.withoutControls.truncated(toColumns: columns), row: titleRows, column: 0)
        }
        let top = titleRows + yLabelRows
        canvas.draw(on: &screen, row: top, column: left, color: color)
        drawYAxis(yTicks, frame: frame, canvas: canvas, on: &screen, top: top, left: left)
        drawXAxis(frame: frame, canvas: canvas, on: &screen, row: top + areaRows, left: left)
        if xLabelRows > 0 { screen.putCentered(plot.x.label, row: top + areaRows + 2, in: area) }
        legend.draw(on: &screen, row: top + areaRows + 2 + xLabelRows)
        return screen
    }

    private func emptyScreen() -> TerminalScreen {
        var screen = TerminalScreen(columns: max(columns, 8), rows: max(min(rows, 5), 2))
        let all = 0..<screen.columns
        screen.putCentered(plot.title, row: 0, in: all, style: .init(isBold: true))
        screen.putCentered("no data", row: screen.rows / 2, in: all)
        return screen
    }

    private func drawYAxis(
        _ ticks: Ticks, frame: PlotFrame, canvas: DotCanvas, on screen: inout TerminalScreen, top: Int, left: Int
    ) {
        for row in 0..<canvas.rows { screen.put("│", row: top + row, column: left - 1) }
        var takenRow = -1
        for (value, label) in zip(ticks.values, ticks.labels).reversed() {
            let row = canvas.dot(at: Point(x: 0, y: frame.y.share(value))).row / 4
            guard row > takenRow else { continue }
            takenRow = row
            let text = label.truncated(toColumns: left - 2)
            screen.put(text, row: top + row, column: left - 2 - text.terminalWidth)
            screen.put("┤", row: top + row, column: left - 1)
        }
    }

    private func drawXAxis(
        frame: PlotFrame, canvas: DotCanvas, on screen: inout TerminalScreen, row: Int, left: Int
    ) {
        screen.put("└" + String(repeating: "─", count: canvas.columns), row: row, column: left - 1)
        let ticks = Ticks.ticks(for: plot.x, over: frame.x.range, count: max(canvas.columns / 8, 1))
        var free = 0
        for (value, label) in zip(ticks.values, ticks.labels) {
            let column = left + canvas.dot(at: Point(x: frame.x.share(value), y: 0)).column / 2
            let width = label.terminalWidth
            let start = min(max(column - width / 2, 0), screen.columns - width)
            guard start >= free else { continue }
            screen.put("┬", row: row, column: column)
            screen.put(label, row: row + 1, column: start)
            free = start + width + 1
        }
    }
}
