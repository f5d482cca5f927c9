/// A name as it stands in the source.
public struct Identifier: Hashable, Sendable {
    public let name: String
    public let span: SourceSpan

    public init(_ name: String, span: SourceSpan) {
        self.name = name
        self.span = span
    }
}

/// Anything that has a value.
///
/// `switch expression.kind` is exhaustive; a tree is never higher than `SyntaxLimits.height`, so that walking and
/// freeing it by recursion is safe.
public struct Expression: Sendable {
    /// The forms of an expression.
    public indirect enum Kind: Sendable {
        /// `3`, `1e-3`, `1_000`.
        case number(NumberLiteral)
        /// `5 epochs`, `10 %`.
        case quantity(NumberLiteral, Unit)
        /// `"step \(i)"`.
        case string([StringPart])
        /// `true`, `false`.
        case bool(Bool)
        /// `none`.
        case none
        /// `theta`.
        case name(String)
        /// `[a, b]`; rectangular numbers make a tensor, which is the interpreter's to decide.
        case list([Expression])
        /// `{lr: 0.1, mu: 0.9}`, `{}`.
        case record([RecordField])
        /// `0..<10` (`isClosed` false), `1...10` (`isClosed` true).
        case range(Expression, Expression, isClosed: Bool)
        /// `x -> x^2`, `(x, y) -> x + y`, `x -> { … }`.
        case lambda(Lambda)
        /// `f(a, k: b) { … }`.
        case call(Call)
        /// `run.history`.
        case field(Expression, Identifier)
        /// `x[0, :, 1..<3]`.
        case index(Expression, [Subscript])
        /// `-x`, `not x`.
        case unary(UnaryOperator, Expression)
        /// `a + b`, `a == b`.
        case binary(BinaryOperator, Expression, Expression)
        /// `a and b`, `a or b`: the right side only if it is needed.
        case logical(LogicalOperator, Expression, Expression)
        /// `value |> function`.
        case pipe(Expression, into: Expression)
        /// `if … { … } else { … }` and `if c then a else b`.
        case conditional(Conditional)
        /// `match x { 0 -> a; else -> b }`.
        case match(Match)
        /// `{ let a = 1; a + 1 }`.
        case block(Block)
        /// `l2(5e-4) on "*.W"`: a value restricted to the part that a selector names.
        case restricted(Expression, to: Expression)
        /// `x in -3...3`, only as an argument of a call: a variable and the values it takes.
        case variable(Identifier, in: Expression)
        /// `fit NET on DATA { … }`.
        case fit(Fit)
        /// `resume RUN { … }`.
        case resume(Expression, Settings)
        /// `compare { … } do { … }` and `sweep { … } do { … }`.
        case trials(Trials)
    }

    public let kind: Kind
    public let span: SourceSpan
    /// The number of levels of the tree under this node, itself included.
    let height: Int

    /// A node; `span` covers all of its source.
    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
        height = kind.childrenHeight + 1
    }
}

/// A number as written.
public struct NumberLiteral: Hashable, Sendable {
    public let value: Double
    /// Written without a point and without an exponent.
    public let isInteger: Bool

    public init(value: Double, isInteger: Bool) {
        self.value = value
        self.isInteger = isInteger
    }

    /// The value as an integer, if it was written as one and is represented exactly.
    public var integer: Int? { isInteger ? Int(exactly: value) : nil }
}

/// What a number may be counted in.
public enum Unit: String, CaseIterable, Sendable {
    case epochs, steps
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "min"
    case hours = "h"
    case degrees = "deg"
    case pixels = "px"
    case percent = "%"

    /// The unit that a source word stands for: `epoch` and `epochs`, `step` and `steps`, else its symbol.
    public init?(word: String) {
        switch word {
        case "epoch": self = .epochs
        case "step": self = .steps
        default:
            guard let unit = Unit(rawValue: word) else { return nil }
            self = unit
        }
    }
}

/// A stretch of a string literal.
public enum StringPart: Sendable {
    /// Characters, with the escapes replaced.
    case text(String)
    /// `\(expression)`.
    case interpolation(Expression)
}

/// `name: value` in a record; a lone `name` stands for `name: name`.
public struct RecordField: Sendable {
    public let name: Identifier
    public let value: Expression
    public let isShorthand: Bool

    public init(name: Identifier, value: Expression, isShorthand: Bool = false) {
        self.name = name
        self.value = value
        self.isShorthand = isShorthand
    }
}

/// An unnamed function.
public struct Lambda: Sendable {
    public let parameters: [Identifier]
    /// An expression; `x -> { … }` has a `.block` here.
    public let body: Expression

    public init(parameters: [Identifier], body: Expression) {
        self.parameters = parameters
        self.body = body
    }
}

/// A call with its arguments and the blocks in braces that follow it, which are its last arguments.
public struct Call: Sendable {
    public let callee: Expression
    public let arguments: [Argument]
    public let blocks: [Block]
    /// False for `concat { … }`: blocks but no parentheses.
    public let hasParentheses: Bool

    public init(callee: Expression, arguments: [Argument], blocks: [Block], hasParentheses: Bool) {
        self.callee = callee
        self.arguments = arguments
        self.blocks = blocks
        self.hasParentheses = hasParentheses
    }
}

/// `value` or `label: value` between the parentheses of a call.
public struct Argument: Sendable {
    public let label: Identifier?
    public let value: Expression

    public init(label: Identifier?, value: Expression) {
        self.label = label
        self.value = value
    }

    /// From the label, if there is one, to the end of the value.
    public var span: SourceSpan { label.map { $0.span.union(value.span) } ?? value.span }
}

/// One place between the brackets of `x[0, :, 1..<3]`.
public enum Subscript: Sendable {
    /// `:`, the whole axis.
    case all(SourceSpan)
    /// A position, or a range of positions.
    case at(Expression)
    /// A range that is open at one end: `2...`, `...3`, `..<3`.
    case range(Expression?, Expression?, isClosed: Bool, SourceSpan)
}

public enum UnaryOperator: String, Sendable {
    case minus = "-"
    case not
}

public enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case matrixMultiply = "@"
    case power = "^"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

public enum LogicalOperator: String, Sendable {
    case and, or
}

/// `if … { … } else if … { … } else { … }`, or `if c then a else b`.
public struct Conditional: Sendable {
    /// One condition and what is done where it holds.
    public struct Branch: Sendable {
        public let condition: Expression
        public let body: Block

        public init(condition: Expression, body: Block) {
            self.condition = condition
            self.body = body
        }
    }

    /// At least one; tried in order.
    public let branches: [Branch]
    public let otherwise: Block?
    /// Written with `then`: every body is one expression, and there is an `else`.
    public let isInline: Bool

    public init(branches: [Branch], otherwise: Block?, isInline: Bool) {
        self.branches = branches
        self.otherwise = otherwise
        self.isInline = isInline
    }
}

/// `match subject { pattern, pattern if guard -> body … else -> body }`.
public struct Match: Sendable {
    /// What a case is compared with.
    public enum Pattern: Sendable {
        /// A literal: the subject equals it. A range: the subject lies in it.
        case value(Expression)
        /// A name, which always matches and is bound to the subject in guard and body.
        case binding(Identifier)
        /// `_` or `else`.
        case anything(SourceSpan)
    }

    /// The patterns of one case, any of which will do, and its body.
    public struct Case: Sendable {
        public let patterns: [Pattern]
        public let guardCondition: Expression?
        public let body: Block
        public let span: SourceSpan

        public init(patterns: [Pattern], guardCondition: Expression?, body: Block, span: SourceSpan) {
            self.patterns = patterns
            self.guardCondition = guardCondition
            self.body = body
            self.span = span
        }
    }

    public let subject: Expression
    public let cases: [Case]

    public init(subject: Expression, cases: [Case]) {
        self.subject = subject
        self.cases = cases
    }
}

/// `name: value` or `name in values` between the braces of `fit`, `resume`, `compare` and `sweep`.
public struct Setting: Sendable {
    /// How the name is joined with the value.
    public enum Form: String, Sendable {
        /// `epochs: 5`.
        case value
        /// A lone `epochs`, which stands for `epochs: epochs`.
        case shorthand
        /// `optimizer in [a, b]`, only in `compare` and `sweep`.
        case variation
    }

    public let name: Identifier
    public let form: Form
    public let value: Expression

    public init(name: Identifier, form: Form, value: Expression) {
        self.name = name
        self.form = form
        self.value = value
    }

    /// From the name to the end of the value.
    public var span: SourceSpan { name.span.union(value.span) }
}

/// The settings in braces.
public struct Settings: Sendable {
    public let entries: [Setting]
    /// With the braces; empty and after the last operand where the braces are left out.
    public let span: SourceSpan

    public init(entries: [Setting], span: SourceSpan) {
        self.entries = entries
        self.span = span
    }
}

/// `fit NET on DATA { … }`.
public struct Fit: Sendable {
    public let net: Expression
    public let data: Expression
    public let settings: Settings

    public init(net: Expression, data: Expression, settings: Settings) {
        self.net = net
        self.data = data
        self.settings = settings
    }
}

/// `compare { … } do { … }` or `sweep { … } do { … }`.
public struct Trials: Sendable {
    public enum Kind: String, Sendable {
        case compare, sweep
    }

    public let kind: Kind
    public let settings: Settings
    public let body: Block

    public init(kind: Kind, settings: Settings, body: Block) {
        self.kind = kind
        self.settings = settings
        self.body = body
    }
}
