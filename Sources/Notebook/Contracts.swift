// Mirrors of the types that Training and Interpreter bring; goes when they land.
import Figures
import Language

public struct TrainingProgress: Sendable {
    public enum Kind: Sendable { case started, step, epoch, finished, interrupted }
    public var kind: Kind; public var task: String
    public var epoch: Int, epochs: Int, step: Int, steps: Int
    public var loss: Double, accuracy: Double?, validationLoss: Double?, validationAccuracy: Double?
    public var samplesPerSecond: Double, secondsLeft: Double, elapsed: Double
    public var lossCurve: [Double]
    public init(
        kind: Kind, task: String, epoch: Int, epochs: Int, step: Int, steps: Int, loss: Double,
        accuracy: Double?, validationLoss: Double?, validationAccuracy: Double?, samplesPerSecond: Double,
        secondsLeft: Double, elapsed: Double, lossCurve: [Double]
    ) {
        self.kind = kind; self.task = task; self.epoch = epoch; self.epochs = epochs; self.step = step
        self.steps = steps; self.loss = loss; self.accuracy = accuracy; self.validationLoss = validationLoss
        self.validationAccuracy = validationAccuracy; self.samplesPerSecond = samplesPerSecond
        self.secondsLeft = secondsLeft; self.elapsed = elapsed; self.lossCurve = lossCurve
    }
}
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
