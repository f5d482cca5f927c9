/// Which bracket closes which, found before parsing, so that an error can skip what belongs together.
struct BracketMatching {
    /// For the index of an opening bracket that of its closing one, elsewhere -1.
    private(set) var closing: [Int]
    private(set) var problems: [SyntaxProblem] = []

    /// Where the first bracket is that is not closed as it should be; what is nested after it cannot be trusted.
    private(set) var firstUnclosed = Int.max

    private let file: SourceFile
    private let tokens: [Token]
    private var open: [Int] = []
    private var openBraces = 0
    /// The first brace whose closing one starts a line further left than that of the brace: the likely place of a
    /// forgotten one.
    private var suspect: (opener: Int, closer: Int)?

    init(tokens: [Token], file: SourceFile) {
        self.file = file
        self.tokens = tokens
        closing = Array(repeating: -1, count: tokens.count)
        var lineStart = 0
        for (index, token) in tokens.enumerated() {
            if token.startsLine { lineStart = index }
            switch token.kind {
            case .openParenthesis, .openBracket, .openBrace:
                open.append(index)
                if token.kind == .openBrace { openBraces += 1 }
            case .closeParenthesis, .closeBracket, .closeBrace: close(index)
            case .invalid where isUnclosedString(token):
                // It has most likely swallowed what closes the brackets of its line.
                while let last = open.last, last >= lineStart, tokens[last].kind != .openBrace { open.removeLast() }
            default: break
            }
        }
        guard let last = open.last else { return }
        if let suspect, suspect.opener > last {
            reportUnclosed(tokens[suspect.opener], before: nil, misled: tokens[suspect.closer])
        } else {
            reportUnclosed(tokens[last], before: nil)
        }
    }

    private mutating func close(_ index: Int) {
        let token = tokens[index]
        // A bracket ends those opened inside of the one that it closes: a forgotten `)` does not swallow the block.
        if let opener = opener(for: token.kind) {
            while let last = open.last, last > opener {
                reportUnclosed(tokens[last], before: token)
                open.removeLast()
            }
        }
        guard let last = open.last else {
            reportStray(token, opener: nil)
            return
        }
        if Self.closer(of: tokens[last].kind) == token.kind {
            if token.kind == .closeBrace {
                openBraces -= 1
                if suspect == nil, token.startsLine, indent(ofLineWith: tokens[last]) > indent(ofLineWith: token) {
                    suspect = (last, index)
                }
            }
        } else {
            reportStray(token, opener: tokens[last])
            guard tokens[last].kind != .openBrace else { return }
        }
        closing[last] = index
        open.removeLast()
    }

    /// The open bracket that a closing one of `kind` belongs to, not beyond a brace and, for `)` and `]`, not far up.
    private func opener(for kind: Token.Kind) -> Int? {
        if kind == .closeBrace {
            return openBraces > 0 ? open.last { tokens[$0].kind == .openBrace } : nil
        }
        for candidate in open.suffix(16).reversed() {
            if tokens[candidate].kind == .openBrace { return nil }
            if Self.closer(of: tokens[candidate].kind) == kind { return candidate }
        }
        return nil
    }

    private func indent(ofLineWith token: Token) -> Int {
        let start = file.lineStarts[file.line(at: token.lower) - 1]
        return file.bytes[start..<token.lower].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
    }

    private func isUnclosedString(_ token: Token) -> Bool {
        switch file.bytes[token.lower] {
        case UInt8(ascii: "\""): true
        case UInt8(ascii: "'"): token.upper == token.lower + 1 || file.bytes[token.upper - 1] != UInt8(ascii: "'")
        default: false
        }
    }

    static func closer(of kind: Token.Kind) -> Token.Kind {
        switch kind {
        case .openParenthesis: .closeParenthesis
        case .openBracket: .closeBracket
        default: .closeBrace
        }
    }

    private mutating func reportUnclosed(_ opener: Token, before closer: Token?, misled: Token? = nil) {
        firstUnclosed = min(firstUnclosed, opener.lower)
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
                    "this closes a bracket further out",
                    at: SourceSpan(file: file, lower: closer.lower, upper: closer.upper))
            ]
        }
        if let misled {
            diagnostic.notes = [
                Diagnostic.Note(
                    "this one closes it, but is indented like the end of an outer block",
                    at: SourceSpan(file: file, lower: misled.lower, upper: misled.upper))
            ]
        }
        problems.append(SyntaxProblem(diagnostic: diagnostic, isAtEnd: closer == nil))
    }

    private mutating func reportStray(_ closer: Token, opener: Token?) {
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
