/// A word, number, string or sign of the source.
struct Token {
    /// What a token is. The reserved words have a kind of their own; all others are names.
    enum Kind: String {
        case name, number, string
        case letWord = "let"
        case varWord = "var"
        case fnWord = "fn"
        case forWord = "for"
        case whileWord = "while"
        case breakWord = "break"
        case continueWord = "continue"
        case returnWord = "return"
        case ifWord = "if"
        case thenWord = "then"
        case elseWord = "else"
        case andWord = "and"
        case orWord = "or"
        case notWord = "not"
        case inWord = "in"
        case trueWord = "true"
        case falseWord = "false"
        case noneWord = "none"
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case comma = ","
        case semicolon = ";"
        case colon = ":"
        case dot = "."
        case arrow = "->"
        case pipe = "|>"
        case assign = "="
        case addAssign = "+="
        case subtractAssign = "-="
        case multiplyAssign = "*="
        case divideAssign = "/="
        case powerAssign = "^="
        case matrixAssign = "@="
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case caret = "^"
        case at = "@"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case halfOpenRange = "..<"
        case closedRange = "..."
        /// Something that the lexer has complained about already.
        case invalid
        case end
    }

    /// Words that open a statement or join its parts where the grammar has a place for them, and are names elsewhere.
    enum Contextual: String {
        case net, block, layer, loss, regularizer, optimizer, schedule, augment, metric
        case use, param, seed, expect, show, why, weight, state, match, fit, resume, compare, sweep, on, `as`, `do`
        case expectError = "expect_error"
        case repeatWord = "repeat"
    }

    var kind: Kind
    var contextual: Contextual?
    /// A line end lies between the token before and this one.
    var startsLine: Bool
    /// White space lies between the token before and this one.
    var hasSpaceBefore: Bool
    var lower: Int
    var upper: Int

    /// A name or a reserved word: what may label an argument or follow a dot.
    var isWord: Bool {
        switch kind {
        case .name, .letWord, .varWord, .fnWord, .forWord, .whileWord, .breakWord, .continueWord, .returnWord,
            .ifWord, .thenWord, .elseWord, .andWord, .orWord, .notWord, .inWord, .trueWord, .falseWord, .noneWord:
            true
        default: false
        }
    }

    var isClosingBracket: Bool { kind == .closeParenthesis || kind == .closeBracket || kind == .closeBrace }

    /// The declaration that the word opens.
    var declarationKind: Declaration.Kind? {
        switch contextual {
        case .net: .net
        case .block: .block
        case .layer: .layer
        case .loss: .loss
        case .regularizer: .regularizer
        case .optimizer: .optimizer
        case .schedule: .schedule
        case .augment: .augment
        case .metric: .metric
        default: nil
        }
    }
}

/// The words with a meaning of their own, for highlighting, completion and "did you mean".
public enum LanguageWords {
    /// Words that cannot be the name of a value.
    public static let reserved = [
        "let", "var", "fn", "for", "while", "break", "continue", "return", "if", "then", "else", "and", "or", "not",
        "in", "true", "false", "none",
    ]
    /// Words that open a statement or an expression in its place and are names elsewhere.
    public static let contextual = [
        "net", "block", "layer", "loss", "regularizer", "optimizer", "schedule", "augment", "metric", "use", "param",
        "seed", "expect", "expect_error", "show", "why", "weight", "state", "match", "fit", "resume", "compare",
        "sweep", "on", "as", "do", "repeat",
    ]

    static let kinds: [String: Token.Kind] = Dictionary(
        uniqueKeysWithValues: reserved.compactMap { word in Token.Kind(rawValue: word).map { (word, $0) } })
    static let contextualWords: [String: Token.Contextual] = Dictionary(
        uniqueKeysWithValues: contextual.compactMap { word in Token.Contextual(rawValue: word).map { (word, $0) } })
}

/// A diagnostic of the lexer or parser.
struct SyntaxProblem {
    var diagnostic: Diagnostic
    /// More text could mend it: the source ends where something has to follow.
    var isAtEnd = false
}
