/// A mistake in a script, or something worth telling, as a value that is shown in one place.
///
/// Everything that a user can do wrong throws one; `DiagnosticRenderer` makes the text.
public struct Diagnostic: Error, Hashable, Sendable {
    /// How grave a diagnostic is.
    public enum Severity: String, Hashable, Sendable {
        case error
        case warning
        case note
    }

    /// A second place that explains the first: "in the call here", "declared here".
    public struct Note: Hashable, Sendable {
        /// One line.
        public var message: String
        /// The place, if there is one.
        public var span: SourceSpan?

        /// A note at a place, or without one.
        public init(_ message: String, at span: SourceSpan? = nil) {
            self.message = message
            self.span = span
        }
    }

    /// How grave it is.
    public var severity: Severity
    /// What is wrong, in one line.
    public var message: String
    /// The place of the mistake; `nil` when no source has it.
    public var span: SourceSpan?
    /// A few words under the caret.
    public var label: String?
    /// What would have been right.
    public var expected: String?
    /// What stands there instead.
    public var found: String?
    /// A concrete fix.
    public var hint: String?
    /// Further places, the nearest first.
    public var notes: [Note]

    /// A diagnostic; an error unless told otherwise.
    public init(
        _ message: String, at span: SourceSpan? = nil, severity: Severity = .error, label: String? = nil,
        expected: String? = nil, found: String? = nil, hint: String? = nil, notes: [Note] = []
    ) {
        self.severity = severity
        self.message = message
        self.span = span
        self.label = label
        self.expected = expected
        self.found = found
        self.hint = hint
        self.notes = notes
    }

    /// The same diagnostic with one more place.
    public func adding(note message: String, at span: SourceSpan? = nil) -> Diagnostic {
        var copy = self
        copy.notes.append(Note(message, at: span))
        return copy
    }

    /// The same diagnostic at `span` if it has no place yet.
    public func locating(at span: SourceSpan?) -> Diagnostic {
        guard self.span == nil else { return self }
        var copy = self
        copy.span = span
        return copy
    }
}

/// Several mistakes found in one pass, in the order of the source.
public struct Diagnostics: Error, Hashable, Sendable {
    /// What was found.
    public var all: [Diagnostic]

    /// The diagnostics `all`.
    public init(_ all: [Diagnostic]) {
        self.all = all
    }
}
