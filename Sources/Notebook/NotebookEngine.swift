import Interpreter
import Language
import Scheduling

/// What a session needs of the interpreter, so that prompt and commands are tested without training a net.
public protocol NotebookEngine: AnyObject {
    /// Asks the running cell to stop; reset before each run.
    var cancellation: CancellationToken { get }
    /// Runs a cell, whose names stay, or a whole script. Throws `Diagnostics` or `Interruption`.
    func run(_ source: SourceFile, mode: RunMode) throws -> CellResult
    /// The mistakes that are found without running.
    func check(_ source: SourceFile) -> [Diagnostic]
    /// What may stand at byte `cursor` of `line`.
    func completions(in line: String, cursor: Int) -> CompletionResult
    /// The help text of an operation, a declaration or a statement; `nil` where there is none.
    func help(_ topic: String) -> String?
    /// The names that the cells so far declared.
    func names() -> [(name: String, summary: String)]
    /// Forgets all names.
    func reset() throws
}

extension Interpreter: NotebookEngine {}
