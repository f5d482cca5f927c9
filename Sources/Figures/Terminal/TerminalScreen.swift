/// A rectangle of character cells that is drawn on and then turned into text.
struct TerminalScreen {
    struct Style: Hashable {
        var foreground: Color?
        var background: Color?
        var isBold = false
    }

    private struct Cell {
        /// Nil for the right half of a wide character.
        var character: Character? = " "
        var style = Style()
    }

    let columns: Int
    let rows: Int
    private var cells: [Cell]

    init(columns: Int, rows: Int) {
        self.columns = max(columns, 0)
        self.rows = max(rows, 0)
        cells = Array(repeating: Cell(), count: self.columns * self.rows)
    }

    /// Writes one character; outside of the screen nothing happens.
    mutating func put(_ character: Character, row: Int, column: Int, style: Style = Style()) {
        guard row >= 0, row < rows, column >= 0, column + character.terminalWidth <= columns else { return }
        cells[row * columns + column] = Cell(character: character, style: style)
        if character.terminalWidth == 2 {
            cells[row * columns + column + 1] = Cell(character: nil, style: style)
        }
    }

    /// Writes a text from a column to the right; what does not fit is cut.
    mutating func put(_ text: String, row: Int, column: Int, style: Style = Style()) {
        var column = column
        for character in text.withoutControls {
            put(character, row: row, column: column, style: style)
            column += character.terminalWidth
        }
    }

    /// Writes a text about the middle of a range of columns.
    mutating func putCentered(_ text: String, row: Int, in range: Range<Int>, style: Style = Style()) {
        let text = text.withoutControls.truncated(toColumns: range.count)
        put(text, row: row, column: range.lowerBound + (range.count - text.terminalWidth) / 2, style: style)
    }

    /// Copies another screen onto this one.
    mutating func put(_ other: TerminalScreen, row: Int, column: Int) {
        for otherRow in 0..<other.rows where row + otherRow < rows {
            for otherColumn in 0..<other.columns where column + otherColumn < columns {
                cells[(row + otherRow) * columns + column + otherColumn] =
                    other.cells[otherRow * other.columns + otherColumn]
            }
        }
    }

    /// The rows joined by line ends, without spaces at their right ends; with ANSI codes for the 256-colour palette or
    /// without any.
    func text(color: Bool) -> String {
        (0..<rows).map { row in
            line(cells[row * columns..<(row + 1) * columns], color: color)
        }.joined(separator: "\n")
    }

    private func line(_ cells: ArraySlice<Cell>, color: Bool) -> String {
        let isBlank = { (cell: Cell) in cell.character == " " && (!color || cell.style.background == nil) }
        let end = cells.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? cells.startIndex
        var text = ""
        var current = Style()
        for cell in cells[cells.startIndex..<end] {
            if color, cell.style != current {
                if current != Style() { text += "\u{1B}[0m" }
                text += cell.style.codes
                current = cell.style
            }
            if let character = cell.character { text.append(character) }
        }
        if current != Style() { text += "\u{1B}[0m" }
        return text
    }
}

extension TerminalScreen.Style {
    /// The codes that switch this style on.
    fileprivate var codes: String {
        var codes: [String] = []
        if isBold { codes.append("1") }
        if let foreground { codes.append("38;5;\(foreground.terminalIndex)") }
        if let background { codes.append("48;5;\(background.terminalIndex)") }
        return codes.isEmpty ? "" : "\u{1B}[" + codes.joined(separator: ";") + "m"
    }
}

extension Color {
    /// The nearest colour of the terminals' 256: a cube of six steps a component, and 24 greys.
    var terminalIndex: Int {
        let steps = [0, 95, 135, 175, 215, 255]
        func nearest(_ value: UInt8) -> Int {
            steps.indices.min { abs(steps[$0] - Int(value)) < abs(steps[$1] - Int(value)) } ?? 0
        }
        let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
        func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
            let (dr, dg, db) = (r - Int(red), g - Int(green), b - Int(blue))
            return dr * dr + dg * dg + db * db
        }
        let mean = (Int(red) + Int(green) + Int(blue)) / 3
        let gray = min(max((mean - 3) / 10, 0), 23)
        let grayValue = 8 + 10 * gray
        if distance(grayValue, grayValue, grayValue) < distance(steps[r], steps[g], steps[b]) { return 232 + gray }
        return 16 + 36 * r + 6 * g + b
    }
}
