/// One column of a text table.
public struct TextColumn {
    public let title: String
    public let cells: [String]
    /// Numbers are aligned at the right, text at the left.
    public let isNumber: Bool

    public init(_ title: String, _ cells: [String], isNumber: Bool = false) {
        self.title = title
        self.cells = cells
        self.isNumber = isNumber
    }

    /// A line for the titles, one of dashes, and one for each cell. Ends in a newline.
    public static func lines(of columns: [TextColumn]) -> String {
        let padded = columns.map { column in
            let width = ([column.title] + column.cells).map(\.count).max() ?? 0
            return ([column.title, String(repeating: "-", count: width)] + column.cells).map { cell in
                let space = String(repeating: " ", count: width - cell.count)
                return column.isNumber ? space + cell : cell + space
            }
        }
        return (padded.first ?? []).indices.map { row in
            let line = padded.map { $0[row] }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
