/// Draws an image in character cells of one pixel's width and two pixels' height, made smaller where it does not fit.
struct TerminalImage {
    let image: Raster
    let title: String
    let columns: Int
    let rows: Int
    let color: Bool

    func screen() -> TerminalScreen {
        let titleRows = title.isEmpty ? 0 : 1
        guard image.width > 0, image.height > 0 else {
            var screen = TerminalScreen(columns: columns, rows: titleRows + 1)
            screen.put(title, row: 0, column: 0, style: .init(isBold: true))
            screen.put("no data", row: titleRows, column: 0)
            return screen
        }
        let room = (columns: max(columns, 1), rows: max(rows - titleRows, 1))
        let scale = min(
            1, Double(room.columns) / Double(image.width), Double(2 * room.rows) / Double(image.height))
        let width = max(Int(Double(image.width) * scale), 1)
        let height = max(Int(Double(image.height) * scale), 1)
        func pixel(row: Int, column: Int) -> Color {
            image[min(row * image.height / height, image.height - 1), column * image.width / width]
        }
        let cellRows = (height + 1) / 2
        var screen = TerminalScreen(columns: columns, rows: titleRows + cellRows)
        screen.put(title.withoutControls.truncated(toColumns: columns), row: 0, column: 0, style: .init(isBold: true))
        for row in 0..<cellRows {
            for column in 0..<width {
                let upper = pixel(row: 2 * row, column: column)
                let hasLower = 2 * row + 1 < height
                let lower = hasLower ? pixel(row: 2 * row + 1, column: column) : upper
                let mean = hasLower ? upper.luminance / 2 + lower.luminance / 2 : upper.luminance
                let style = TerminalScreen.Style(foreground: upper, background: hasLower ? lower : nil)
                screen.put(
                    color ? "▀" : TerminalShades.shade(mean), row: titleRows + row, column: column, style: style)
            }
        }
        return screen
    }
}
