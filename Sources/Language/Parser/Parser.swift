/// What reading a text gives: the statements that could be read, and everything that was wrong.
public struct ParseResult: Sendable {
    /// The statements without those that had errors.
    public let program: Program
    /// The errors in the order of the source; empty for a correct text.
    public let diagnostics: [Diagnostic]
    /// The only thing wrong is that the text ends too early: a prompt asks for the next line.
    public let isIncomplete: Bool
}

/// Reads `file`. Throws all syntax errors at once.
public func parse(_ file: SourceFile) throws(Diagnostics) -> Program {
    let result = parseWithRecovery(file)
    guard result.diagnostics.isEmpty else { throw Diagnostics(result.diagnostics) }
    return result.program
}

/// Reads `file` as far as it can be read.
public func parseWithRecovery(_ file: SourceFile) -> ParseResult {
    var parser = Parser(file: file, range: 0..<file.bytes.count)
    let statements = parser.parseProgram()
    let problems = parser.sortedProblems()
    return ParseResult(
        program: Program(file: file, statements: statements),
        diagnostics: problems.map(\.diagnostic),
        isIncomplete: !problems.isEmpty && problems.allSatisfy(\.isAtEnd))
}

/// Whether `text` is correct as far as it goes but has to go on: a bracket is open, or an operand or a body is missing.
///
/// A string that is not closed is an error, not an incomplete text, for a string ends on its line.
public func isIncomplete(_ text: String) -> Bool {
    parseWithRecovery(SourceFile(name: "", text: text)).isIncomplete
}

/// How the parser leaves a place that it cannot read; the problem itself is recorded already.
enum SyntaxFailure: Error {
    /// The next statement may be readable.
    case statement
    /// Nothing more is to be read: nesting too deep, or too many errors.
    case giveUp
}

/// A recursive-descent parser with precedence climbing; see README.md in this target for the grammar.
struct Parser {
    /// After so many errors the rest is not read.
    static let errorLimit = 20

    /// How the surrounding grammar restricts an expression.
    struct Context {
        /// A line end ends the expression: true outside of parentheses and brackets.
        var lineEnds = true
        /// A `{` after a name or a call opens its trailing block: false between `for … in`, `if`, `on` and their `{`.
        var allowsBlocks = true
        /// A name before `->` is a lambda's parameter: false in a match guard.
        var allowsLambdas = true
        /// A range may have no upper end: true between the brackets of a subscript.
        var allowsOpenRange = false

        static let inBrackets = Context(lineEnds: false)
        static let inBraces = Context()
    }

    let file: SourceFile
    var tokens: [Token]
    var closing: [Int]
    var index = 0
    var context = Context()
    var nesting = 0
    var problems: [SyntaxProblem]
    /// Where the first unclosed bracket is; what comes after cannot be trusted to mean what it says.
    private let firstBracketProblem: Int

    init(file: SourceFile, range: Range<Int>) {
        self.file = file
        let lexer = Lexer(file: file, range: range)
        let brackets = BracketMatching(tokens: lexer.tokens, file: file)
        tokens = lexer.tokens
        closing = brackets.closing
        problems = lexer.problems + brackets.problems
        firstBracketProblem = brackets.firstUnclosed
    }

    /// All problems by place, one for a place.
    func sortedProblems() -> [SyntaxProblem] {
        func place(_ problem: SyntaxProblem) -> Int { problem.diagnostic.span?.lower ?? 0 }
        let order = problems.indices.sorted { (place(problems[$0]), $0) < (place(problems[$1]), $1) }
        var kept: [SyntaxProblem] = []
        for position in order {
            if let last = kept.last, place(last) == place(problems[position]) { continue }
            kept.append(problems[position])
            if kept.count == Self.errorLimit { break }
        }
        return kept
    }

    // MARK: Tokens

    var token: Token { tokens[index] }
    var next: Token { tokens[min(index + 1, tokens.count - 1)] }
    var previousEnd: Int { index > 0 ? tokens[index - 1].upper : tokens[0].lower }

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard token.kind == kind else { return false }
        advance()
        return true
    }

    mutating func accept(_ word: Token.Contextual) -> Bool {
        guard token.contextual == word else { return false }
        advance()
        return true
    }

    /// The line ends before the current token, and that matters here.
    var isAtLineEnd: Bool { (context.lineEnds && token.startsLine) || token.kind == .end }

    func span(_ token: Token) -> SourceSpan { SourceSpan(file: file, lower: token.lower, upper: token.upper) }
    func span(from lower: Int) -> SourceSpan { SourceSpan(file: file, lower: lower, upper: max(lower, previousEnd)) }
    func text(_ token: Token) -> String { file.text(token.lower..<token.upper) }

    mutating func identifier() -> Identifier {
        let identifier = Identifier(text(token), span: span(token))
        advance()
        return identifier
    }

    // MARK: Errors

    /// Records a problem and gives what is to be thrown.
    mutating func fail(_ diagnostic: Diagnostic, isAtEnd: Bool = false) -> SyntaxFailure {
        if let lower = diagnostic.span?.lower, lower < firstBracketProblem {
            problems.append(SyntaxProblem(diagnostic: diagnostic, isAtEnd: isAtEnd))
        }
        return problems.count >= Self.errorLimit ? .giveUp : .statement
    }

    /// The current token is not what the grammar needs; `acrossLines` if it could as well stand on a later line.
    mutating func unexpected(
        _ message: String, expected: String, hint: String? = nil, acrossLines: Bool = false
    ) -> SyntaxFailure {
        let token = token
        if token.kind == .invalid { return .statement }
        let isAtEnd = token.kind == .end && (acrossLines || !context.lineEnds)
        let place = isAtLineEnd ? SourceSpan(file: file, lower: previousEnd, upper: previousEnd) : span(token)
        return fail(
            Diagnostic(message, at: place, expected: expected, found: describeCurrent(), hint: hint), isAtEnd: isAtEnd)
    }

    func describeCurrent() -> String {
        if token.kind == .end { return tokens.count > 1 || index > 0 ? "the end of the text" : "nothing" }
        if context.lineEnds, token.startsLine { return "the end of the line" }
        return describe(token)
    }

    func describe(_ token: Token) -> String {
        let text = text(token)
        let shown = text.count > 30 ? String(text.prefix(29)) + "…" : text
        return switch token.kind {
        case .end: "the end of the text"
        case .name: "the name '\(shown)'"
        case .number: "the number \(shown)"
        case .string: "the string \(shown)"
        default: token.isWord ? "the word '\(shown)'" : "'\(shown)'"
        }
    }

    /// Consumes a token of `kind`, which stands on the same line unless `acrossLines`.
    mutating func expect(
        _ kind: Token.Kind, _ message: String, hint: String? = nil, acrossLines: Bool = false
    ) throws(SyntaxFailure) {
        guard token.kind == kind, acrossLines || !isAtLineEnd else {
            throw unexpected(message, expected: "'\(kind.rawValue)'", hint: hint, acrossLines: acrossLines)
        }
        advance()
    }

    // MARK: Limits

    /// Enters one level of nesting; `leave()` goes with it.
    mutating func enter() throws(SyntaxFailure) {
        nesting += 1
        guard nesting > SyntaxLimits.nesting else { return }
        throw tooDeep(at: span(token))
    }

    mutating func leave() { nesting -= 1 }

    private mutating func tooDeep(at span: SourceSpan) -> SyntaxFailure {
        _ = fail(
            Diagnostic(
                "this is nested too deeply", at: span, expected: "at most \(SyntaxLimits.nesting) levels",
                hint: "give an inner part a name with 'let'"))
        return .giveUp
    }

    /// Makes a node that starts at `lower` and ends before the current token.
    func make(_ kind: Expression.Kind, from lower: Int) -> Expression {
        Expression(kind, span: span(from: lower))
    }

    /// As `make`, for nodes that can pile up without nesting: `a + a + …`, `f(1)(2)…`.
    mutating func makeChained(_ kind: Expression.Kind, from lower: Int) throws(SyntaxFailure) -> Expression {
        let node = make(kind, from: lower)
        guard node.height > SyntaxLimits.height else { return node }
        _ = fail(
            Diagnostic(
                "this expression has too many parts in a row", at: span(tokens[max(0, index - 1)]),
                expected: "at most \(SyntaxLimits.height) levels of parts",
                hint: "split it with 'let', or put the parts in a list: sum([…])"))
        throw .giveUp
    }

    // MARK: Blocks and recovery

    mutating func parseProgram() -> [Statement] {
        var statements: [Statement] = []
        while token.kind != .end {
            do throws(SyntaxFailure) {
                try parseStatements(into: &statements)
                // A brace that closes nothing; `BracketMatching` has said so.
                advance()
            } catch {
                break
            }
        }
        return statements
    }

    /// Reads statements up to a closing brace or the end, leaving out those with errors.
    private mutating func parseStatements(into statements: inout [Statement]) throws(SyntaxFailure) {
        while true {
            // A `)` or `]` here closes nothing; `BracketMatching` has said so.
            while [.semicolon, .closeParenthesis, .closeBracket].contains(token.kind) { advance() }
            if token.kind == .end || token.kind == .closeBrace { return }
            let start = index
            let nestingBefore = nesting
            do throws(SyntaxFailure) {
                let statement = try parseStatement()
                guard statement.childrenHeight < SyntaxLimits.height else { throw tooDeep(at: statement.span) }
                statements.append(statement)
                try expectStatementEnd(after: statement)
            } catch .giveUp {
                throw .giveUp
            } catch {
                nesting = nestingBefore
                context = .inBraces
                skipStatement(from: start)
            }
        }
    }

    mutating func parseBlock(_ message: String, hint: String? = nil) throws(SyntaxFailure) -> Block {
        let outer = context
        defer { context = outer }
        let lower = token.lower
        try expect(.openBrace, message, hint: hint, acrossLines: true)
        context = .inBraces
        try enter()
        defer { leave() }
        var statements: [Statement] = []
        try parseStatements(into: &statements)
        try expect(.closeBrace, "a block is not closed", acrossLines: true)
        return Block(statements: statements, span: span(from: lower))
    }

    /// Moves to the start of the statement after the one that started at `start`; brackets are skipped as wholes.
    private mutating func skipStatement(from start: Int) {
        var position = start
        while tokens[position].kind != .end {
            let token = tokens[position]
            if position > start, position >= index, isStatementBoundary(position) { break }
            if token.isClosingBracket, position >= index { break }
            position = closing[position] >= 0 ? closing[position] + 1 : position + 1
        }
        index = min(position, tokens.count - 1)
    }

    private func isStatementBoundary(_ position: Int) -> Bool {
        let token = tokens[position]
        if token.kind == .semicolon { return true }
        return token.startsLine && token.kind != .pipe
    }
}
