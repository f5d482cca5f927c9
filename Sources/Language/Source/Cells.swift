/// A stretch of a script between two `# %%` markers (the percent format of Jupytext and several editors).
public struct Cell: Sendable {
    /// The text after the marker; `nil` for a script's beginning before the first one, or for a bare marker.
    public let title: String?
    /// Marked `# %% [markdown]`: its comment lines are prose.
    public let isMarkdown: Bool
    /// The lines after the marker; the whole file where there is no marker.
    public let span: SourceSpan

    /// For a text cell its prose, without the leading `# ` of each line.
    public var prose: String {
        span.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var rest = line.drop { $0 == " " || $0 == "\t" }
            guard rest.first == "#" else { return String(line) }
            rest = rest.dropFirst()
            return String(rest.first == " " ? rest.dropFirst() : rest)
        }.joined(separator: "\n")
    }
}

/// The cells of a script in order. What stands before the first marker is a cell if it is not blank.
public func cells(of file: SourceFile) -> [Cell] {
    var cells: [Cell] = []
    var title: String?
    var isMarkdown = false
    var lower = 0
    var isMarked = false

    func finish(at upper: Int) {
        let span = SourceSpan(file: file, lower: lower, upper: upper)
        let isBlank = file.bytes[lower..<upper].allSatisfy { $0 <= UInt8(ascii: " ") }
        if isMarked || !isBlank { cells.append(Cell(title: title, isMarkdown: isMarkdown, span: span)) }
    }

    for line in 1...file.lineStarts.count {
        guard let marker = cellMarker(file, line) else { continue }
        finish(at: file.lineStarts[line - 1])
        isMarked = true
        isMarkdown = marker.isMarkdown
        title = marker.title.isEmpty ? nil : marker.title
        lower = line < file.lineStarts.count ? file.lineStarts[line] : file.bytes.count
    }
    finish(at: file.bytes.count)
    return cells
}

/// The title and kind in a line `# %% [markdown] title`, or `nil` for any other line.
private func cellMarker(_ file: SourceFile, _ line: Int) -> (title: String, isMarkdown: Bool)? {
    let range = file.lineRange(line)
    guard range.count >= 3, file.bytes[range.lowerBound] == UInt8(ascii: "#") else { return nil }
    var rest = file.text(range).dropFirst().drop { $0 == " " }
    guard rest.hasPrefix("%%") else { return nil }
    rest = rest.dropFirst(2).drop { $0 == " " }
    let markdown = ["[markdown]", "[md]"].first { rest.hasPrefix($0) }
    if let markdown { rest = rest.dropFirst(markdown.count).drop { $0 == " " } }
    while rest.last == " " { rest = rest.dropLast() }
    return (String(rest), markdown != nil)
}
