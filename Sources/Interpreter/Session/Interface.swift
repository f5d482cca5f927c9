import Figures
import Language
import Training

/// What a running script tells whoever shows it.
public enum HostEvent: Sendable {
    /// Text that ends in a line end.
    case output(String)
    case figure(Figure)
    case progress(TrainingProgress)
    /// A warning.
    case note(Diagnostic)
}

/// Where events go; called on the thread that runs the script.
public protocol InterpreterHost: AnyObject {
    func receive(_ event: HostEvent)
}

/// How a session is set up.
public struct InterpreterConfiguration: Sendable {
    /// Threads that compute; nil takes the machine's cores.
    public var threads: Int?
    /// The most threads that are started; nil for the machine's cores. More only wait for each other: for tests of results,
    /// which must not depend on them.
    public var threadLimit: Int?
    /// The seed that random numbers start from; 0 where nil. `seed N` in a script begins anew.
    public var seed: UInt64?
    /// Values for `param` statements, as texts.
    public var parameters: [String: String]
    /// Where relative paths start, and the project whose `snippets/` are searched.
    public var workingDirectory: String
    /// The folder of the standard library; nil looks at `NNX_STDLIB`, then beside the executable.
    public var standardLibrary: String?
    /// Whether every `fit` ends with a table of the time and memory of each layer.
    public var isProfiling: Bool

    public init(
        threads: Int? = nil, seed: UInt64? = nil, parameters: [String: String] = [:], workingDirectory: String = ".",
        standardLibrary: String? = nil, isProfiling: Bool = false
    ) {
        self.threads = threads
        self.seed = seed
        self.parameters = parameters
        self.workingDirectory = workingDirectory
        self.standardLibrary = standardLibrary
        self.isProfiling = isProfiling
    }
}

/// How a text is run.
public enum RunMode: Sendable {
    /// At the prompt: names persist, a later `let` replaces an earlier one, the last value is shown.
    case cell
    /// A file: a name is declared once, and everything is checked before the first line runs.
    case script
}

/// What running a text gave.
public struct CellResult {
    /// The last value for the prompt; nil for a statement without a value.
    public var echo: String?
    /// How many `expect` statements failed.
    public var failedExpectations: Int
    /// The figure that was shown last.
    public var figure: Figure?

    public init(echo: String? = nil, failedExpectations: Int = 0, figure: Figure? = nil) {
        self.echo = echo
        self.failedExpectations = failedExpectations
        self.figure = figure
    }
}

/// What Tab offers.
public struct CompletionResult: Sendable {
    /// The byte of the line from which a candidate replaces the text.
    public var replaceFrom: Int
    public var candidates: [String]

    public init(replaceFrom: Int, candidates: [String]) {
        self.replaceFrom = replaceFrom
        self.candidates = candidates
    }
}

/// The run was stopped by the user.
public struct Interruption: Error {
    /// What is kept and how to go on.
    public var message: String
    /// Stopped inside of a step, which is lost.
    public var aborted: Bool

    public init(message: String, aborted: Bool) {
        self.message = message
        self.aborted = aborted
    }
}
