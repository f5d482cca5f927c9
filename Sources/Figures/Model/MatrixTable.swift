/// A table of counts with named rows and columns, such as a confusion matrix.
public struct MatrixTable: Sendable, Hashable {
    public var title: String
    /// What the rows are ("true class"), and what the columns are ("predicted").
    public var rowAxis: String
    public var columnAxis: String
    public var rowLabels: [String]
    public var columnLabels: [String]
    /// `[rows][columns]`; cells that are missing count as 0.
    public var counts: [[Int]]

    /// Makes a table of counts.
    public init(
        title: String = "", rowAxis: String = "", columnAxis: String = "", rowLabels: [String],
        columnLabels: [String], counts: [[Int]]
    ) {
        self.title = title
        self.rowAxis = rowAxis
        self.columnAxis = columnAxis
        self.rowLabels = rowLabels
        self.columnLabels = columnLabels
        self.counts = counts
    }

    /// A confusion matrix: `counts[i][j]` samples of class `i` were taken for class `j`.
    public static func confusion(
        title: String = "confusion", classNames: [String], counts: [[Int]]
    ) -> MatrixTable {
        MatrixTable(
            title: title, rowAxis: "true", columnAxis: "predicted", rowLabels: classNames, columnLabels: classNames,
            counts: counts)
    }

    /// The count in a cell, 0 where `counts` has none.
    public func count(row: Int, column: Int) -> Int {
        guard counts.indices.contains(row), counts[row].indices.contains(column) else { return 0 }
        return counts[row][column]
    }

    /// True where rows and columns are the same things, so that the diagonal means "right".
    var isSquare: Bool { !rowLabels.isEmpty && rowLabels == columnLabels }

    /// The share of a row's counts that lies on the diagonal (the recall of a class); nil for an empty row.
    func diagonalShare(row: Int) -> Double? {
        let total = columnLabels.indices.reduce(0.0) { $0 + Double(count(row: row, column: $1)) }
        return total > 0 ? Double(count(row: row, column: row)) / total : nil
    }
}
