// Mirrors of the types that Interpreter brings; goes when they land.
import Figures
import Language
import Training

public enum HostEvent: Sendable {
    case output(String), figure(Figure), progress(TrainingProgress), note(Diagnostic)
}
public protocol InterpreterHost: AnyObject { func receive(_ event: HostEvent) }
public enum RunMode: Sendable { case cell, script }
public struct CellResult {
    public var echo: String?; public var failedExpectations: Int; public var figure: Figure?
    public init(echo: String?, failedExpectations: Int, figure: Figure?) {
        self.echo = echo; self.failedExpectations = failedExpectations; self.figure = figure
    }
}
public struct CompletionResult: Sendable {
    public var replaceFrom: Int; public var candidates: [String]
    public init(replaceFrom: Int, candidates: [String]) { self.replaceFrom = replaceFrom; self.candidates = candidates }
}
public struct Interruption: Error {
    public var message: String; public var aborted: Bool
    public init(message: String, aborted: Bool) { self.message = message; self.aborted = aborted }
}
