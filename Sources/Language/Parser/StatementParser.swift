extension Parser {
    mutating func parseStatement() throws(SyntaxFailure) -> Statement {
        try enter()
        defer { leave() }
        let lower = token.lower
        let kind = try parseStatementKind()
        return Statement(kind, span: span(from: lower))
    }

    private mutating func parseStatementKind() throws(SyntaxFailure) -> Statement.Kind {
        switch token.kind {
        case .letWord, .varWord: return try parseBinding()
        case .fnWord: return .declaration(try parseDeclaration(.function))
        case .forWord: return try parseFor()
        case .whileWord:
            advance()
            let condition = try parseHeadExpression()
            if token.kind == .assign {
                throw fail(
                    Diagnostic("a condition does not assign", at: span(token), found: "'='", hint: "'==' compares"))
            }
            return .whileLoop(condition: condition, body: try parseBlock("the block of 'while' is missing"))
        case .breakWord:
            advance()
            return .breakLoop
        case .continueWord:
            advance()
            return .continueLoop
        case .returnWord:
            advance()
            if isAtLineEnd || token.kind == .semicolon || token.kind == .closeBrace { return .returnValue(nil) }
            return .returnValue(try parseExpression())
        case .name:
            if let statement = try parseContextual() { return statement }
            return try parseExpressionOrAssignment()
        case .elseWord:
            throw fail(
                Diagnostic(
                    "this 'else' has no 'if'", at: span(token), hint: "'else' stands right after the '}' of its 'if'"))
        case .dot:
            throw fail(
                Diagnostic(
                    "a line cannot start with '.'", at: span(token),
                    hint: "put the '.' at the end of the line before, or use '|>'"))
        case .pipe:
            throw fail(Diagnostic("nothing stands before this '|>'", at: span(token), expected: "value |> function"))
        default: return try parseExpressionOrAssignment()
        }
    }

    /// A statement that a word opens here and is a name elsewhere; `nil` if it is a name.
    private mutating func parseContextual() throws(SyntaxFailure) -> Statement.Kind? {
        guard let word = token.contextual, !next.startsLine else { return nil }
        if let kind = token.declarationKind {
            return next.kind == .name ? .declaration(try parseDeclaration(kind)) : nil
        }
        switch word {
        case .use where next.kind == .name || next.kind == .string: return try parseUse()
        case .param where next.kind == .name: return try parseParam()
        case .weight where next.kind == .name: return try parseWeight()
        case .state where next.kind == .name: return try parseState()
        case .seed where nextStartsOperand(brackets: false):
            advance()
            return .seed(try parseExpression())
        case .show where nextStartsOperand(brackets: false):
            advance()
            return .show(try parseExpression())
        case .why where nextStartsOperand(brackets: false):
            advance()
            return .why(try parseExpression())
        case .expect where nextStartsOperand() || [.openParenthesis, .openBracket, .notWord].contains(next.kind):
            advance()
            let condition = try parseExpression()
            if token.kind == .assign, !isAtLineEnd {
                throw fail(Diagnostic("'expect' does not assign", at: span(token), found: "'='", hint: "'==' compares"))
            }
            return .expect(condition)
        case .expectError where nextStartsOperand():
            advance()
            let message = try parseHeadExpression()
            return .expectError(message: message, body: try parseBlock("the block of 'expect_error' is missing"))
        case .repeatWord where nextStartsOperand():
            advance()
            let count = try parseHeadExpression()
            return .repeatLoop(count: count, body: try parseBlock("the block of 'repeat' is missing"))
        default: return nil
        }
    }

    // MARK: Values and loops

    private mutating func parseBinding() throws(SyntaxFailure) -> Statement.Kind {
        let documentation = documentation(before: token)
        let isMutable = token.kind == .varWord
        let word = token.kind.rawValue
        advance()
        let pattern = try parseNamePattern(after: word)
        try expect(
            .assign, "'\(word)' needs a value",
            hint: token.kind == .equal ? "'=' binds, '==' compares" : nil)
        let value = try parseExpression()
        return .binding(Binding(pattern: pattern, value: value, isMutable: isMutable, documentation: documentation))
    }

    /// `name` or `(name, name)`.
    private mutating func parseNamePattern(after word: String) throws(SyntaxFailure) -> Pattern {
        if token.kind == .openParenthesis {
            let lower = token.lower
            let names = try parseSequence(closer: .closeParenthesis, of: "the names") {
                (parser) throws(SyntaxFailure) in
                try parser.parseNewName(after: "(")
            }
            guard names.count > 1 else {
                throw fail(
                    Diagnostic("parentheses hold at least two names", at: span(from: lower), expected: "(name, value)"))
            }
            return .tuple(names, span: span(from: lower))
        }
        return .name(try parseNewName(after: word))
    }

    /// A name that is being given.
    mutating func parseNewName(after word: String) throws(SyntaxFailure) -> Identifier {
        if token.kind == .name, !isAtLineEnd { return identifier() }
        if token.isWord, !isAtLineEnd {
            throw unexpected(
                "'\(text(token))' is a word of the language and cannot be a name", expected: "a name",
                hint: "for example '\(text(token))_'")
        }
        throw unexpected("a name is missing after '\(word)'", expected: "a name")
    }

    private mutating func parseFor() throws(SyntaxFailure) -> Statement.Kind {
        advance()
        let pattern = try parseNamePattern(after: "for")
        try expect(
            .inWord, "'for' needs what it goes over",
            hint: token.kind == .comma
                ? "two names stand in parentheses: for (name, value) in …" : "write 'for x in xs { … }'")
        let sequence = try parseHeadExpression()
        let body = try parseBlock("the block of 'for' is missing")
        return .forLoop(ForLoop(pattern: pattern, sequence: sequence, body: body))
    }

    private mutating func parseExpressionOrAssignment() throws(SyntaxFailure) -> Statement.Kind {
        let target = try parseExpression()
        let operation = token
        let kind: BinaryOperator?
        switch operation.kind {
        case .assign: kind = nil
        case .addAssign: kind = .add
        case .subtractAssign: kind = .subtract
        case .multiplyAssign: kind = .multiply
        case .divideAssign: kind = .divide
        case .powerAssign: kind = .power
        case .matrixAssign: kind = .matrixMultiply
        default: return repeatLoop(from: target) ?? .expression(target)
        }
        if isAtLineEnd { return .expression(target) }
        switch target.kind {
        case .name, .field, .index: break
        default:
            throw fail(
                Diagnostic(
                    "this cannot be assigned to", at: target.span,
                    expected: "a name, a field or an index before '\(operation.kind.rawValue)'",
                    hint: assignmentHint(target, operation)))
        }
        advance()
        let value = try parseExpression()
        return .assignment(Assignment(target: target, operation: kind, value: value))
    }

    private func assignmentHint(_ target: Expression, _ operation: Token) -> String? {
        switch target.kind {
        case .call: "a function is declared with 'fn f(x) = …'"
        case .binary(.equal, _, _), .logical: "'==' compares, '=' assigns"
        default: operation.kind == .assign ? "'==' compares" : nil
        }
    }

    /// `repeat(6) { … }`, which reads like the call of a function, is the loop as well.
    private func repeatLoop(from expression: Expression) -> Statement.Kind? {
        guard case .call(let call) = expression.kind, case .name("repeat") = call.callee.kind,
            let count = call.arguments.first, call.arguments.count == 1, count.label == nil,
            let body = call.blocks.first, call.blocks.count == 1
        else { return nil }
        return .repeatLoop(count: count.value, body: body)
    }

    // MARK: Modules, parameters, weights

    private mutating func parseUse() throws(SyntaxFailure) -> Statement.Kind {
        advance()
        let start = token
        let source: Use.Source
        if start.kind == .string {
            let literal = try parseString()
            guard case .string(let parts) = literal.kind, let path = parts.plainText else {
                throw fail(
                    Diagnostic("the path of a module cannot be computed", at: literal.span, expected: "a plain string"))
            }
            source = .file(path)
        } else {
            var path = [identifier()]
            while token.kind == .dot, !isAtLineEnd {
                advance()
                path.append(try parseNewName(after: "."))
            }
            source = .module(path)
        }
        let sourceSpan = span(from: start.lower)
        var alias: Identifier?
        if token.contextual == .as, !isAtLineEnd {
            advance()
            alias = try parseNewName(after: "as")
        }
        return .use(Use(source: source, alias: alias, sourceSpan: sourceSpan))
    }

    private mutating func parseParam() throws(SyntaxFailure) -> Statement.Kind {
        let documentation = documentation(before: token)
        advance()
        let name = identifier()
        try expect(.assign, "'param' needs a default", hint: "write 'param \(name.name) = …'")
        let value = try parseExpression()
        return .parameter(ScriptParameter(name: name, value: value, documentation: documentation))
    }

    private mutating func parseWeight() throws(SyntaxFailure) -> Statement.Kind {
        advance()
        let name = identifier()
        try expect(.assign, "'weight' needs an initial value", hint: "write 'weight \(name.name) = zeros([features])'")
        let value = try parseExpression()
        var condition: Expression?
        if token.kind == .ifWord, !isAtLineEnd {
            advance()
            condition = try parseExpression()
        }
        return .weight(name: name, value: value, condition: condition)
    }

    private mutating func parseState() throws(SyntaxFailure) -> Statement.Kind {
        advance()
        var variables: [StateVariable] = []
        repeat {
            let name =
                token.kind == .name
                ? identifier() : try parseNewName(after: text(tokens[index - 1]))
            try expect(.assign, "'state' needs an initial value", hint: "write 'state \(name.name) = 0'")
            variables.append(StateVariable(name: name, value: try parseExpression()))
        } while accept(.comma)
        return .state(variables)
    }

    // MARK: The end of a statement

    mutating func expectStatementEnd(after statement: Statement) throws(SyntaxFailure) {
        if isAtLineEnd { return }
        switch token.kind {
        case .semicolon, .closeBrace: return
        case .closeParenthesis, .closeBracket, .invalid: throw .statement
        case .colon:
            throw unexpected(
                "a statement cannot go on with ':'", expected: "the end of the statement",
                hint: "'name: value' stands in arguments, records and settings; a value is named with 'let name = …'")
        case .arrow:
            throw unexpected(
                "the parameters of a function are names", expected: "'x -> …' or '(x, y) -> …'")
        case .openBrace:
            throw unexpected(
                "a block does not fit here", expected: "the end of the statement",
                hint: "a block follows a name, a call, or the head of 'if', 'for', 'fit', …")
        default:
            if let hint = openingWordHint(statement) {
                throw fail(
                    Diagnostic(
                        "'\(statement.span.text)' does not open a statement", at: statement.span,
                        found: "\(describe(token)) after it", hint: hint))
            }
            throw unexpected(
                "the statement is over before \(describe(token))", expected: "the end of the line or ';'",
                hint: foreignHint() ?? "two statements on a line are separated by ';'")
        }
    }

    /// A mistyped or foreign word at the start: `lte x = 3`, `def f(x)`.
    private func openingWordHint(_ statement: Statement) -> String? {
        guard case .expression(let value) = statement.kind, case .name(let word) = value.kind else { return nil }
        let foreign = [
            "def": "fn", "func": "fn", "function": "fn", "import": "use", "from": "use", "const": "let",
            "elif": "else if",
            "elseif": "else if", "model": "net", "class": "net", "assert": "expect", "foreach": "for",
        ]
        if let own = foreign[word] { return "write '\(own)' instead of '\(word)'" }
        return closestName(to: word, among: LanguageWords.reserved + LanguageWords.contextual).map {
            "did you mean '\($0)'?"
        }
    }

    /// What a sign of another language should have been.
    func foreignHint() -> String? {
        switch token.kind {
        case .assign: "'==' compares; a named value is written 'name: value'"
        case .thenWord: "'then' belongs to 'if c then a else b'"
        default: nil
        }
    }
}
