/// A whole text that was read.
public struct Program: Sendable {
    public let file: SourceFile
    public let statements: [Statement]

    public init(file: SourceFile, statements: [Statement]) {
        self.file = file
        self.statements = statements
    }
}

/// Statements in braces; the value is that of the last one.
public struct Block: Sendable {
    public let statements: [Statement]
    /// With the braces, where there are any.
    public let span: SourceSpan
    let height: Int

    public init(statements: [Statement], span: SourceSpan) {
        self.statements = statements
        self.span = span
        height = 1 + (statements.lazy.map(\.childrenHeight).max() ?? 0)
    }
}

/// One step of a script.
public struct Statement: Sendable {
    /// The forms of a statement. `if` and `match` are expressions.
    public indirect enum Kind: Sendable {
        /// `let x = …`, `var x = …`.
        case binding(Binding)
        /// `x = …`, `x[0] -= …`, `r.lr *= …`.
        case assignment(Assignment)
        /// `fn`, `net`, `optimizer`, …
        case declaration(Declaration)
        /// `for x in xs { … }`.
        case forLoop(ForLoop)
        /// `while c { … }`.
        case whileLoop(condition: Expression, body: Block)
        /// `repeat 6 { … }`.
        case repeatLoop(count: Expression, body: Block)
        case breakLoop
        case continueLoop
        /// `return`, `return x`.
        case returnValue(Expression?)
        /// `use optim`.
        case use(Use)
        /// `param epochs = 5`.
        case parameter(ScriptParameter)
        /// `seed 7`.
        case seed(Expression)
        /// `expect a > b`.
        case expect(Expression)
        /// `expect_error "part of the message" { … }`.
        case expectError(message: Expression, body: Block)
        /// `show adam`.
        case show(Expression)
        /// `why net.conv3`.
        case why(Expression)
        /// `weight b = zeros([units]) if bias`.
        case weight(name: Identifier, value: Expression, condition: Expression?)
        /// `state m = 0, v = 0`.
        case state([StateVariable])
        /// An expression; as the last of a block, its value.
        case expression(Expression)
    }

    public let kind: Kind
    public let span: SourceSpan

    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}

/// What a value is taken apart into: one name, or `(name, value)`.
public enum Pattern: Sendable {
    case name(Identifier)
    /// At least two names.
    case tuple([Identifier], span: SourceSpan)

    /// The names that it binds, in order.
    public var names: [Identifier] {
        switch self {
        case .name(let name): [name]
        case .tuple(let names, _): names
        }
    }

    public var span: SourceSpan {
        switch self {
        case .name(let name): name.span
        case .tuple(_, let span): span
        }
    }
}

/// `let pattern = value` or `var pattern = value`.
public struct Binding: Sendable {
    public let pattern: Pattern
    public let value: Expression
    /// Declared by `var`.
    public let isMutable: Bool
    /// The comment lines directly above.
    public let documentation: String?

    public init(pattern: Pattern, value: Expression, isMutable: Bool, documentation: String?) {
        self.pattern = pattern
        self.value = value
        self.isMutable = isMutable
        self.documentation = documentation
    }
}

/// `target = value` or `target += value`.
public struct Assignment: Sendable {
    /// A `.name`, a `.field` or an `.index`.
    public let target: Expression
    /// The operator before the `=`; `nil` for a plain `=`.
    public let operation: BinaryOperator?
    public let value: Expression

    public init(target: Expression, operation: BinaryOperator?, value: Expression) {
        self.target = target
        self.operation = operation
        self.value = value
    }
}

/// `for pattern in sequence { … }`.
public struct ForLoop: Sendable {
    public let pattern: Pattern
    public let sequence: Expression
    public let body: Block

    public init(pattern: Pattern, sequence: Expression, body: Block) {
        self.pattern = pattern
        self.sequence = sequence
        self.body = body
    }
}

/// `use optim`, `use nets.resnet as resnet`, `use "snippets/mine.nnx"`.
public struct Use: Sendable {
    public enum Source: Sendable {
        /// `nets.resnet`, as its parts.
        case module([Identifier])
        /// A path as written.
        case file(String)
    }

    public let source: Source
    /// The name after `as`.
    public let alias: Identifier?
    /// The module's path or the string literal.
    public let sourceSpan: SourceSpan

    public init(source: Source, alias: Identifier?, sourceSpan: SourceSpan) {
        self.source = source
        self.alias = alias
        self.sourceSpan = sourceSpan
    }
}

/// `param name = default`.
public struct ScriptParameter: Sendable {
    public let name: Identifier
    public let value: Expression
    /// The comment lines directly above.
    public let documentation: String?

    public init(name: Identifier, value: Expression, documentation: String?) {
        self.name = name
        self.value = value
        self.documentation = documentation
    }
}

/// One of `state m = 0, v = 0`.
public struct StateVariable: Sendable {
    public let name: Identifier
    public let value: Expression

    public init(name: Identifier, value: Expression) {
        self.name = name
        self.value = value
    }
}
