/// Draws horizontal bars of block characters, their names at the left and their numbers at their ends.
struct TerminalBars {
    let chart: BarChart
    let columns: Int

    /// Names beyond this many are left out, and a line says so.
    private static let mostNames = 200
    private static let blocks = Array("▏▎▍▌▋▊▉█")

    func screen() -> TerminalScreen {
        let names = chart.names.prefix(Self.mostNames).map(\.withoutControls)
        guard let span = chart.span, !names.isEmpty else {
            var screen = TerminalScreen(columns: columns, rows: 2)
            screen.put(chart.title, row: 0, column: 0, style: .init(isBold: true))
            screen.put("no data", row: 1, column: 0)
            return screen
        }
        let nameWidth = min(names.map(\.terminalWidth).max() ?? 0, max(columns * 2 / 5, 8))
        let left = nameWidth + 1
        let numbers = names.indices.map { row in
            chart.groups.indices.map { group -> String in
                let value = chart.value(row, group)
                return value.isFinite ? shortNumber(value) : "-"
            }
        }
        let numberWidth = numbers.joined().map(\.count).max() ?? 0
        let room = max(columns - left - numberWidth - 1, 1)
        let legend = chart.groups.enumerated().filter { $0.element.label != nil }
        let titleRows = chart.title.isEmpty ? 0 : 1
        let isCut = chart.names.count > names.count
        let rows = titleRows + names.count * chart.groups.count + (legend.isEmpty ? 0 : 1) + (isCut ? 1 : 0)
        var screen = TerminalScreen(columns: columns, rows: rows)
        screen.put(
            chart.title.withoutControls.truncated(toColumns: columns), row: 0, column: 0, style: .init(isBold: true))
        var row = titleRows
        for (index, name) in names.enumerated() {
            screen.put(name.truncated(toColumns: nameWidth), row: row, column: 0)
            for group in chart.groups.indices {
                let bar = bar(chart.value(index, group), on: span, room: room)
                screen.put(bar.text, row: row, column: left + bar.start, style: .init(foreground: color(group)))
                screen.put(
                    numbers[index][group], row: row,
                    column: left + bar.start + bar.text.count + (bar.text.isEmpty ? 0 : 1))
                row += 1
            }
        }
        if !legend.isEmpty {
            var column = left
            for (group, item) in legend {
                screen.put("█", row: row, column: column, style: .init(foreground: color(group)))
                let label = (item.label ?? "").withoutControls
                screen.put(label, row: row, column: column + 2)
                column += label.terminalWidth + 5
            }
            row += 1
        }
        if isCut { screen.put("… \(chart.names.count - names.count) more", row: row, column: 0) }
        return screen
    }

    /// The same, lighter: most terminals are dark.
    private func color(_ group: Int) -> Color { Color.series(group).mixed(with: .white, share: 0.2) }

    /// A bar in eighths of a cell where it begins at the left end, else in whole cells.
    private func bar(_ value: Double, on span: AxisSpan, room: Int) -> (start: Int, text: String) {
        let share = min(max(span.share(value), 0), 1)
        let foot = BarChart.foot(on: span)
        guard share.isFinite else { return (Int(foot * Double(room)), "") }
        let start = Int((min(share, foot) * Double(room)).rounded(.down))
        let eighths = Int(((max(share, foot) - min(share, foot)) * Double(8 * room)).rounded())
        guard foot == 0 else { return (start, String(repeating: "█", count: (eighths + 4) / 8)) }
        let rest = eighths % 8
        return (start, String(repeating: "█", count: eighths / 8) + (rest > 0 ? String(Self.blocks[rest - 1]) : ""))
    }
}
