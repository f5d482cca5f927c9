/// Cuts a stretch of a source into tokens.
///
/// Never fails: what cannot be a token is reported and becomes an `.invalid` one, or the sign that was most likely meant.
struct Lexer {
    /// The deepest nesting of strings in the interpolations of strings.
    static let stringNesting = 16

    private(set) var tokens: [Token] = []
    private(set) var problems: [SyntaxProblem] = []
    /// The comments with their `#`, for the formatter.
    private(set) var comments: [Range<Int>] = []

    private let file: SourceFile
    private let bytes: [UInt8]
    private let end: Int
    private var position: Int
    private var startsLine = true
    private var hasSpace = true

    /// Reads the bytes `range` of `file`; the last token is an `.end`.
    init(file: SourceFile, range: Range<Int>) {
        self.file = file
        bytes = file.bytes
        end = range.upperBound
        position = range.lowerBound
        tokens.reserveCapacity(range.count / 4 + 1)
        if range.lowerBound == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while position < end { scan() }
        append(.end, from: end)
    }

    private func byte(_ offset: Int) -> UInt8 { offset < end ? bytes[offset] : 0 }

    private mutating func append(_ kind: Token.Kind, from lower: Int, contextual: Token.Contextual? = nil) {
        tokens.append(
            Token(
                kind: kind, contextual: contextual, startsLine: startsLine, hasSpaceBefore: hasSpace, lower: lower,
                upper: position))
        startsLine = false
        hasSpace = false
    }

    private mutating func report(
        _ message: String, _ range: Range<Int>, expected: String? = nil, found: String? = nil, hint: String? = nil
    ) {
        let span = SourceSpan(file: file, lower: range.lowerBound, upper: range.upperBound)
        problems.append(
            SyntaxProblem(diagnostic: Diagnostic(message, at: span, expected: expected, found: found, hint: hint)))
    }

    private mutating func scan() {
        let start = position
        let first = bytes[start]
        switch first {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            position += 1
            hasSpace = true
        case UInt8(ascii: "\n"):
            position += 1
            startsLine = true
            hasSpace = true
        case UInt8(ascii: "#"):
            skipLine()
            comments.append(start..<position)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): scanNumber()
        case UInt8(ascii: "\""): scanStringToken()
        case UInt8(ascii: "'"): scanForeignString()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            scanWord()
        case 0x80...: scanNonASCII()
        default: scanSign(first)
        }
    }

    private mutating func skipLine() {
        while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        if position > 0, position < end, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    }

    // MARK: Words

    private mutating func scanWord() {
        let start = position
        while position < end {
            let byte = bytes[position]
            if Self.continuesWord(byte) {
                position += 1
            } else if byte >= 0x80, let scalar = scalar(at: position), Self.isLetter(scalar) {
                position += UTF8.width(scalar)
            } else {
                break
            }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let kind = LanguageWords.kinds[text] {
            append(kind, from: start)
        } else {
            append(.name, from: start, contextual: LanguageWords.contextualWords[text])
        }
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
    }

    private func scalar(at offset: Int) -> Unicode.Scalar? {
        var decoder = UTF8()
        var iterator = bytes[offset..<min(offset + 4, end)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    /// Letters begin a name; signs as they stand in formulas and in pasted text are replaced by what they mean.
    private mutating func scanNonASCII() {
        let start = position
        guard let scalar = scalar(at: start) else {
            position += 1
            return
        }
        if Self.isLetter(scalar) {
            scanWord()
            return
        }
        position += UTF8.width(scalar)
        if scalar.properties.isWhitespace {
            hasSpace = true
            return
        }
        let replacement: Token.Kind? =
            switch scalar {
            case "−", "–": .minus
            case "×", "·", "⋅": .star
            case "÷": .slash
            case "≤": .lessOrEqual
            case "≥": .greaterOrEqual
            case "≠": .notEqual
            case "→": .arrow
            case "…": .closedRange
            case "¬": .notWord
            case "∧": .andWord
            case "∨": .orWord
            default: nil
            }
        if let replacement {
            report("the sign '\(scalar)' is not used", start..<position, hint: "write '\(replacement.rawValue)'")
            append(replacement, from: start)
        } else if scalar == "\u{201C}" || scalar == "\u{201D}" {
            report("a typographic quotation mark", start..<position, hint: "strings stand in straight quotes: \"…\"")
            append(.invalid, from: start)
        } else {
            report("the character '\(scalar)' has no meaning here", start..<position)
            append(.invalid, from: start)
        }
    }

    // MARK: Numbers

    private mutating func scanDigits() {
        while position < end {
            let byte = bytes[position]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_") else { return }
            position += 1
        }
    }

    private func isDigit(_ offset: Int) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(offset)) }

    private mutating func scanNumber() {
        let start = position
        scanDigits()
        if byte(position) == UInt8(ascii: "."), isDigit(position + 1) {
            position += 1
            scanDigits()
        }
        if byte(position) | 0x20 == UInt8(ascii: "e") {
            let sign = byte(position + 1) == UInt8(ascii: "-") || byte(position + 1) == UInt8(ascii: "+")
            if isDigit(position + (sign ? 2 : 1)) {
                position += sign ? 2 : 1
                scanDigits()
            }
        }
        if byte(position) == UInt8(ascii: "."), isDigit(position + 1) {
            while isDigit(position) || (byte(position) == UInt8(ascii: ".") && isDigit(position + 1)) { position += 1 }
            report("a number with two decimal points", start..<position)
            append(.invalid, from: start)
            return
        }
        append(.number, from: start)
    }

    // MARK: Strings

    private mutating func scanStringToken() {
        let start = position
        if let close = Self.stringEnd(bytes, from: start, end: end, depth: 0) {
            position = close
            append(.string, from: start)
            return
        }
        skipLine()
        report(
            "this string is not closed", start..<position, expected: "'\"' before the end of the line",
            hint: "a string ends on the line where it starts; a line end inside is written \\n")
        append(.invalid, from: start)
    }

    /// The offset after the closing quote of the string that opens at `start`, or `nil` if its line ends before.
    static func stringEnd(_ bytes: [UInt8], from start: Int, end: Int, depth: Int) -> Int? {
        guard depth < stringNesting else { return nil }
        var offset = start + 1
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "\""): return offset + 1
            case UInt8(ascii: "\n"): return nil
            case UInt8(ascii: "\\"):
                guard offset + 1 < end else { return nil }
                if bytes[offset + 1] == UInt8(ascii: "(") {
                    guard let close = interpolationEnd(bytes, from: offset + 1, end: end, depth: depth) else {
                        return nil
                    }
                    offset = close
                } else if bytes[offset + 1] == UInt8(ascii: "\n") {
                    return nil
                } else {
                    offset += 2
                }
            default: offset += 1
            }
        }
        return nil
    }

    /// The offset after the `)` that closes the interpolation whose `(` is at `start`.
    static func interpolationEnd(_ bytes: [UInt8], from start: Int, end: Int, depth: Int) -> Int? {
        var open = 0
        var offset = start
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "("):
                open += 1
                offset += 1
            case UInt8(ascii: ")"):
                open -= 1
                offset += 1
                if open == 0 { return offset }
            case UInt8(ascii: "\""):
                guard let close = stringEnd(bytes, from: offset, end: end, depth: depth + 1) else { return nil }
                offset = close
            case UInt8(ascii: "\n"): return nil
            default: offset += 1
            }
        }
        return nil
    }

    private mutating func scanForeignString() {
        let start = position
        position += 1
        while position < end, bytes[position] != UInt8(ascii: "\n"), bytes[position] != UInt8(ascii: "'") {
            position += 1
        }
        if byte(position) == UInt8(ascii: "'") { position += 1 }
        report("a string in single quotes", start..<position, hint: "strings stand in double quotes: \"…\"")
        append(.invalid, from: start)
    }

    // MARK: Signs

    private mutating func scanSign(_ first: UInt8) {
        let start = position
        let second = byte(start + 1)
        switch (first, second) {
        case (UInt8(ascii: "/"), UInt8(ascii: "/")):
            skipLine()
            report("a comment starts with '#'", start..<(start + 2), found: "'//'", hint: "write '#' instead of '//'")
            hasSpace = true
            return
        case (UInt8(ascii: "&"), UInt8(ascii: "&")): return replaceForeign("&&", by: .andWord)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): return replaceForeign("||", by: .orWord)
        case (UInt8(ascii: "*"), UInt8(ascii: "*")): return replaceForeign("**", by: .caret)
        case (UInt8(ascii: "="), UInt8(ascii: ">")): return replaceForeign("=>", by: .arrow)
        case (UInt8(ascii: ":"), UInt8(ascii: "=")): return replaceForeign(":=", by: .assign)
        case (UInt8(ascii: "!"), let next) where next != UInt8(ascii: "="):
            return replaceForeign("!", by: .notWord)
        default: break
        }
        if let (kind, length) = Self.sign(first, second, byte(start + 2)) {
            position += length
            append(kind, from: start)
            return
        }
        position += 1
        if first == UInt8(ascii: ".") {
            report("a range is written with '..<' or '...'", start..<(start + 2), found: "'..'", hint: "0..<10, 1...10")
            position += 1
        } else {
            let shown =
                first < 0x20 || first == 0x7F
                ? "U+00\(String(first, radix: 16, uppercase: true))" : "'\(Character(Unicode.Scalar(first)))'"
            report("the character \(shown) has no meaning here", start..<position)
        }
        append(.invalid, from: start)
    }

    private mutating func replaceForeign(_ text: String, by kind: Token.Kind) {
        let start = position
        position += text.utf8.count
        report("the sign '\(text)' is not used", start..<position, hint: "write '\(kind.rawValue)'")
        append(kind, from: start)
    }

    private static func sign(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> (Token.Kind, Int)? {
        let isAssigned = second == UInt8(ascii: "=")
        switch first {
        case UInt8(ascii: "("): return (.openParenthesis, 1)
        case UInt8(ascii: ")"): return (.closeParenthesis, 1)
        case UInt8(ascii: "["): return (.openBracket, 1)
        case UInt8(ascii: "]"): return (.closeBracket, 1)
        case UInt8(ascii: "{"): return (.openBrace, 1)
        case UInt8(ascii: "}"): return (.closeBrace, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: ";"): return (.semicolon, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: "%"): return (.percent, 1)
        case UInt8(ascii: "+"): return isAssigned ? (.addAssign, 2) : (.plus, 1)
        case UInt8(ascii: "*"): return isAssigned ? (.multiplyAssign, 2) : (.star, 1)
        case UInt8(ascii: "/"): return isAssigned ? (.divideAssign, 2) : (.slash, 1)
        case UInt8(ascii: "^"): return isAssigned ? (.powerAssign, 2) : (.caret, 1)
        case UInt8(ascii: "@"): return isAssigned ? (.matrixAssign, 2) : (.at, 1)
        case UInt8(ascii: "="): return isAssigned ? (.equal, 2) : (.assign, 1)
        case UInt8(ascii: "<"): return isAssigned ? (.lessOrEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"): return isAssigned ? (.greaterOrEqual, 2) : (.greater, 1)
        case UInt8(ascii: "!"): return isAssigned ? (.notEqual, 2) : nil
        case UInt8(ascii: "-"):
            if second == UInt8(ascii: ">") { return (.arrow, 2) }
            return isAssigned ? (.subtractAssign, 2) : (.minus, 1)
        case UInt8(ascii: "|"): return second == UInt8(ascii: ">") ? (.pipe, 2) : nil
        case UInt8(ascii: "."):
            guard second == UInt8(ascii: ".") else { return (.dot, 1) }
            if third == UInt8(ascii: ".") { return (.closedRange, 3) }
            return third == UInt8(ascii: "<") ? (.halfOpenRange, 3) : nil
        default: return nil
        }
    }
}
