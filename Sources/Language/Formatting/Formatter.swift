/// The text of `file` in the usual layout: four spaces for each open bracket, one space around operators, none inside
/// brackets, at most two blank lines in a row.
///
/// Line breaks and comments stay where they are, and so do runs of spaces that align columns. The result has the same
/// tree and formats to itself. Throws the syntax errors of a text that has any.
public func format(_ file: SourceFile) throws(Diagnostics) -> String {
    _ = try parse(file)
    var formatter = Formatter(file: file)
    return formatter.run()
}

/// Walks the tokens and comments in order; the tree is needed only to know that the text is correct.
private struct Formatter {
    /// An open bracket, and how far the lines inside of it are indented.
    private struct Level {
        var opener: Token.Kind
        /// Holds `name: value` entries, in which a comma separates instead of continuing.
        var holdsEntries: Bool
        var lineIndent: Int
        var innerIndent: Int
    }

    private let file: SourceFile
    private let tokens: [Token]
    private let comments: [Range<Int>]
    /// For each token, whether it is a brace of a record, which has no spaces inside.
    private var isTightBrace: [Bool]
    private var output = ""
    private var levels: [Level] = []
    private var lineIndent = 0

    init(file: SourceFile) {
        self.file = file
        let lexer = Lexer(file: file, range: 0..<file.bytes.count)
        tokens = lexer.tokens
        comments = lexer.comments
        isTightBrace = Array(repeating: false, count: tokens.count)
        let closing = BracketMatching(tokens: tokens, file: file).closing
        for (index, token) in tokens.enumerated() where token.kind == .openBrace && closing[index] >= 0 {
            let followsValue = index > 0 && isValueEnd(index - 1)
            guard !followsValue, holdsEntries(after: index) else { continue }
            isTightBrace[index] = true
            isTightBrace[closing[index]] = true
        }
    }

    mutating func run() -> String {
        var comment = 0
        var end = 0
        for index in tokens.indices {
            while comment < comments.count, comments[comment].lowerBound < tokens[index].lower {
                write(comment: comments[comment], after: end, before: index)
                end = comments[comment].upperBound
                comment += 1
            }
            write(token: index, after: end)
            end = tokens[index].upper
        }
        while comment < comments.count {
            write(comment: comments[comment], after: end, before: tokens.count - 1)
            end = comments[comment].upperBound
            comment += 1
        }
        return output.isEmpty ? "" : output + "\n"
    }

    // MARK: Lines

    private mutating func write(token index: Int, after end: Int) {
        let token = tokens[index]
        guard token.kind != .end else { return }
        let breaks = lineBreaks(end..<token.lower)
        if breaks > 0 || output.isEmpty {
            lineIndent = indent(ofLineAt: index)
            startLine(breaks: breaks, indent: lineIndent)
        } else {
            output += String(repeating: " ", count: gap(before: index))
        }
        output += file.text(token.lower..<token.upper)
        switch token.kind {
        case .openParenthesis, .openBracket, .openBrace:
            levels.append(
                Level(
                    opener: token.kind, holdsEntries: token.kind == .openBrace && holdsEntries(after: index),
                    lineIndent: lineIndent, innerIndent: lineIndent + 4))
        case .closeParenthesis, .closeBracket, .closeBrace: _ = levels.popLast()
        default: break
        }
    }

    private mutating func write(comment: Range<Int>, after end: Int, before index: Int) {
        var upper = comment.upperBound
        while upper > comment.lowerBound, file.bytes[upper - 1] <= UInt8(ascii: " ") { upper -= 1 }
        let text = file.text(comment.lowerBound..<upper)
        let breaks = lineBreaks(end..<comment.lowerBound)
        if breaks > 0 || output.isEmpty {
            // A marker of a cell has to stay at the line's start to be one.
            let isMarker =
                file.column(at: comment.lowerBound) == 1 && text.drop { $0 == "#" || $0 == " " }.hasPrefix("%%")
            let continues = tokens[index].kind == .pipe ? 4 : 0
            startLine(breaks: breaks, indent: isMarker ? 0 : (levels.last?.innerIndent ?? 0) + continues)
        } else {
            output += String(repeating: " ", count: max(1, comment.lowerBound - end))
        }
        output += text
    }

    private mutating func startLine(breaks: Int, indent: Int) {
        if !output.isEmpty { output += String(repeating: "\n", count: min(3, breaks)) }
        output += String(repeating: " ", count: indent)
    }

    private func lineBreaks(_ range: Range<Int>) -> Int {
        file.bytes[range].lazy.filter { $0 == UInt8(ascii: "\n") }.count
    }

    private func indent(ofLineAt index: Int) -> Int {
        let token = tokens[index]
        guard let level = levels.last else { return continuesStatement(index) ? 4 : 0 }
        if token.isClosingBracket { return level.lineIndent }
        return level.innerIndent + (level.opener == .openBrace && continuesStatement(index) ? 4 : 0)
    }

    /// Whether the line that `index` starts goes on with the statement of the line before.
    private func continuesStatement(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        switch tokens[index].kind {
        case .pipe, .thenWord: return true
        default: break
        }
        switch tokens[index - 1].kind {
        case .comma: return !(levels.last?.holdsEntries ?? false)
        case .semicolon, .openBrace, .closeBrace, .closeParenthesis, .closeBracket, .percent, .elseWord: return false
        default: return !isValueEnd(index - 1)
        }
    }

    // MARK: Spaces

    /// A value can end with this token, so that a sign after it has two operands.
    private func isValueEnd(_ index: Int) -> Bool {
        let token = tokens[index]
        switch token.kind {
        case .name, .number, .string, .trueWord, .falseWord, .noneWord, .closeParenthesis, .closeBracket, .closeBrace,
            .percent, .breakWord, .continueWord, .returnWord:
            return true
        default: return token.isWord && isField(index)
        }
    }

    private func isField(_ index: Int) -> Bool { index > 0 && tokens[index - 1].kind == .dot }

    private func holdsEntries(after index: Int) -> Bool {
        guard index + 2 < tokens.count else { return false }
        let first = tokens[index + 1]
        guard first.isWord || first.kind == .string else { return false }
        return [.colon, .comma, .inWord].contains(tokens[index + 2].kind)
    }

    private func isUnaryMinus(_ index: Int) -> Bool {
        let token = tokens[index]
        guard token.kind == .minus else { return false }
        guard index > 0, isValueEnd(index - 1) else { return true }
        if tokens[index - 1].kind == .returnWord { return true }
        if token.startsLine { return levels.last.map { $0.opener == .openBrace } ?? true }
        // `seed -1`, `expect -x < 0`: the word before may open a statement.
        return tokens[index - 1].kind == .name && token.hasSpaceBefore && !tokens[index + 1].hasSpaceBefore
    }

    /// A sign that is written without spaces where the source has none on both sides, as in `x*y`.
    private func isTightProduct(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .star, .slash, .at: !tokens[index].hasSpaceBefore && !tokens[index + 1].hasSpaceBefore
        default: false
        }
    }

    /// The spaces between a token and the one before it on the same line.
    private func gap(before index: Int) -> Int {
        guard index > 0 else { return 0 }
        let previous = tokens[index - 1]
        let next = tokens[index]
        switch (previous.kind, next.kind) {
        case (.dot, _), (_, .dot), (_, .comma), (_, .semicolon), (_, .closeParenthesis), (_, .closeBracket),
            (.openParenthesis, _), (.openBracket, _):
            return 0
        case (.openBrace, .closeBrace): return next.hasSpaceBefore ? 1 : 0
        case (.openBrace, _): return isTightBrace[index - 1] ? 0 : 1
        case (_, .closeBrace): return isTightBrace[index] ? 0 : 1
        case (.comma, _), (.semicolon, _): return aligned(index)
        case (_, .colon): return 0
        case (.colon, _), (_, .assign), (_, .openBrace), (_, .arrow): return aligned(index)
        case (.caret, _), (_, .caret), (.halfOpenRange, _), (_, .halfOpenRange), (.closedRange, _), (_, .closedRange):
            return 0
        case (.minus, _) where isUnaryMinus(index - 1): return 0
        case (_, .openParenthesis), (_, .openBracket): return gapBeforeBracket(index)
        default: return isTightProduct(index - 1) || isTightProduct(index) ? 0 : 1
        }
    }

    private func gapBeforeBracket(_ index: Int) -> Int {
        let previous = tokens[index - 1]
        switch previous.kind {
        case .closeParenthesis, .closeBracket: return 0
        // `fit (x)` opens a form and `fit(x)` is a call.
        case .name where previous.contextual == nil || isField(index - 1): return 0
        case .name, .closeBrace, .string, .number, .percent: return tokens[index].hasSpaceBefore ? 1 : 0
        default:
            if previous.isWord, isField(index - 1) { return 0 }
            return isTightProduct(index - 1) ? 0 : 1
        }
    }

    /// The spaces of the source, if there are several, so that aligned columns stay aligned.
    private func aligned(_ index: Int) -> Int {
        let range = tokens[index - 1].upper..<tokens[index].lower
        return file.bytes[range].allSatisfy { $0 == UInt8(ascii: " ") } ? max(1, range.count) : 1
    }
}
