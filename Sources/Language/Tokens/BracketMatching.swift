/// Which bracket closes which, found before parsing, so that an error can skip what belongs together.
struct BracketMatching {
    /// For the index of an opening bracket that of its closing one, elsewhere -1.
    private(set) var closing: [Int]
    private(set) var problems: [SyntaxProblem] = []

    init(tokens: [Token], file: SourceFile) {
        closing = Array(repeating: -1, count: tokens.count)
        var open: [Int] = []
        var openBraces = 0
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .openParenthesis, .openBracket, .openBrace:
                open.append(index)
                if token.kind == .openBrace { openBraces += 1 }
            case .closeParenthesis, .closeBracket, .closeBrace:
                // A `}` ends every parenthesis opened since its `{`: a forgotten `)` does not swallow the block.
                if token.kind == .closeBrace, openBraces > 0 {
                    while let last = open.last, tokens[last].kind != .openBrace {
                        reportUnclosed(tokens[last], before: token, file)
                        open.removeLast()
                    }
                }
                if let last = open.last, Self.closer(of: tokens[last].kind) == token.kind {
                    closing[last] = index
                    open.removeLast()
                    if token.kind == .closeBrace { openBraces -= 1 }
                } else {
                    reportStray(token, opener: open.last.map { tokens[$0] }, file)
                }
            default: break
            }
        }
        if let last = open.last { reportUnclosed(tokens[last], before: nil, file) }
    }

    static func closer(of kind: Token.Kind) -> Token.Kind {
        switch kind {
        case .openParenthesis: .closeParenthesis
        case .openBracket: .closeBracket
        default: .closeBrace
        }
    }

    private mutating func reportUnclosed(_ opener: Token, before closer: Token?, _ file: SourceFile) {
        let expected = Self.closer(of: opener.kind).rawValue
        var diagnostic = Diagnostic(
            "this '\(opener.kind.rawValue)' is never closed",
            at: SourceSpan(file: file, lower: opener.lower, upper: opener.upper), label: "opened here",
            expected: "'\(expected)'",
            found: closer.map { "'\($0.kind.rawValue)' in line \(file.line(at: $0.lower))" } ?? "the end of the text",
            hint: "add the missing '\(expected)'")
        if let closer {
            diagnostic.notes = [
                Diagnostic.Note(
                    "the block ends here", at: SourceSpan(file: file, lower: closer.lower, upper: closer.upper))
            ]
        }
        problems.append(SyntaxProblem(diagnostic: diagnostic, isAtEnd: closer == nil))
    }

    private mutating func reportStray(_ closer: Token, opener: Token?, _ file: SourceFile) {
        let span = SourceSpan(file: file, lower: closer.lower, upper: closer.upper)
        var diagnostic = Diagnostic(
            "this '\(closer.kind.rawValue)' closes nothing", at: span,
            hint: "remove it, or add the bracket that it was to close")
        if let opener {
            let expected = Self.closer(of: opener.kind).rawValue
            diagnostic.expected = "'\(expected)'"
            diagnostic.found = "'\(closer.kind.rawValue)'"
            diagnostic.hint = nil
            diagnostic.notes = [
                Diagnostic.Note(
                    "the open bracket is this one", at: SourceSpan(file: file, lower: opener.lower, upper: opener.upper)
                )
            ]
        }
        problems.append(SyntaxProblem(diagnostic: diagnostic))
    }
}
