import Files
import Language
import Notebook

/// Where the prompt's lines come from.
protocol LineSource: AnyObject {
    /// Reads a line, or a pasted text of several. `pending` are the lines of the cell that it carries on.
    func read(number: Int, pending: String) -> LineInput
    /// Whether the next line, as far as it is known yet, carries on the cell that could end before it.
    func nextContinues() -> Bool
    /// Remembers a whole cell or command.
    func remember(_ entry: String)
}

/// What reading a line brings.
enum LineInput {
    case line(String)
    /// The end of the input: Ctrl-D, or nothing is left in the pipe.
    case end
    /// Ctrl-C while nothing runs.
    case interrupted
}

/// Reads cells and commands and runs them until the input ends.
final class PromptLoop {
    private let session: NotebookSession
    private let front: TextFront
    private let lines: any LineSource
    /// Whether a person is at the other end: then errors and interrupts leave the exit status 0.
    private let isInteractive: Bool
    private var reader = CellReader()
    private var exitStatus: Int32 = 0

    init(session: NotebookSession, front: TextFront, lines: any LineSource) {
        self.session = session
        self.front = front
        self.lines = lines
        isInteractive = lines is EditedLines
    }

    /// Runs until the input ends; returns the process's exit status.
    func run() -> Int32 {
        while true {
            switch lines.read(number: session.nextNumber, pending: reader.pending) {
            case .line(let line):
                guard take(line) else { return exitStatus }
            case .end where isInteractive && !reader.isEmpty:
                reader.abandon()
            case .end:
                if let rest = reader.take() { run(cell: rest) }
                return exitStatus
            case .interrupted:
                guard isInteractive else { return 130 }
                reader.abandon()
            }
        }
    }

    /// Takes one line; returns whether the loop goes on.
    private func take(_ line: String) -> Bool {
        if reader.isEmpty && PromptCommand.isCommand(line) {
            lines.remember(line)
            do {
                return try run(PromptCommand(parsing: line))
            } catch {
                show(error)
                return true
            }
        }
        guard let cell = reader.add(line, continues: lines.nextContinues()) else { return true }
        lines.remember(cell)
        run(cell: cell)
        return isInteractive || exitStatus != 130
    }

    private func run(cell: String) {
        finish(Interrupts.during(session.engine.cancellation) { session.run(cell: cell) })
    }

    private func finish(_ report: CellReport) {
        if !isInteractive && report.exitStatus != 0 { exitStatus = report.exitStatus }
    }

    private func show(_ diagnostic: Diagnostic) {
        front.show(.diagnostic(diagnostic))
        if !isInteractive && diagnostic.severity == .error { exitStatus = 1 }
    }

    /// Carries out a command; returns whether the loop goes on.
    private func run(_ command: PromptCommand) throws(Diagnostic) -> Bool {
        switch command {
        case .help(nil): front.show(.output(PromptCommand.overview))
        case .help(let topic?): front.show(.output(try session.helpText(topic)))
        case .load(let path):
            let path = expandingHome(path)
            finish(Interrupts.during(session.engine.cancellation) { session.run(file: path, mode: .cell) })
        case .save(let path):
            try session.save(to: expandingHome(path))
            let count = session.succeededCells.count
            front.show(.output("\(count) \(count == 1 ? "cell" : "cells") written to \(path)\n"))
        case .reset:
            do {
                try session.reset()
            } catch {
                throw error as? Diagnostic ?? Diagnostic("\(error)")
            }
        case .time(nil): front.show(.output(session.timeText(display: front.timeDisplay)))
        case .time(let display?): front.timeDisplay = display
        case .who: front.show(.output(session.namesText(width: windowSize().columns)))
        case .quit: return false
        }
        return true
    }
}
