/// How strongly the operators bind, from the loosest.
private enum Level: Int, Comparable {
    case pipe, or, and, comparison, range, sum, product, operand

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    var tighter: Level { Level(rawValue: rawValue + 1) ?? .operand }
}

extension Token.Kind {
    fileprivate var level: Level? {
        switch self {
        case .pipe: .pipe
        case .orWord: .or
        case .andWord: .and
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .halfOpenRange, .closedRange: .range
        case .plus, .minus: .sum
        case .star, .slash, .at: .product
        default: nil
        }
    }

    fileprivate var binaryOperator: BinaryOperator? {
        switch self {
        case .plus: .add
        case .minus: .subtract
        case .star: .multiply
        case .slash: .divide
        case .at: .matrixMultiply
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }
}

extension Parser {
    /// A whole expression, `value on selector` included.
    mutating func parseExpression() throws(SyntaxFailure) -> Expression {
        try enter()
        defer { leave() }
        let lower = token.lower
        let value = try parseBinary(.pipe)
        guard token.contextual == .on, !isAtLineEnd else { return value }
        advance()
        let selector = try parseBinary(.or)
        return make(.restricted(value, to: selector), from: lower)
    }

    /// An expression in which a `{` after a name belongs to what surrounds it.
    mutating func parseHeadExpression() throws(SyntaxFailure) -> Expression {
        let outer = context
        defer { context = outer }
        context.allowsBlocks = false
        return try parseExpression()
    }

    /// As `parseHeadExpression`, ending before `on`.
    mutating func parseOperandOfFit() throws(SyntaxFailure) -> Expression {
        let outer = context
        defer { context = outer }
        context.allowsBlocks = false
        try enter()
        defer { leave() }
        return try parseBinary(.pipe)
    }

    private mutating func parseBinary(_ minimum: Level) throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        var left = try parsePrefix()
        var isComparison = false
        while true {
            let operation = token
            if operation.kind == .percent, !isAtLineEnd {
                throw fail(
                    Diagnostic(
                        "'%' is the unit percent, not an operator", at: span(operation),
                        hint: "the remainder is mod(a, b)"))
            }
            if operation.kind == .inWord, !isAtLineEnd {
                throw fail(
                    Diagnostic(
                        "'in' is not an operator", at: span(operation),
                        label: "stands in 'for', in an argument, in 'compare' and 'sweep'",
                        hint: "whether a list holds a value tells contains(list, value)"))
            }
            guard let level = operation.kind.level, level >= minimum else { return left }
            // A line may end before an operator's left neighbour is complete only where `|>` continues it.
            if isAtLineEnd, operation.kind != .pipe { return left }
            if level == .comparison {
                if isComparison {
                    throw fail(
                        Diagnostic(
                            "comparisons cannot be chained", at: span(operation), hint: "write 'a < b and b < c'"))
                }
                isComparison = true
            }
            // `x[2...]`: the subscript takes it.
            if context.allowsOpenRange, level == .range, next.kind == .closeBracket || next.kind == .comma {
                return left
            }
            advance()
            let right = try parseBinary(level.tighter)
            left = try makeChained(combine(left, operation, right), from: lower)
            if level == .range, token.kind.level == .range, !isAtLineEnd {
                throw fail(Diagnostic("a range has two ends", at: span(token), found: "a third one"))
            }
        }
    }

    private func combine(_ left: Expression, _ operation: Token, _ right: Expression) -> Expression.Kind {
        switch operation.kind {
        case .pipe: .pipe(left, into: right)
        case .orWord: .logical(.or, left, right)
        case .andWord: .logical(.and, left, right)
        case .halfOpenRange: .range(left, right, isClosed: false)
        case .closedRange: .range(left, right, isClosed: true)
        default: .binary(operation.kind.binaryOperator ?? .add, left, right)
        }
    }

    /// `not`, whose operand reaches over comparisons, or an operand of an operator.
    private mutating func parsePrefix() throws(SyntaxFailure) -> Expression {
        guard token.kind == .notWord else { return try parseUnary() }
        let lower = token.lower
        try enter()
        defer { leave() }
        advance()
        let operand = try parseBinary(.comparison)
        return make(.unary(.not, operand), from: lower)
    }

    private mutating func parseUnary() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        switch token.kind {
        case .minus:
            try enter()
            defer { leave() }
            advance()
            let operand = try parseUnary()
            return make(.unary(.minus, operand), from: lower)
        case .notWord: return try parsePrefix()
        default: return try parsePower()
        }
    }

    /// `a^b`, right-associative; the exponent may have a sign.
    private mutating func parsePower() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        let base = try parsePostfix()
        guard token.kind == .caret, !isAtLineEnd else { return base }
        try enter()
        defer { leave() }
        advance()
        let exponent = try parseUnary()
        return make(.binary(.power, base, exponent), from: lower)
    }

    // MARK: Calls, fields, indices

    private mutating func parsePostfix() throws(SyntaxFailure) -> Expression {
        let lower = token.lower
        var value = try parsePrimary()
        switch value.kind {
        case .lambda, .conditional, .match: return value
        default: break
        }
        while !isAtLineEnd {
            switch token.kind {
            case .openParenthesis:
                let arguments = try parseArguments()
                let blocks = try parseTrailingBlocks()
                value = try makeChained(
                    .call(Call(callee: value, arguments: arguments, blocks: blocks, hasParentheses: true)), from: lower)
            case .openBracket:
                let subscripts = try parseSubscripts()
                value = try makeChained(.index(value, subscripts), from: lower)
            case .dot:
                advance()
                guard token.isWord, !isAtLineEnd else {
                    throw unexpected("a field's name is missing after '.'", expected: "a name")
                }
                let field = identifier()
                value = try makeChained(.field(value, field), from: lower)
            case .openBrace:
                guard value.takesTrailingBlock else { return value }
                let blocks = try parseTrailingBlocks()
                guard !blocks.isEmpty else { return value }
                value = try makeChained(
                    .call(Call(callee: value, arguments: [], blocks: blocks, hasParentheses: false)), from: lower)
            default: return value
            }
        }
        return value
    }

    private mutating func parseTrailingBlocks() throws(SyntaxFailure) -> [Block] {
        var blocks: [Block] = []
        while context.allowsBlocks, token.kind == .openBrace, !token.startsLine {
            if next.isWord, tokens[min(index + 2, tokens.count - 1)].kind == .colon {
                throw fail(
                    Diagnostic(
                        "the braces after a call hold statements, not 'name: value'", at: span(next),
                        hint: "pass a record in the parentheses: f({\(text(next)): …})"))
            }
            blocks.append(try parseBlock("a block is missing"))
        }
        return blocks
    }

    private mutating func parseArguments() throws(SyntaxFailure) -> [Argument] {
        try parseSequence(closer: .closeParenthesis, of: "the arguments") { (parser) throws(SyntaxFailure) in
            try parser.parseArgument()
        }
    }

    private mutating func parseArgument() throws(SyntaxFailure) -> Argument {
        if token.isWord {
            if next.kind == .colon {
                let label = identifier()
                advance()
                return Argument(label: label, value: try parseExpression())
            }
            if token.kind == .name, next.kind == .inWord {
                let lower = token.lower
                let variable = identifier()
                advance()
                let values = try parseExpression()
                return Argument(label: nil, value: make(.variable(variable, in: values), from: lower))
            }
            if token.kind == .name, next.kind == .assign {
                throw fail(
                    Diagnostic(
                        "a named argument is written with ':'", at: span(next), expected: "':'", found: "'='",
                        hint: "write '\(text(token)): …'"))
            }
        }
        return Argument(label: nil, value: try parseExpression())
    }

    private mutating func parseSubscripts() throws(SyntaxFailure) -> [Subscript] {
        let opener = token
        let subscripts = try parseSequence(closer: .closeBracket, of: "an index") { (parser) throws(SyntaxFailure) in
            try parser.parseSubscript()
        }
        guard !subscripts.isEmpty else {
            throw fail(
                Diagnostic(
                    "an index is missing between the brackets", at: span(from: opener.lower),
                    expected: "x[0], x[:, 1..<3]"))
        }
        return subscripts
    }

    private mutating func parseSubscript() throws(SyntaxFailure) -> Subscript {
        if token.kind == .colon {
            let colon = token
            advance()
            guard token.kind == .comma || token.kind == .closeBracket else {
                throw sliceFailure(at: colon)
            }
            return .all(span(colon))
        }
        let lower = token.lower
        if let isClosed = acceptRange() {
            let end = try parseBinary(.sum)
            return .range(nil, end, isClosed: isClosed, span(from: lower))
        }
        context.allowsOpenRange = true
        let position = try parseExpression()
        if token.kind == .colon { throw sliceFailure(at: token) }
        if let isClosed = acceptRange() { return .range(position, nil, isClosed: isClosed, span(from: lower)) }
        return .at(position)
    }

    /// `...` (true) or `..<` (false) in the place of the current token.
    private mutating func acceptRange() -> Bool? {
        if accept(.closedRange) { return true }
        return accept(.halfOpenRange) ? false : nil
    }

    private mutating func sliceFailure(at colon: Token) -> SyntaxFailure {
        fail(
            Diagnostic(
                "a slice is written as a range", at: span(colon), expected: "',' or ']'", found: "':'",
                hint: "1..<3 takes the positions 1 and 2, ':' alone the whole axis"))
    }

    /// `( a, b, … )` or `[ a, b, … ]` from its opening bracket on; a comma may follow the last element.
    mutating func parseSequence<Element>(
        closer: Token.Kind, of what: String, _ element: (inout Parser) throws(SyntaxFailure) -> Element
    ) throws(SyntaxFailure) -> [Element] {
        let outer = context
        defer { context = outer }
        advance()
        context = .inBrackets
        var elements: [Element] = []
        while token.kind != closer {
            elements.append(try element(&self))
            if accept(.comma) { continue }
            guard token.kind == closer else {
                let isOperand = token.startsOperand
                throw unexpected(
                    isOperand ? "a comma is missing in \(what)" : "\(what) cannot go on like this",
                    expected: "',' or '\(closer.rawValue)'", hint: foreignHint())
            }
        }
        advance()
        return elements
    }
}

extension Expression {
    /// Only what can be called: `residual(…) { … }`, `concat { … }`.
    fileprivate var takesTrailingBlock: Bool {
        switch kind {
        case .name, .field, .call: true
        default: false
        }
    }
}

extension Token {
    /// An expression can start with this token, a sign or an opening bracket aside.
    var startsOperand: Bool {
        switch kind {
        case .name, .number, .string, .trueWord, .falseWord, .noneWord: true
        default: false
        }
    }
}
