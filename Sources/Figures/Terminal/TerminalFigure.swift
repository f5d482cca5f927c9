extension Figure {
    /// The figure as text for a terminal: lines, points and paths as braille dots, maps as shades or coloured blocks, axes,
    /// legend and tables in characters.
    ///
    /// Panels stand side by side where each has at least 36 columns, else one under the other. Labels are cleared of control
    /// characters.
    ///
    /// - Parameters:
    ///   - columns: Width in characters; no line is longer (at least 20 are used).
    ///   - rows: Height in characters for plots and images. What cannot be made that low, such as a table or many panels one
    ///     under the other, takes more.
    ///   - color: Whether to use ANSI colours; without them series differ by dash patterns and signs.
    public func terminal(columns: Int, rows: Int, color: Bool) -> String {
        let columns = min(max(columns, 20), 1000)
        let rows = min(max(rows, 6), 1000)
        guard !panels.isEmpty else { return title.isEmpty ? "no data" : "\(title.withoutControls)\nno data" }
        let gap = 2
        let perRow = min(panelColumns, panels.count, max((columns + gap) / (36 + gap), 1))
        let panelWidth = (columns - gap * (perRow - 1)) / perRow
        let gridRows = (panels.count + perRow - 1) / perRow
        let titleRows = title.isEmpty ? 0 : 1
        let panelHeight = max((rows - titleRows) / gridRows - (gridRows > 1 ? 1 : 0), 8)
        let height = gridRows == 1 ? rows - titleRows : panelHeight
        let screens = panels.map { $0.screen(columns: panelWidth, rows: height, color: color) }
        let heights = (0..<gridRows).map { gridRow in
            screens[gridRow * perRow..<min((gridRow + 1) * perRow, screens.count)].map(\.rows).max() ?? 0
        }
        var screen = TerminalScreen(
            columns: columns, rows: titleRows + heights.reduce(0, +) + (gridRows - 1))
        screen.putCentered(title, row: 0, in: 0..<columns, style: .init(isBold: true))
        var top = titleRows
        for gridRow in 0..<gridRows {
            for column in 0..<perRow where gridRow * perRow + column < screens.count {
                screen.put(screens[gridRow * perRow + column], row: top, column: column * (panelWidth + gap))
            }
            top += heights[gridRow] + 1
        }
        return screen.text(color: color)
    }
}

extension Figure.Panel {
    func screen(columns: Int, rows: Int, color: Bool) -> TerminalScreen {
        switch self {
        case .plot(let plot):
            TerminalPlot(plot: plot, columns: columns, rows: rows, color: color).screen()
        case .matrix(let matrix):
            TerminalMatrix(matrix: matrix, columns: columns).screen()
        case .image(let image, let title):
            TerminalImage(image: image, title: title, columns: columns, rows: rows, color: color).screen()
        case .images(let grid):
            TerminalImageGrid(grid: grid, columns: columns, rows: rows, color: color).screen()
        case .bars(let chart):
            TerminalBars(chart: chart, columns: columns).screen()
        case .diagram(let diagram):
            TerminalDiagram(diagram: diagram, columns: columns).screen()
        }
    }
}
