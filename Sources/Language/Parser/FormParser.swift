// The expressions that a word opens: `if`, `match`, `fit`, `resume`, `compare` and `sweep`.

extension Parser {
    // MARK: Conditions

    mutating func parseConditional() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        try enter()
        defer { leave() }
        var branches: [Conditional.Branch] = []
        var otherwise: Block?
        var isInline = false
        repeat {
            advance()
            let condition = try parseHeadExpression()
            if token.kind == .assign {
                throw fail(
                    Diagnostic("a condition does not assign", at: span(token), found: "'='", hint: "'==' compares"))
            }
            if branches.isEmpty { isInline = token.kind == .thenWord }
            if isInline {
                try expect(.thenWord, "'then' is missing after the condition", acrossLines: true)
                branches.append(Conditional.Branch(condition: condition, body: try parseInlineBody()))
                guard token.kind == .elseWord else {
                    throw unexpected(
                        "'if … then …' needs an 'else'", expected: "'else'",
                        hint: "without an else, write 'if c { … }'",
                        acrossLines: true)
                }
            } else {
                let body = try parseBlock(
                    "the block of 'if' is missing", hint: "write 'if c { … }' or 'if c then a else b'")
                branches.append(Conditional.Branch(condition: condition, body: body))
            }
            guard accept(.elseWord) else { break }
            if token.kind == .ifWord { continue }
            otherwise = isInline ? try parseInlineBody() : try parseBlock("the block of 'else' is missing")
        } while otherwise == nil
        return make(
            .conditional(Conditional(branches: branches, otherwise: otherwise, isInline: isInline)), from: lower)
    }

    /// One expression as a block.
    mutating func parseInlineBody() throws(SyntaxFailure) -> Block {
        let value = try parseExpression()
        return Block(statements: [Statement(.expression(value), span: value.span)], span: value.span)
    }

    mutating func parseMatch() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        try enter()
        defer { leave() }
        advance()
        let subject = try parseHeadExpression()
        var cases: [Match.Case] = []
        try parseEntries(of: "the cases of 'match'") { (parser) throws(SyntaxFailure) in
            cases.append(try parser.parseCase())
        }
        return make(.match(Match(subject: subject, cases: cases)), from: lower)
    }

    private mutating func parseCase() throws(SyntaxFailure) -> Match.Case {
        let lower = token.lower
        var patterns = [try parsePattern()]
        while accept(.comma) { patterns.append(try parsePattern()) }
        var guardCondition: Expression?
        if accept(.ifWord) {
            let outer = context
            context.allowsLambdas = false
            guardCondition = try parseExpression()
            context = outer
        }
        try expect(.arrow, "a case of 'match' is written 'pattern -> value'")
        let body: Block
        if token.kind == .openBrace, !isRecord {
            body = try parseBlock("a block is missing")
        } else {
            let statement = try parseStatement()
            body = Block(statements: [statement], span: statement.span)
        }
        return Match.Case(patterns: patterns, guardCondition: guardCondition, body: body, span: span(from: lower))
    }

    private mutating func parsePattern() throws(SyntaxFailure) -> Match.Pattern {
        let start = token
        if start.kind == .elseWord || (start.kind == .name && text(start) == "_") {
            advance()
            return .anything(span(start))
        }
        if start.kind == .name { return .binding(identifier()) }
        let value = try parsePatternLiteral()
        guard token.kind == .closedRange || token.kind == .halfOpenRange else { return .value(value) }
        let isClosed = token.kind == .closedRange
        advance()
        let upper = try parsePatternLiteral()
        return .value(make(.range(value, upper, isClosed: isClosed), from: start.lower))
    }

    private mutating func parsePatternLiteral() throws(SyntaxFailure) -> Expression {
        let start = token
        switch start.kind {
        case .minus where next.kind == .number:
            advance()
            let number = try parseNumber()
            return make(.unary(.minus, number), from: start.lower)
        case .number, .string, .trueWord, .falseWord, .noneWord: return try parsePrimary()
        default:
            throw unexpected(
                "a pattern is a number, a string, a range of numbers, a name or 'else'", expected: "a pattern",
                hint: "a condition stands after the pattern: 'n if n > 3 -> …'")
        }
    }

    // MARK: Training

    mutating func parseFit() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        try enter()
        defer { leave() }
        advance()
        let net = try parseOperandOfFit()
        guard token.contextual == .on, !isAtLineEnd else {
            throw unexpected(
                "'fit' needs the data to train on", expected: "'on'", hint: "write 'fit NET on DATA { … }'")
        }
        advance()
        let data = try parseOperandOfFit()
        let settings = try parseSettings(of: "the settings of 'fit'", allowsVariation: false)
        return make(.fit(Fit(net: net, data: data, settings: settings)), from: lower)
    }

    mutating func parseResume() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        try enter()
        defer { leave() }
        advance()
        let run = try parseHeadExpression()
        let settings = try parseSettings(of: "the settings of 'resume'", allowsVariation: false)
        return make(.resume(run, settings), from: lower)
    }

    mutating func parseTrials(_ kind: Trials.Kind) throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        try enter()
        defer { leave() }
        advance()
        let settings = try parseSettings(of: "the settings of '\(kind.rawValue)'", allowsVariation: true)
        guard accept(.do) else {
            throw unexpected(
                "'\(kind.rawValue) { … }' needs what is to be done", expected: "'do { … }'",
                hint: "write '\(kind.rawValue) { … } do { fit … }'", acrossLines: true)
        }
        let body = try parseBlock("the block of 'do' is missing")
        return make(.trials(Trials(kind: kind, settings: settings, body: body)), from: lower)
    }

    private mutating func parseSettings(of what: String, allowsVariation: Bool) throws(SyntaxFailure) -> Settings {
        let lower = token.lower
        guard token.kind == .openBrace, !token.startsLine else {
            return Settings(entries: [], span: SourceSpan(file: file, lower: previousEnd, upper: previousEnd))
        }
        var entries: [Setting] = []
        var seen: [String: SourceSpan] = [:]
        try parseEntries(of: what) { (parser) throws(SyntaxFailure) in
            let setting = try parser.parseSetting(allowsVariation: allowsVariation)
            try parser.checkUnused(setting.name, in: &seen, "setting")
            entries.append(setting)
        }
        return Settings(entries: entries, span: span(from: lower))
    }

    private mutating func parseSetting(allowsVariation: Bool) throws(SyntaxFailure) -> Setting {
        guard token.isWord, token.kind == .name || next.kind == .colon else {
            throw unexpected("a setting is written 'name: value'", expected: "a setting's name")
        }
        let name = identifier()
        if isAtLineEnd || [.comma, .semicolon, .closeBrace].contains(token.kind) {
            return Setting(name: name, form: .shorthand, value: Expression(.name(name.name), span: name.span))
        }
        if token.kind == .inWord {
            guard allowsVariation else {
                throw fail(
                    Diagnostic(
                        "'in' varies a setting only in 'compare' and 'sweep'", at: span(token), expected: "':'",
                        found: "'in'"))
            }
            advance()
            return Setting(name: name, form: .variation, value: try parseExpression())
        }
        try expect(
            .colon, "a setting is written 'name: value'",
            hint: token.kind == .assign ? "write '\(name.name): …'" : nil)
        return Setting(name: name, form: .value, value: try parseExpression())
    }
}
