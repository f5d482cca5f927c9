// Mirrors of the types that Language, Figures, Training, Scheduling and Interpreter bring; goes when they land.
public struct Diagnostic: Error, Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable { case error, warning, note }
    public struct Note: Hashable, Sendable { public var message: String; public var span: SourceSpan? }
    public var severity: Severity; public var message: String; public var span: SourceSpan?
    public var label: String?; public var expected: String?; public var found: String?; public var hint: String?
    public var notes: [Note]
    public init(_ message: String, at span: SourceSpan? = nil, severity: Severity = .error, hint: String? = nil) {
        self.message = message; self.span = span; self.severity = severity; self.hint = hint; notes = []
    }
}
public struct Diagnostics: Error, Hashable, Sendable {
    public var all: [Diagnostic]
    public init(_ all: [Diagnostic]) { self.all = all }
}
public final class SourceFile: Sendable {
    public let name: String; public let text: String
    public init(name: String, text: String) { self.name = name; self.text = text }
    public init(name: String, bytes: [UInt8]) { self.name = name; self.text = String(decoding: bytes, as: UTF8.self) }
}
public struct SourceSpan: Hashable, Sendable {
    public let file: SourceFile; public let lower: Int; public let upper: Int
    public init(file: SourceFile, lower: Int, upper: Int) { self.file = file; self.lower = lower; self.upper = upper }
    public var line: Int { 1 }; public var column: Int { 1 }
    public static func == (left: SourceSpan, right: SourceSpan) -> Bool { left.lower == right.lower }
    public func hash(into hasher: inout Hasher) { hasher.combine(lower) }
}
public func closestName(to name: String, among candidates: some Sequence<String>) -> String? {
    candidates.first { $0.hasPrefix(name.prefix(2)) && $0 != name }
}
public func isIncomplete(_ text: String) -> Bool {
    var depth = 0
    for character in text {
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth -= 1 }
    }
    return depth > 0
}
public struct Figure: Sendable, Hashable {
    public var title: String
    public func terminal(columns: Int, rows: Int, color: Bool) -> String { "figure \(title)\n" }
}
public struct TrainingProgress: Sendable {
    public enum Kind: Sendable { case started, step, epoch, finished, interrupted }
    public var kind: Kind; public var task: String
    public var epoch: Int, epochs: Int, step: Int, steps: Int
    public var loss: Double, accuracy: Double?, validationLoss: Double?, validationAccuracy: Double?
    public var samplesPerSecond: Double, secondsLeft: Double, elapsed: Double
    public var lossCurve: [Double]
    public init(kind: Kind, task: String, epoch: Int, epochs: Int, step: Int, steps: Int, loss: Double,
        accuracy: Double?, validationLoss: Double?, validationAccuracy: Double?, samplesPerSecond: Double,
        secondsLeft: Double, elapsed: Double, lossCurve: [Double]) {
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
