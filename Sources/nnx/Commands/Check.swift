import ArgumentParser
import Notebook

/// `nnx check FILE`: the mistakes that are found without running.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find mistakes in names, settings and shapes without running a script.")

    @Argument(help: "The script.")
    var file: String

    func run() throws {
        let front = TextFront()
        Interrupts.install()
        Interrupts.exitAtThird()
        let session = try makeSession(front: front)
        let report = Interrupts.during(session.engine.cancellation) { session.check(file: file) }
        if report.status == .succeeded { StandardOutput.write("\(file): no errors\n") }
        throw ExitCode(report.exitStatus)
    }
}
