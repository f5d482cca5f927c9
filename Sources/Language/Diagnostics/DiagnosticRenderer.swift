/// Turns diagnostics into the text that a person reads.
///
/// ```
/// lenet.nnx:3:10: error: unknown setting 'leanring_rate'
///   3 | adam(leanring_rate: 1)
///     |      ^~~~~~~~~~~~~ in the call of 'adam'
///   hint: did you mean 'lr'?
/// ```
public struct DiagnosticRenderer: Sendable {
    /// Mark severities, carets and labels with ANSI colours.
    public var usesColor: Bool
    /// The most columns that a source line takes; a longer one is shown as a window around the caret.
    public var width: Int

    /// A renderer; `width` is at least 40.
    public init(usesColor: Bool = false, width: Int = 100) {
        self.usesColor = usesColor
        self.width = max(40, width)
    }

    /// The texts of several diagnostics with an empty line between them, ending in a line end.
    public func render(_ diagnostics: Diagnostics) -> String {
        diagnostics.all.map(render).joined(separator: "\n")
    }

    /// The text of one, ending in a line end.
    public func render(_ diagnostic: Diagnostic) -> String {
        let color: Style =
            switch diagnostic.severity {
            case .error: .red
            case .warning: .yellow
            case .note: .blue
            }
        let heading = paint(diagnostic.severity.rawValue + ":", color) + " " + paint(oneLine(diagnostic.message), .bold)
        var lines = [place(diagnostic.span) + heading]
        if let span = diagnostic.span {
            lines += excerpt(of: span, label: diagnostic.label, color: color)
        }
        if let expected = diagnostic.expected { lines.append("  expected: " + oneLine(expected)) }
        if let found = diagnostic.found { lines.append("  found:    " + oneLine(found)) }
        if let hint = diagnostic.hint { lines.append("  " + paint("hint:", .green) + " " + oneLine(hint)) }
        for note in diagnostic.notes {
            lines.append("  " + place(note.span) + paint("note:", .blue) + " " + oneLine(note.message))
            if let span = note.span { lines += excerpt(of: span, label: nil, color: .blue) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func place(_ span: SourceSpan?) -> String {
        guard let span else { return "" }
        return "\(span.file.name):\(span.line):\(span.column): "
    }

    private func oneLine(_ text: String) -> String {
        text.contains { $0.isNewline } ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
    }

    // MARK: Source lines

    /// The source line with a caret line under it; the first and the last line of a span over several lines.
    private func excerpt(of span: SourceSpan, label: String?, color: Style) -> [String] {
        let file = span.file
        let first = file.line(at: span.lower)
        var last = file.line(at: max(span.lower, span.upper - 1))
        if first != last, last == first + 1, file.lineRange(last).isEmpty { last = first }
        let gutter = max(3, "\(last)".count + 1)
        if first == last {
            return marked(line: first, span.lower..<span.upper, in: file, gutter: gutter, label: label, color: color)
        }
        let firstLine = file.lineRange(first)
        let lastLine = file.lineRange(last)
        var lines = marked(
            line: first, span.lower..<max(span.lower, firstLine.upperBound), in: file, gutter: gutter, label: nil,
            color: color)
        if last > first + 1 { lines.append(String(repeating: " ", count: gutter) + " …") }
        let start = lastLine.first { file.bytes[$0] != UInt8(ascii: " ") && file.bytes[$0] != UInt8(ascii: "\t") }
        lines += marked(
            line: last, (start ?? lastLine.lowerBound)..<max(start ?? lastLine.lowerBound, span.upper), in: file,
            gutter: gutter, label: label, color: color)
        return lines
    }

    private func marked(
        line: Int, _ range: Range<Int>, in file: SourceFile, gutter: Int, label: String?, color: Style
    ) -> [String] {
        let bounds = file.lineRange(line)
        let lower = min(max(range.lowerBound, bounds.lowerBound), bounds.upperBound)
        let upper = min(max(range.upperBound, lower), bounds.upperBound)
        // The text before the mark and that after it may each be long: only what can be shown is laid out.
        let reach = 4 * width
        let before = printable(
            file.bytes[max(bounds.lowerBound, lower - reach)..<lower], fromStart: bounds.lowerBound >= lower - reach)
        let inside = printable(file.bytes[lower..<min(upper, lower + reach)], startingAt: before.width)
        let after = printable(
            file.bytes[min(upper, lower + reach)..<min(bounds.upperBound, upper + reach)],
            startingAt: before.width + inside.width)

        let isCut = bounds.lowerBound < lower - reach || bounds.upperBound > upper + reach
        let total = before.width + inside.width + after.width
        var window = 0..<total
        if isCut || total > width {
            // A third of the window before the mark.
            let start = max(0, min(before.width - width / 3, total - width))
            window = start..<min(total, start + width)
        }
        let text = slice(before.text + inside.text + after.text, columns: window)
        let cutBefore = window.lowerBound > 0 || bounds.lowerBound < lower - reach
        let cutAfter = window.upperBound < total || bounds.upperBound > upper + reach
        let shown = ((cutBefore ? "…" : "") + text + (cutAfter ? "…" : "")).trimmingTrailingSpaces
        let column = before.width - window.lowerBound + (cutBefore ? 1 : 0)
        let length = max(1, min(inside.width, window.upperBound - before.width))
        let number = String(repeating: " ", count: max(0, gutter - "\(line)".count)) + "\(line)"
        let mark = "^" + String(repeating: "~", count: length - 1)
        let caret = String(repeating: " ", count: column) + paint(mark + (label.map { " " + oneLine($0) } ?? ""), color)
        return [
            paint("\(number) |", .dim) + (shown.isEmpty ? "" : " " + shown),
            paint(String(repeating: " ", count: gutter) + " |", .dim) + " " + caret,
        ]
    }

    /// Tabs as spaces to the next multiple of four, control characters as `·`.
    private func printable(
        _ bytes: ArraySlice<UInt8>, startingAt column: Int = 0, fromStart: Bool = true
    ) -> (text: String, width: Int) {
        var slice = bytes
        // A cut in the middle of a character begins with the next.
        if !fromStart { slice = slice.drop { $0 & 0xC0 == 0x80 } }
        var text = ""
        var width = 0
        for character in String(decoding: slice, as: UTF8.self) {
            if character == "\t" {
                let spaces = 4 - (column + width) % 4
                text += String(repeating: " ", count: spaces)
                width += spaces
            } else if let scalar = character.unicodeScalars.first, scalar.value < 0x20 || scalar.value == 0x7F {
                text += "·"
                width += 1
            } else {
                text.append(character)
                width += displayWidth(character)
            }
        }
        return (text, width)
    }

    private func slice(_ text: String, columns: Range<Int>) -> String {
        var result = ""
        var column = 0
        for character in text {
            if column >= columns.upperBound { break }
            if column >= columns.lowerBound { result.append(character) }
            column += displayWidth(character)
        }
        return result
    }

    // MARK: Colour

    private enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case green = "32"
        case yellow = "1;33"
        case blue = "34"
    }

    private func paint(_ text: String, _ style: Style) -> String {
        usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var copy = self
        while copy.last == " " { copy.removeLast() }
        return copy
    }
}
