import Figures
import Language
import Notebook
import Training

/// Shows events as text: on a terminal with a live progress line and figures, else as plain lines.
final class TextFront: NotebookFront {
    /// Whether values and times are shown, as at the prompt, and not only what the program prints.
    var showsValues = false
    /// Which cells' times are shown; only on a terminal.
    var timeDisplay = PromptCommand.TimeDisplay.on
    /// Whether nothing but prints, warnings and errors is shown.
    private let isQuiet: Bool
    private let style = TerminalStyle.detect(isTerminal: StandardOutput.isTerminal)
    private let errorStyle = TerminalStyle.detect(isTerminal: StandardError.isTerminal)
    private var hasLiveLine = false

    /// The shortest training, in seconds, that gets a progress line: one that is over at once would only flicker.
    private static let shortestShownTraining = 0.3

    init(isQuiet: Bool = false) { self.isQuiet = isQuiet }

    func show(_ event: NotebookEvent) {
        switch event {
        case .output(let text):
            clearLiveLine()
            StandardOutput.write(text)
        case .echo(let text):
            clearLiveLine()
            if showsValues && !isQuiet { StandardOutput.write(text + "\n") }
        case .figure(let figure):
            clearLiveLine()
            guard StandardOutput.isTerminal, !isQuiet else { return }
            let size = windowSize()
            let rows = min(24, max(8, size.rows - 4))
            let text = figure.terminal(columns: size.columns, rows: rows, color: style.usesColor)
            StandardOutput.write(text.hasSuffix("\n") ? text : text + "\n")
        case .progress(let progress):
            if !isQuiet { show(progress) }
        case .diagnostic(let diagnostic):
            clearLiveLine()
            StandardError.write(render(diagnostic))
        case .interrupted(let message):
            clearLiveLine()
            StandardError.write(message.hasSuffix("\n") ? message : message + "\n")
        case .finished(let report):
            clearLiveLine()
            guard showsValues, !isQuiet, StandardOutput.isTerminal, timeDisplay.shows(report.seconds) else { return }
            StandardOutput.write(style.render(durationText(seconds: report.seconds), 2) + "\n")
        }
    }

    private func show(_ progress: TrainingProgress) {
        let text = ProgressText(progress)
        guard style.movesCursor else {
            switch progress.kind {
            case .interrupted: StandardOutput.write(text.summary + "\n")
            case .epoch: if !progress.isTrial { StandardOutput.write(text.summary + "\n") }
            case .finished: if progress.isTrial { StandardOutput.write(text.summary + "\n") }
            case .started, .step: break
            }
            return
        }
        switch progress.kind {
        case .started: break
        case .step, .epoch:
            guard hasLiveLine || progress.elapsed >= Self.shortestShownTraining else { return }
            // One column stays free: a full row would wrap on some terminals.
            StandardOutput.write("\r\(text.live(width: windowSize().columns - 1))\u{1B}[K")
            hasLiveLine = true
        case .finished, .interrupted:
            guard hasLiveLine || progress.kind == .interrupted else { return }
            clearLiveLine()
            StandardOutput.write(text.summary + "\n")
        }
    }

    private func render(_ diagnostic: Diagnostic) -> String {
        // As wide as the terminal, but no wider than lines are easily read.
        let width = StandardError.isTerminal ? min(120, windowSize().columns) : 100
        return DiagnosticRenderer(usesColor: errorStyle.usesColor, width: width).render(diagnostic)
    }

    private func clearLiveLine() {
        guard hasLiveLine else { return }
        hasLiveLine = false
        StandardOutput.write("\r\u{1B}[K")
    }
}
