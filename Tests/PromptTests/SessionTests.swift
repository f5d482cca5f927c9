import Figures
import Interpreter
import Language
import Notebook
import Scheduling
import Testing
import Training

/// Answers each cell as a script says, without running anything.
private final class ScriptedEngine: NotebookEngine {
    let cancellation = CancellationToken()
    /// What to do for the cell of that text.
    var answers: [String: (any InterpreterHost) throws -> CellResult] = [:]
    private let host: any InterpreterHost

    init(host: any InterpreterHost) { self.host = host }

    func run(_ source: SourceFile, mode: RunMode) throws -> CellResult {
        if let answer = answers[source.text] { return try answer(host) }
        return CellResult(echo: nil, failedExpectations: 0, figure: nil)
    }

    func check(_ source: SourceFile) -> [Diagnostic] { [Diagnostic("found", severity: .warning)] }

    /// Completes the word before the cursor from a fixed list.
    func completions(in line: String, cursor: Int) -> CompletionResult {
        let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
        let word = String(before.reversed().prefix { $0.isLetter || $0 == "_" }.reversed())
        let names = ["conv", "concat", "größe", "größer", "relu"].filter { $0.hasPrefix(word) }
        return CompletionResult(replaceFrom: before.utf8.count - word.utf8.count, candidates: names)
    }

    func help(_ topic: String) -> String? { topic == "conv" ? "conv(channels, size)" : nil }

    func names() -> [(name: String, summary: String)] {
        [("x", "tensor [2, 3]"), ("long_name", "a summary that is much too long for a narrow window")]
    }

    func reset() throws {}
}

private final class RecordingFront: NotebookFront {
    var events: [NotebookEvent] = []
    func show(_ event: NotebookEvent) { events.append(event) }
    /// The kinds of the events in short.
    var kinds: [String] {
        events.map { event in
            switch event {
            case .output(let text): "output \(text)"
            case .echo(let text): "echo \(text)"
            case .figure: "figure"
            case .progress: "progress"
            case .diagnostic(let diagnostic): "diagnostic \(diagnostic.message)"
            case .interrupted(let message): "interrupted \(message)"
            case .finished(let report): "finished \(report.exitStatus)"
            }
        }
    }
}

@Suite struct SessionTests {
    private let front = RecordingFront()
    private let session: NotebookSession
    private let engine: ScriptedEngine

    init() {
        session = NotebookSession(front: front) { ScriptedEngine(host: $0) }
        engine = session.engine as! ScriptedEngine
    }

    @Test func turnsWhatHappensIntoEvents() {
        engine.answers["cell"] = { host in
            host.receive(.output("printed\n"))
            host.receive(.note(Diagnostic("careful", severity: .warning)))
            return CellResult(echo: "7", failedExpectations: 0, figure: nil)
        }
        let report = session.run(cell: "cell")
        #expect(report.status == .succeeded)
        #expect(report.number == 1)
        #expect(session.nextNumber == 2)
        #expect(front.kinds == ["output printed\n", "diagnostic careful", "echo 7", "finished 0"])
    }

    @Test func everyWayToEndHasItsStatus() {
        engine.answers["errors"] = { _ in throw Diagnostics([Diagnostic("one"), Diagnostic("two")]) }
        engine.answers["error"] = { _ in throw Diagnostic("alone") }
        engine.answers["interrupt"] = { _ in throw Interruption(message: "kept", aborted: false) }
        engine.answers["expectation"] = { _ in CellResult(echo: nil, failedExpectations: 2, figure: nil) }
        let cells = ["errors", "error", "interrupt", "expectation", "fine"]
        #expect(cells.map { session.run(cell: $0).exitStatus } == [1, 1, 130, 1, 0])
        #expect(
            front.kinds == [
                "diagnostic one", "diagnostic two", "finished 1", "diagnostic alone", "finished 1", "interrupted kept",
                "finished 130", "finished 1", "finished 0",
            ])
        #expect(session.succeededCells == ["fine"])
    }

    @Test func aMissingFileIsAnErrorLikeAnyOther() {
        #expect(session.run(file: "/nowhere/x.nnx", mode: .script).exitStatus == 1)
        #expect(front.kinds == ["diagnostic cannot read '/nowhere/x.nnx': No such file or directory", "finished 1"])
    }

    @Test func onlyErrorsMakeACheckFail() {
        #expect(session.check(file: "/dev/null").exitStatus == 0)
        #expect(front.kinds == ["diagnostic found", "finished 0"])
    }

    @Test func resetBeginsAgain() throws {
        session.run(cell: "a")
        try session.reset()
        #expect(session.nextNumber == 1)
        #expect(session.succeededCells.isEmpty)
    }

    @Test func explainsAndLists() throws {
        #expect(try session.helpText("conv") == "conv(channels, size)\n")
        let diagnostic = try #require(throws: Diagnostic.self) { try session.helpText("cnov") }
        #expect(diagnostic.hint == "did you mean 'conv'?")
        #expect(
            session.namesText(width: 30) == "x          tensor [2, 3]\nlong_name  a summary that is …\n")
    }

    @Test func writesEventsAsJSON() {
        engine.answers["cell"] = { host in
            host.receive(.output("a\n"))
            let file = SourceFile(name: "f.nnx", text: "x = 1\ny = ?\n")
            throw Diagnostics([
                Diagnostic(
                    "bad", at: SourceSpan(file: file, lower: 10, upper: 11), expected: "a", found: "b", hint: "c")
            ])
        }
        session.run(cell: "cell")
        #expect(
            front.events.dropLast().map(\.json.text) == [
                #"{"event":"output","text":"a\n"}"#,
                #"{"event":"diagnostic","severity":"error","message":"bad","file":"f.nnx","line":2,"column":5,"#
                    + #""expected":"a","found":"b","hint":"c"}"#,
            ])
        #expect(front.events.last?.json.text.hasPrefix(#"{"event":"finished","status":1,"#) == true)
    }
}

@Suite struct CompletionTests {
    private let engine: any NotebookEngine = NotebookSession(front: RecordingFront()) { ScriptedEngine(host: $0) }
        .engine

    private func complete(_ input: String, cursor: Int? = nil, pending: String = "") -> Completion {
        Completion(input: input, cursor: cursor ?? input.utf8.count, pending: pending, engine: engine)
    }

    @Test func completesAsFarAsAllAgreeThenLists() {
        #expect(complete("re").replacement == "relu")
        let shared = complete("x + c")
        #expect(shared.replaceFrom == 4)
        #expect(shared.replacement == "con")
        #expect(shared.alternatives == [])
        #expect(complete("con").alternatives == ["conv", "concat"])
        #expect(complete("zzz") == complete("zzz"))
        #expect(complete("zzz").replacement == "zzz")
    }

    @Test func countsBytesAndPendingLines() {
        let completion = complete("größ", pending: "f(é,\n")
        #expect(completion.replaceFrom == 0)
        #expect(completion.replacement == "größe")
        #expect(complete("conv re x", cursor: 7).replacement == "relu")
    }

    @Test func completesCommandsAndTheirArguments() {
        #expect(complete(":h").replacement == ":help")
        #expect(complete("  :q") == complete("  :q"))
        #expect(complete("  :q").replaceFrom == 2)
        #expect(complete(":").alternatives.count == PromptCommand.table.count)
        #expect(complete(":time a").replacement == "all")
        #expect(complete("?rel").replacement == "relu")
        #expect(complete(":help rel").replacement == "relu")
        #expect(complete(":load /de").replacement == "/dev/")
        #expect(complete(":load \"/dev/nul").replacement == "/dev/null")
        // Within a cell a line may begin with a colon: it is a part of a slice.
        #expect(complete(":re", pending: "x[0,\n").replacement == "relu")
    }
}

@Suite struct ProgressTextTests {
    private func progress(_ kind: TrainingProgress.Kind) -> TrainingProgress {
        TrainingProgress(
            kind: kind, task: "fit LeNet", epoch: 2, epochs: 5, step: 1240, steps: 4690, counting: .images,
            loss: 0.32145,
            accuracy: 0.8842,
            validationLoss: 0.35, validationAccuracy: 0.871, samplesPerSecond: 12_345, secondsLeft: 42, elapsed: 75,
            lossCurve: [2.3, 1.1, 0.8, 0.6, 0.5, 0.4])
    }

    @Test func tellsEverythingWhereThereIsRoom() {
        let line = ProgressText(progress(.step)).live(width: 120)
        #expect(
            line.hasPrefix(
                "fit LeNet  epoch 2/5  step 1240/4690  loss 0.3215  accuracy 0.8842  12345 images/s  42 s left  "))
        #expect(line.hasSuffix("▁"))
    }

    @Test(arguments: [0, 1, 5, 12, 20, 40, 60, 80, 100, 200])
    func fitsAnyWidth(width: Int) {
        let line = ProgressText(progress(.step)).live(width: width)
        #expect(line.count <= width)
        if width >= 12 { #expect(line.contains("loss 0.3215")) }
        if width >= 80 { #expect(line.contains("img/s") || line.contains("images/s")) }
    }

    @Test func summarizesAnEpochAndARun() {
        #expect(
            ProgressText(progress(.epoch)).summary
                == "fit LeNet  epoch 2/5  step 1240/4690  loss 0.3215  accuracy 0.8842  val_loss 0.3500  "
                + "val_accuracy 0.8710  12345 images/s  1m 15s")
        #expect(ProgressText(progress(.interrupted)).summary.hasSuffix("interrupted"))
        #expect(ProgressText(progress(.finished)).summary.hasPrefix("fit LeNet  5 epochs  1240 steps"))
    }

    @Test func countsWhatItTrainsOn() {
        var rows = progress(.step)
        rows.counting = .samples
        #expect(ProgressText(rows).live(width: 120).contains("  12345 samples/s  "))
        #expect(ProgressText(rows).live(width: 80).contains("  12k samples/s"))
        rows.counting = .steps
        #expect(ProgressText(rows).summary.contains("  12345 steps/s  "))
    }

    @Test func survivesNumbersThatAreNone() {
        var odd = progress(.step)
        odd.loss = .nan
        odd.secondsLeft = .infinity
        odd.samplesPerSecond = .nan
        odd.lossCurve = [.nan, 1, .infinity]
        let line = ProgressText(odd).live(width: 100)
        #expect(line.contains("loss nan"))
        #expect(!line.contains("images/s"))
        #expect(NotebookEvent.progress(odd).json.text.contains(#""loss":null"#))
    }
}
