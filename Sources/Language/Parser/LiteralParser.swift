extension Parser {
    // MARK: Numbers

    /// A number with the unit after it, if there is one.
    mutating func parseNumber() throws(SyntaxFailure) -> Expression {
        let start = token
        let literal = try numberLiteral(start)
        advance()
        if token.kind == .percent, !isAtLineEnd {
            advance()
            if token.startsOperand || token.kind == .openParenthesis, !isAtLineEnd {
                throw fail(
                    Diagnostic(
                        "'%' is the unit percent, not an operator", at: span(tokens[index - 1]),
                        hint: "the remainder is mod(a, b)"))
            }
            return make(.quantity(literal, .percent), from: start.lower)
        }
        guard token.kind == .name, !isAtLineEnd else { return make(.number(literal), from: start.lower) }
        if let unit = Unit(word: text(token)) {
            advance()
            return make(.quantity(literal, unit), from: start.lower)
        }
        if [.on, .as, .do].contains(token.contextual) { return make(.number(literal), from: start.lower) }
        throw unknownUnit()
    }

    private mutating func unknownUnit() -> SyntaxFailure {
        let word = text(token)
        let units = ["epochs", "steps", "min", "ms", "s", "h", "deg", "px"]
        let hint: String =
            if let unit = closestName(to: word, among: units), word.count > 1 {
                "did you mean '\(unit)'?"
            } else {
                "a product is written with '*': \(text(tokens[index - 1])) * \(word)"
            }
        return fail(
            Diagnostic(
                "'\(word)' is not a unit", at: span(token), expected: "epochs, steps, h, min, s, ms, deg, px or %",
                found: "'\(word)'", hint: hint))
    }

    private mutating func numberLiteral(_ token: Token) throws(SyntaxFailure) -> NumberLiteral {
        var isInteger = true
        var small = 0
        for byte in file.bytes[token.lower..<token.upper] where byte != UInt8(ascii: "_") {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                isInteger = false
                break
            }
            if token.upper - token.lower <= 15 { small = small * 10 + Int(byte - UInt8(ascii: "0")) }
        }
        if isInteger, token.upper - token.lower <= 15 { return NumberLiteral(value: Double(small), isInteger: true) }
        let digits = file.bytes[token.lower..<token.upper].filter { $0 != UInt8(ascii: "_") }
        guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
            throw fail(Diagnostic("this number is too large", at: span(token), expected: "at most 1.8e308"))
        }
        return NumberLiteral(value: value, isInteger: isInteger)
    }

    // MARK: Strings

    /// A string literal; what stands in `\(…)` is read as an expression of its own.
    mutating func parseString() throws(SyntaxFailure) -> Expression {
        let start = token
        let bytes = file.bytes
        var parts: [StringPart] = []
        var text: [UInt8] = []
        var offset = start.lower + 1
        let end = start.upper - 1
        while offset < end {
            guard bytes[offset] == UInt8(ascii: "\\") else {
                text.append(bytes[offset])
                offset += 1
                continue
            }
            if bytes[offset + 1] == UInt8(ascii: "(") {
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
                text = []
                guard
                    let close = Lexer.interpolationEnd(bytes, from: offset + 1, end: start.upper, depth: 0)
                else { throw .statement }
                parts.append(.interpolation(try parseInterpolation((offset + 2)..<(close - 1))))
                offset = close
            } else {
                offset = try appendEscape(at: offset, end: end, to: &text)
            }
        }
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
        advance()
        return make(.string(parts), from: start.lower)
    }

    /// Appends what the escape at `offset` stands for and gives the offset after it.
    private mutating func appendEscape(at offset: Int, end: Int, to text: inout [UInt8]) throws(SyntaxFailure) -> Int {
        let bytes = file.bytes
        switch bytes[offset + 1] {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "0"): text.append(0)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): text.append(bytes[offset + 1])
        case UInt8(ascii: "u") where bytes[offset + 2] == UInt8(ascii: "{"):
            var close = offset + 3
            while close < end, bytes[close] != UInt8(ascii: "}"), close < offset + 12 { close += 1 }
            let digits = file.text((offset + 3)..<close)
            guard bytes[close] == UInt8(ascii: "}"), let code = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(code)
            else {
                throw fail(
                    Diagnostic(
                        "this is not the code of a character", at: SourceSpan(file: file, lower: offset, upper: close),
                        expected: "hexadecimal digits, as in \\u{3B8}"))
            }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
            return close + 1
        default:
            var upper = offset + 2
            while upper < end, bytes[upper] & 0xC0 == 0x80 { upper += 1 }
            throw fail(
                Diagnostic(
                    "'\(file.text(offset..<upper))' is not an escape",
                    at: SourceSpan(file: file, lower: offset, upper: upper),
                    expected: "\\n, \\t, \\r, \\0, \\\\, \\\", \\u{…} or \\(expression)",
                    hint: "a backslash itself is written \\\\"))
        }
        return offset + 2
    }

    private mutating func parseInterpolation(_ range: Range<Int>) throws(SyntaxFailure) -> Expression {
        var inner = Parser(file: file, range: range)
        inner.nesting = nesting
        inner.context = .inBrackets
        defer { problems.append(contentsOf: inner.problems) }
        guard inner.token.kind != .end || !inner.problems.isEmpty else {
            throw fail(
                Diagnostic(
                    "an interpolation is empty",
                    at: SourceSpan(file: file, lower: range.lowerBound - 2, upper: range.upperBound + 1),
                    expected: "\\(expression)"))
        }
        let value = try inner.parseExpression()
        guard inner.token.kind == .end else {
            throw inner.unexpected("an interpolation holds one expression", expected: "')'")
        }
        return value
    }
}
