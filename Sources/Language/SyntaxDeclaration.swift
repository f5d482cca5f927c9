/// A named function, or one of the declared kinds.
public struct Declaration: Sendable {
    /// What is declared; the raw value is the word that opens it.
    public enum Kind: String, CaseIterable, Sendable {
        case function = "fn"
        case net, block, layer, loss, regularizer, optimizer, schedule, augment, metric
    }

    /// What stands after the parameters.
    public enum Body: Sendable {
        /// `{ … }`.
        case block(Block)
        /// `= expression`.
        case expression(Expression)

        public var span: SourceSpan {
            switch self {
            case .block(let block): block.span
            case .expression(let expression): expression.span
            }
        }
    }

    public let kind: Kind
    public let name: Identifier
    /// `nil` where the parentheses are left out, as in `net Linear { … }`.
    public let parameters: [Parameter]?
    public let body: Body
    /// The comment lines directly above, without their `#`.
    public let documentation: String?
    /// From the opening word to the end of the parameters: what a message points at.
    public let headSpan: SourceSpan

    public init(
        kind: Kind, name: Identifier, parameters: [Parameter]?, body: Body, documentation: String?,
        headSpan: SourceSpan
    ) {
        self.kind = kind
        self.name = name
        self.parameters = parameters
        self.body = body
        self.documentation = documentation
        self.headSpan = headSpan
    }
}

/// `name` or `name: default` in a declaration.
public struct Parameter: Sendable {
    public let name: Identifier
    public let defaultValue: Expression?

    public init(name: Identifier, defaultValue: Expression?) {
        self.name = name
        self.defaultValue = defaultValue
    }

    /// From the name to the end of the default.
    public var span: SourceSpan { defaultValue.map { name.span.union($0.span) } ?? name.span }
}
