import Files
import Language

extension Diagnostic {
    /// What a file operation says.
    package init(_ error: FileError, at span: SourceSpan? = nil) {
        self.init(error.message, at: span, expected: error.expected)
    }
}
