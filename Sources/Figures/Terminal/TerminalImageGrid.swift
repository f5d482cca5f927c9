/// Draws small images side by side in half blocks, each with a caption below, made smaller until all fit.
struct TerminalImageGrid {
    let grid: ImageGrid
    let columns: Int
    let rows: Int
    let color: Bool

    /// No image is made narrower than this.
    private static let narrowest = 6
    private static let gap = 2

    func screen() -> TerminalScreen {
        let titleRows = grid.title.isEmpty ? 0 : 1
        let scaleRows = grid.scale == nil ? 0 : 1
        guard !grid.tiles.isEmpty else {
            var screen = TerminalScreen(columns: columns, rows: titleRows + 1)
            screen.put(grid.title, row: 0, column: 0, style: .init(isBold: true))
            screen.put("no data", row: titleRows, column: 0)
            return screen
        }
        let captionRows = grid.hasCaptions ? 1 : 0
        let largest = grid.tiles.map(\.image.width).max() ?? 1
        var width = min(max(largest, Self.narrowest), columns)
        func layout(_ width: Int) -> (perRow: Int, tileRows: Int, rows: Int) {
            let perRow = min(
                max((columns + Self.gap) / (width + Self.gap), 1), grid.columns ?? grid.tiles.count, grid.tiles.count)
            let tileRows = max(Int((Double(width) * grid.aspect / 2).rounded(.up)), 1) + captionRows
            let gridRows = (grid.tiles.count + perRow - 1) / perRow
            return (max(perRow, 1), tileRows, gridRows * (tileRows + 1) - 1)
        }
        while width > Self.narrowest, layout(width).rows > rows - titleRows - scaleRows { width -= 1 }
        let (perRow, tileRows, gridRows) = layout(width)
        var screen = TerminalScreen(columns: columns, rows: titleRows + gridRows + scaleRows)
        screen.put(
            grid.title.withoutControls.truncated(toColumns: columns), row: 0, column: 0, style: .init(isBold: true))
        for (index, tile) in grid.tiles.enumerated() {
            let top = titleRows + index / perRow * (tileRows + 1)
            let left = index % perRow * (width + Self.gap)
            let image = TerminalImage(
                image: tile.image, title: "", columns: width, rows: tileRows - captionRows, color: color
            ).screen()
            screen.put(image, row: top, column: left)
            let room = min(width + Self.gap - 1, columns - left)
            screen.put(
                tile.caption.withoutControls.truncated(toColumns: room), row: top + tileRows - captionRows, column: left
            )
        }
        if let scale = grid.scale { drawScale(scale, on: &screen, row: titleRows + gridRows) }
        return screen
    }

    /// The lowest value, the colours, the highest value.
    private func drawScale(_ scale: ColorScale, on screen: inout TerminalScreen, row: Int) {
        var column = 0
        func put(_ text: String, _ color: Color? = nil) {
            screen.put(text, row: row, column: column, style: .init(foreground: color))
            column += text.terminalWidth
        }
        put((scale.marks.first?.label ?? "") + " ")
        let steps = 8
        for step in 0..<steps {
            let share = Double(step) / Double(steps - 1)
            let shown = scale.colors.color(at: share)
            put(color ? "█" : String(TerminalShades.shade(shown.luminance)), shown)
        }
        put(" " + (scale.marks.last?.label ?? ""))
    }
}
