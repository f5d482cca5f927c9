/// Draws a table of counts as text with aligned columns; where it is wider than the terminal its columns come in blocks one
/// under the other.
struct TerminalMatrix {
    let matrix: MatrixTable
    let columns: Int

    /// Rows and columns beyond this many are left out, and a line says so.
    private static let mostEntries = 60
    /// A column's name takes at most this much room.
    private static let widestColumnName = 8

    func screen() -> TerminalScreen {
        let rowCount = min(matrix.rowLabels.count, Self.mostEntries)
        let columnCount = min(matrix.columnLabels.count, Self.mostEntries)
        guard rowCount > 0, columnCount > 0 else { return emptyScreen() }
        let counts = (0..<rowCount).map { row in
            (0..<columnCount).map { String(matrix.count(row: row, column: $0)) }
        }
        let names = columnNames(count: columnCount)
        let widths = (0..<columnCount).map { column in
            max(names.texts[column].terminalWidth, counts.map { $0[column].count }.max() ?? 1)
        }
        let rowNames = (0..<rowCount).map { row in
            let label = matrix.rowLabels[row].withoutControls
            return names.areNumbers ? "\(row) \(label)" : label
        }
        let corner = cornerText.truncated(toColumns: max(columns / 2, 8))
        let nameWidth = min(
            max(rowNames.map(\.terminalWidth).max() ?? 0, corner.terminalWidth), max(columns / 2, 8))
        let blocks = blocks(of: widths, room: columns - nameWidth)
        let shareWidth = matrix.isSquare ? 8 : 0

        var lines: [[(text: String, column: Int, style: TerminalScreen.Style)]] = []
        if !matrix.title.isEmpty { lines.append([(matrix.title, 0, .init(isBold: true))]) }
        for (number, block) in blocks.enumerated() {
            if number > 0 { lines.append([]) }
            let used = nameWidth + block.reduce(0) { $0 + widths[$1] + 2 }
            let showsShare = number == blocks.count - 1 && matrix.isSquare && used + shareWidth <= columns
            var header: [(text: String, column: Int, style: TerminalScreen.Style)] = [(corner, 0, .init())]
            var column = nameWidth
            for index in block {
                column += widths[index] + 2
                header.append((names.texts[index], column - names.texts[index].terminalWidth, .init()))
            }
            if showsShare { header.append(("recall", column + 2, .init())) }
            lines.append(header)
            for row in 0..<rowCount {
                var line: [(text: String, column: Int, style: TerminalScreen.Style)] = [
                    (rowNames[row].truncated(toColumns: nameWidth), 0, .init())
                ]
                var column = nameWidth
                for index in block {
                    column += widths[index] + 2
                    let isDiagonal = matrix.isSquare && index == row
                    let style = TerminalScreen.Style(
                        foreground: isDiagonal ? Color.palette[5] : nil, isBold: isDiagonal)
                    // Zeros as dots: the errors stand out.
                    let text = counts[row][index] == "0" ? "·" : counts[row][index]
                    line.append((text, column - text.count, style))
                }
                if showsShare, let share = matrix.diagonalShare(row: row) {
                    let text = fixedNumber(100 * share, decimals: 1) + "%"
                    line.append((text, column + shareWidth - text.count, .init()))
                }
                lines.append(line)
            }
        }
        if rowCount < matrix.rowLabels.count || columnCount < matrix.columnLabels.count {
            let all = "\(matrix.rowLabels.count) × \(matrix.columnLabels.count)"
            lines.append([("… the first \(rowCount) × \(columnCount) of \(all)", 0, .init())])
        }

        var screen = TerminalScreen(columns: columns, rows: lines.count)
        for (row, line) in lines.enumerated() {
            for part in line { screen.put(part.text, row: row, column: part.column, style: part.style) }
        }
        return screen
    }

    private var cornerText: String {
        switch (matrix.rowAxis.isEmpty, matrix.columnAxis.isEmpty) {
        case (true, true): ""
        case (false, true): matrix.rowAxis.withoutControls + " ↓"
        case (true, false): matrix.columnAxis.withoutControls + " →"
        case (false, false):
            "\(matrix.rowAxis.withoutControls) ↓ \(matrix.columnAxis.withoutControls) →"
        }
    }

    /// The columns' names where all are short, else their numbers.
    private func columnNames(count: Int) -> (texts: [String], areNumbers: Bool) {
        let labels = matrix.columnLabels.prefix(count).map(\.withoutControls)
        if !matrix.isSquare || labels.allSatisfy({ $0.terminalWidth <= Self.widestColumnName }) {
            return (labels.map { $0.truncated(toColumns: max(columns / 4, 4)) }, false)
        }
        return ((0..<count).map { String($0) }, true)
    }

    /// Cuts the columns into runs that fit beside the row names, at least one column each.
    private func blocks(of widths: [Int], room: Int) -> [[Int]] {
        var blocks: [[Int]] = []
        var used = 0
        for (index, width) in widths.enumerated() {
            if let last = blocks.indices.last, used + width + 2 <= room {
                blocks[last].append(index)
                used += width + 2
            } else {
                blocks.append([index])
                used = width + 2
            }
        }
        return blocks
    }

    private func emptyScreen() -> TerminalScreen {
        var screen = TerminalScreen(columns: columns, rows: 2)
        screen.put(matrix.title, row: 0, column: 0, style: .init(isBold: true))
        screen.put("no data", row: 1, column: 0)
        return screen
    }
}
