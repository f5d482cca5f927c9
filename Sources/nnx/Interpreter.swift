import Language
import Notebook
import Training
import Scheduling

func makeSession(
    front: any NotebookFront, options: SessionOptions, parameters: [String: String] = [:]
) throws -> NotebookSession {
    NotebookSession(front: front) { host in StandIn(host: host) }
}

final class StandIn: NotebookEngine {
    let cancellation = CancellationToken()
    let host: any InterpreterHost
    init(host: any InterpreterHost) { self.host = host }
    func run(_ source: SourceFile, mode: RunMode) throws -> CellResult {
        let text = source.text
        if text.contains("bad") {
            throw Diagnostics([
                Diagnostic(
                    "unknown name 'bad'", at: SourceSpan(file: source, lower: 0, upper: 3), hint: "did you mean 'bat'?")
            ])
        }
        if text.contains("while true") || text.contains("fit") {
            var step = 0
            while true {
                if cancellation.isCancelled {
                    throw Interruption(message: "interrupted; go on with resume", aborted: cancellation.isAborted)
                }
                var t = timespec(tv_sec: 0, tv_nsec: 10_000_000)
                nanosleep(&t, nil)
                step += 1
                if text.contains("fit"), step % 10 == 0 {
                    host.receive(
                        .progress(
                            TrainingProgress(
                                kind: .step, task: "fit LeNet", epoch: 1, epochs: 5, step: step, steps: 4690,
                                loss: 2.3 / Double(step), accuracy: 0.5, validationLoss: nil, validationAccuracy: nil,
                                samplesPerSecond: 12345.6, secondsLeft: 100, elapsed: Double(step) * 0.01,
                                lossCurve: (1...20).map { 1 / Double($0) })))
                }
            }
        }
        if text.contains("heigth") {
            throw Diagnostics([
                Diagnostic(
                    "unknown name heigth ^", at: SourceSpan(file: source, lower: 0, upper: 3),
                    hint: "did you mean height?")
            ])
        }
        if text.hasPrefix("let") || text.hasPrefix("var") || text.hasPrefix("fn") {
            return CellResult(echo: nil, failedExpectations: 0, figure: nil)
        }
        let numbers = text.split(separator: "+").map { Int($0.filter { $0 != " " }) }
        if !numbers.contains(nil) {
            return CellResult(echo: "\(numbers.reduce(0) { $0 + $1! })", failedExpectations: 0, figure: nil)
        }
        if text.hasPrefix("print(\"") {
            host.receive(.output(String(text.dropFirst(7).dropLast(2)) + "\n"));
            return CellResult(echo: nil, failedExpectations: 0, figure: nil)
        }
        if text.contains("print") { host.receive(.output("printed\n")) }
        return CellResult(echo: "\(text.utf8.count) bytes: \(text)", failedExpectations: 0, figure: nil)
    }
    func check(_ source: SourceFile) -> [Diagnostic] { [] }
    func completions(in line: String, cursor: Int) -> CompletionResult {
        let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
        let word = String(before.reversed().prefix { $0.isLetter || $0 == "_" }.reversed())
        return CompletionResult(
            replaceFrom: before.utf8.count - word.utf8.count,
            candidates: ["conv", "confusion", "contour", "concat"].filter { $0.hasPrefix(word) })
    }
    func help(_ topic: String) -> String? { topic == "conv" ? "conv(channels, size)\n" : nil }
    func names() -> [(name: String, summary: String)] { [("x", "tensor [2, 3]")] }
    func reset() throws {}
}
import Glibc
