extension Parser {
    /// What an operator can be applied to: a literal, a name, something in brackets, or a form with a word of its own.
    mutating func parsePrimary() throws(SyntaxFailure) -> Expression {
        let start = token
        switch start.kind {
        case .number: return try parseNumber()
        case .string: return try parseString()
        case .trueWord, .falseWord:
            advance()
            return make(.bool(start.kind == .trueWord), from: start.lower)
        case .noneWord:
            advance()
            return make(.none, from: start.lower)
        case .name: return try parseNameOrForm()
        case .openParenthesis: return try parseParentheses()
        case .openBracket:
            let elements = try parseSequence(closer: .closeBracket, of: "a list") { (parser) throws(SyntaxFailure) in
                try parser.parseExpression()
            }
            return make(.list(elements), from: start.lower)
        case .openBrace:
            if isRecord { return try parseRecord() }
            let block = try parseBlock("a block is missing")
            return make(.block(block), from: start.lower)
        case .ifWord: return try parseConditional()
        default: throw missingOperand()
        }
    }

    /// Whether the next token on this line begins an operand, so that the word before it opens a form.
    ///
    /// `match (x)`, with a space, opens one; `match(x)` calls a function of that name. The same holds for a sign.
    func nextStartsOperand(brackets: Bool = true) -> Bool {
        let next = next
        guard !next.startsLine else { return false }
        switch next.kind {
        case .openParenthesis, .openBracket: return brackets && next.hasSpaceBefore
        case .minus:
            return next.hasSpaceBefore && !tokens[min(index + 2, tokens.count - 1)].hasSpaceBefore
        case .name: return next.contextual != .on && next.contextual != .do
        default: return next.startsOperand
        }
    }

    private mutating func parseNameOrForm() throws(SyntaxFailure) -> Expression {
        let start = token
        switch start.contextual {
        case .fit where nextStartsOperand(): return try parseFit()
        case .resume where nextStartsOperand(): return try parseResume()
        case .compare where next.kind == .openBrace && !next.startsLine && context.allowsBlocks:
            return try parseTrials(.compare)
        case .sweep where next.kind == .openBrace && !next.startsLine && context.allowsBlocks:
            return try parseTrials(.sweep)
        case .match where nextStartsOperand(): return try parseMatch()
        default: break
        }
        if next.kind == .arrow, context.allowsLambdas {
            let parameter = identifier()
            advance()
            return try parseLambdaBody([parameter], from: start.lower)
        }
        advance()
        return make(.name(text(start)), from: start.lower)
    }

    // MARK: Brackets

    private mutating func parseParentheses() throws(SyntaxFailure) -> Expression {
        let start = token
        if let parameters = lambdaParameters() {
            return try parseLambdaBody(parameters, from: start.lower)
        }
        let elements = try parseSequence(closer: .closeParenthesis, of: "the parentheses") {
            (parser) throws(SyntaxFailure) in try parser.parseExpression()
        }
        guard let value = elements.first, elements.count == 1 else {
            throw fail(
                elements.isEmpty
                    ? Diagnostic(
                        "nothing stands between the parentheses", at: span(from: start.lower),
                        hint: "the empty value is 'none'")
                    : Diagnostic(
                        "several values in parentheses", at: span(from: start.lower), hint: "a list is written [a, b]"))
        }
        // The parentheses belong to the node, so that a caret under it covers them.
        return Expression(value.kind, span: span(from: start.lower))
    }

    /// `(a, b) ->` as a lambda's parameters, both tokens consumed, or `nil` and nothing consumed.
    private mutating func lambdaParameters() -> [Identifier]? {
        guard context.allowsLambdas else { return nil }
        var position = index + 1
        var names: [Identifier] = []
        while tokens[position].kind == .name {
            names.append(Identifier(text(tokens[position]), span: span(tokens[position])))
            position += 1
            guard tokens[position].kind == .comma else { break }
            position += 1
        }
        guard tokens[position].kind == .closeParenthesis, tokens[position + 1].kind == .arrow else { return nil }
        index = position + 2
        return names
    }

    private mutating func parseLambdaBody(_ parameters: [Identifier], from lower: Int) throws(SyntaxFailure)
        -> Expression
    {
        var seen: [String: SourceSpan] = [:]
        for parameter in parameters where parameter.name != "_" {
            try checkUnused(parameter, in: &seen, "parameter")
        }
        let body = try parseExpression()
        return make(.lambda(Lambda(parameters: parameters, body: body)), from: lower)
    }

    /// Throws if `name` is in `seen`, and puts it there.
    mutating func checkUnused(
        _ name: Identifier, in seen: inout [String: SourceSpan], _ what: String
    ) throws(SyntaxFailure) {
        if let first = seen.updateValue(name.span, forKey: name.name) {
            throw fail(
                Diagnostic(
                    "the \(what) '\(name.name)' is there twice", at: name.span,
                    notes: [Diagnostic.Note("the first one is here", at: first)]))
        }
    }

    /// `{` opens a record if it is empty or if `name:` follows, else a block.
    var isRecord: Bool {
        if next.kind == .closeBrace { return true }
        let second = tokens[min(index + 2, tokens.count - 1)]
        if next.isWord || next.kind == .string {
            return second.kind == .colon || (next.kind == .name && second.kind == .comma)
        }
        return false
    }

    private mutating func parseRecord() throws(SyntaxFailure) -> Expression {
        let start = token
        var fields: [RecordField] = []
        var seen: [String: SourceSpan] = [:]
        try parseEntries(of: "a record") { (parser) throws(SyntaxFailure) in
            let field = try parser.parseRecordField()
            try parser.checkUnused(field.name, in: &seen, "field")
            fields.append(field)
        }
        return make(.record(fields), from: start.lower)
    }

    private mutating func parseRecordField() throws(SyntaxFailure) -> RecordField {
        let start = token
        let name: Identifier
        if start.kind == .string {
            let key = try parseString()
            guard case .string(let parts) = key.kind, let text = parts.plainText else {
                throw fail(
                    Diagnostic("the name of a field cannot be computed", at: key.span, expected: "a plain string"))
            }
            name = Identifier(text, span: key.span)
        } else if start.isWord {
            name = identifier()
            if start.kind == .name, token.kind == .comma || token.kind == .closeBrace || token.startsLine {
                let value = Expression(.name(name.name), span: name.span)
                return RecordField(name: name, value: value, isShorthand: true)
            }
        } else {
            throw unexpected("a field's name is missing", expected: "'name: value'")
        }
        try expect(.colon, "the fields of a record are written 'name: value'")
        return RecordField(name: name, value: try parseExpression())
    }

    /// `{ entry, entry … }` from its brace on, separated by commas, semicolons or line ends.
    mutating func parseEntries(
        of what: String, _ entry: (inout Parser) throws(SyntaxFailure) -> Void
    ) throws(SyntaxFailure) {
        let outer = context
        defer { context = outer }
        context = .inBraces
        try expect(.openBrace, "\(what) stands in braces", acrossLines: true)
        try enter()
        defer { leave() }
        while true {
            while token.kind == .comma || token.kind == .semicolon { advance() }
            if accept(.closeBrace) { return }
            let nestingBefore = nesting
            let start = index
            do throws(SyntaxFailure) {
                try entry(&self)
                guard isAtLineEnd || [.comma, .semicolon, .closeBrace].contains(token.kind) else {
                    let isOperand = token.startsOperand
                    throw unexpected(
                        isOperand ? "a comma is missing in \(what)" : "\(what) cannot go on like this",
                        expected: "',', a new line or '}'", hint: foreignHint())
                }
            } catch .giveUp {
                throw .giveUp
            } catch {
                nesting = nestingBefore
                context = .inBraces
                try skipEntry(from: start)
            }
        }
    }

    /// After an error in an entry: on to the next comma or line.
    private mutating func skipEntry(from start: Int) throws(SyntaxFailure) {
        var position = start
        while true {
            let token = tokens[position]
            let isPast = position > start && position >= index
            switch token.kind {
            case .end, .closeParenthesis, .closeBracket: throw .statement
            case .closeBrace where position >= index, .comma where isPast, .semicolon where isPast:
                index = position
                return
            default: break
            }
            if isPast, token.startsLine, token.kind != .pipe {
                index = position
                return
            }
            position = closing[position] >= 0 ? closing[position] + 1 : position + 1
        }
    }

    // MARK: Missing operands

    private mutating func missingOperand() -> SyntaxFailure {
        let current = token
        if current.kind == .end || isAtLineEnd, index > 0 {
            return unexpected(
                "something is missing after '\(text(tokens[index - 1]))'", expected: "a value", acrossLines: true)
        }
        switch current.kind {
        case .plus:
            return unexpected("a value does not start with '+'", expected: "a value", hint: "leave the sign out")
        case .letWord, .varWord, .forWord, .whileWord, .returnWord, .breakWord, .continueWord:
            return unexpected(
                "'\(current.kind.rawValue)' opens a statement and has no value", expected: "a value",
                hint: "put the statements in a block: { …; value }")
        case .fnWord:
            return unexpected(
                "a function without a name is written with '->'", expected: "a value", hint: "x -> x^2, (x, y) -> x + y"
            )
        case .dot where next.kind == .number:
            return unexpected(
                "a number starts with a digit", expected: "a value", hint: "write 0.\(text(next))")
        case .elseWord:
            return unexpected("this 'else' has no 'if'", expected: "a value")
        default:
            return unexpected("a value is missing before \(describe(current))", expected: "a value")
        }
    }
}

extension [StringPart] {
    /// The characters, if nothing is interpolated.
    var plainText: String? {
        var text = ""
        for part in self {
            guard case .text(let piece) = part else { return nil }
            text += piece
        }
        return text
    }
}
