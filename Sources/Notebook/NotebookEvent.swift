import Figures
import Language
import Training

/// What a session tells the front that a person (or a program) looks at.
public enum NotebookEvent: Sendable {
    /// Printed text; ends in a newline.
    case output(String)
    /// The preview of a cell's value, without a newline at its end.
    case echo(String)
    /// A figure to show.
    case figure(Figure)
    /// How far a training is.
    case progress(TrainingProgress)
    /// A mistake, a failed expectation or a warning.
    case diagnostic(Diagnostic)
    /// The run was interrupted; the text says what was kept and how to go on.
    case interrupted(String)
    /// The cell or script ended.
    case finished(CellReport)
}

/// How a cell or a script ended.
public struct CellReport: Sendable {
    /// The ways to end.
    public enum Status: Sendable, Equatable {
        case succeeded
        /// An error ended it.
        case failed
        /// It ran to its end, but this many expectations did not hold.
        case expectationsFailed(Int)
        /// Ctrl-C ended it.
        case interrupted
    }

    /// The cell's number at the prompt; `nil` for a script.
    public var number: Int?
    public var status: Status
    /// Wall-clock time in seconds.
    public var seconds: Double

    /// The process's exit status where the cell is all there is to run: 0, 1 (error, failed expectation) or 130.
    public var exitStatus: Int32 {
        switch status {
        case .succeeded: 0
        case .failed, .expectationsFailed: 1
        case .interrupted: 130
        }
    }
}

/// Shows the events of a session: a terminal, a log, a stream of JSON lines, a notebook.
public protocol NotebookFront: AnyObject {
    /// Shows one event. Calls come one at a time, but not all from the same thread.
    func show(_ event: NotebookEvent)
}
