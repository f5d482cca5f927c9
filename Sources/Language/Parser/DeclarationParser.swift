extension Parser {
    /// `kind name(parameters) { … }` or `kind name(parameters) = expression`, from the opening word on.
    mutating func parseDeclaration(_ kind: Declaration.Kind) throws(SyntaxFailure) -> Declaration {
        let start = token
        let documentation = documentation(before: start)
        advance()
        if kind == .function, token.kind == .openParenthesis {
            throw unexpected(
                "a function needs a name", expected: "'fn name(…)'", hint: "without a name, write 'x -> …'")
        }
        let name = try parseNewName(after: kind.rawValue)
        var parameters: [Parameter]?
        if token.kind == .openParenthesis, !isAtLineEnd {
            parameters = try parseParameters()
        } else if kind == .function {
            throw unexpected(
                "the parameters of '\(name.name)' are missing", expected: "'('",
                hint: "without any, write 'fn \(name.name)() …'")
        }
        let headSpan = span(from: start.lower)
        let body: Declaration.Body
        if token.kind == .assign, !isAtLineEnd {
            advance()
            body = .expression(try parseExpression())
        } else if token.kind == .openBrace {
            body = .block(try parseBlock("the body is missing"))
        } else {
            let hint: String? =
                switch token.kind {
                case .arrow: "write '=' instead of '->'"
                case .colon: "write '{ … }' or '= …' instead of ':'"
                default: nil
                }
            throw unexpected(
                "the body of '\(name.name)' is missing", expected: "'{ … }' or '= …'", hint: hint, acrossLines: true)
        }
        return Declaration(
            kind: kind, name: name, parameters: parameters, body: body, documentation: documentation, headSpan: headSpan
        )
    }

    private mutating func parseParameters() throws(SyntaxFailure) -> [Parameter] {
        var seen: [String: SourceSpan] = [:]
        return try parseSequence(closer: .closeParenthesis, of: "the parameters") { (parser) throws(SyntaxFailure) in
            let name = try parser.parseNewName(after: "(")
            try parser.checkUnused(name, in: &seen, "parameter")
            if parser.token.kind == .assign {
                throw parser.fail(
                    Diagnostic(
                        "a default is written with ':'", at: parser.span(parser.token), expected: "':'", found: "'='",
                        hint: "write '\(name.name): …'"))
            }
            guard parser.accept(.colon) else { return Parameter(name: name, defaultValue: nil) }
            return Parameter(name: name, defaultValue: try parser.parseExpression())
        }
    }

    /// The lines of comment directly above the line that `token` starts, without `#` and markers of cells.
    func documentation(before token: Token) -> String? {
        let firstLine = file.line(at: token.lower)
        guard firstLine > 1, firstNonSpace(of: firstLine) == token.lower else { return nil }
        var lines: [String] = []
        var line = firstLine - 1
        while line >= 1 {
            let range = file.lineRange(line)
            guard var offset = firstNonSpace(of: line), file.bytes[offset] == UInt8(ascii: "#") else { break }
            while offset < range.upperBound, file.bytes[offset] == UInt8(ascii: "#") { offset += 1 }
            if offset < range.upperBound, file.bytes[offset] == UInt8(ascii: " ") { offset += 1 }
            let text = file.text(offset..<range.upperBound)
            if text.hasPrefix("%%") { break }
            lines.append(text)
            line -= 1
        }
        return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
    }

    private func firstNonSpace(of line: Int) -> Int? {
        file.lineRange(line).first { file.bytes[$0] != UInt8(ascii: " ") && file.bytes[$0] != UInt8(ascii: "\t") }
    }
}
