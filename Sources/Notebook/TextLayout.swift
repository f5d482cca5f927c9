extension StringProtocol {
    /// The text without whitespace at both ends.
    package func trimmingWhitespace() -> String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// The text with spaces at its end up to `width` characters.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    /// The text with spaces before it up to `width` characters.
    package func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}

/// Lays names out in columns that read downwards, like a directory listing.
///
/// - Parameter width: columns of the terminal; one column of names is used where even two do not fit.
/// - Returns: lines that each end in a newline.
public func columnLayout(_ names: [String], width: Int) -> String {
    guard let widest = names.map(\.count).max() else { return "" }
    let cell = widest + 2
    let columns = max(1, (width + 2) / cell)
    let rows = (names.count + columns - 1) / columns
    return (0..<rows).map { row in
        let line = stride(from: row, to: names.count, by: rows).map { names[$0].padded(to: cell) }.joined()
        return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
}
