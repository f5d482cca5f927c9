import ArgumentParser
import Notebook

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `nnx` by itself: the prompt, a program on standard input, or one expression.
struct Prompt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the prompt, or run the program on standard input (what nnx does without a command).")

    @Option(
        name: .customShort("e"), parsing: .unconditional,
        help: ArgumentHelp("Run this, print its value and end.", valueName: "expression"))
    var expression: String?

    @OptionGroup var options: SessionOptions

    func run() throws {
        let front = TextFront()
        front.showsValues = true
        if let expression {
            front.timeDisplay = .off
            Interrupts.install()
            Interrupts.exitAtThird()
            let session = try makeSession(front: front, options: options)
            let report = Interrupts.during(session.engine.cancellation) { session.run(cell: expression) }
            throw ExitCode(report.exitStatus)
        }
        let isInteractive = isatty(STDIN_FILENO) == 1 && StandardOutput.isTerminal
        Interrupts.install(force: isInteractive)
        let session = try makeSession(front: front, options: options)
        if isInteractive, let lines = EditedLines(engine: session.engine, front: front) {
            lines.tell("nnx \(nnxVersion)  :help lists the commands, Ctrl-D ends\n")
            throw ExitCode(PromptLoop(session: session, front: front, lines: lines).run())
        }
        Interrupts.exitAtThird()
        throw ExitCode(PromptLoop(session: session, front: front, lines: PlainLines()).run())
    }
}
