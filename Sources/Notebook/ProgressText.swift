import Figures

/// One line that tells how far a training is, for a terminal or a log.
public struct ProgressText {
    private let progress: TrainingProgress

    /// A line about `progress`.
    public init(_ progress: TrainingProgress) { self.progress = progress }

    /// The line that a terminal shows while the training runs, at most `width` columns: what matters least is left out
    /// first, and the curve of the loss takes the room that is left.
    public func live(width: Int) -> String {
        // Each part with its rank: the higher, the sooner it goes.
        var parts: [(text: String, rank: Int)] = [(progress.task, 5)]
        if progress.epochs > 1 { parts.append(("epoch \(progress.epoch)/\(progress.epochs)", 2)) }
        parts.append(("step \(progress.step)/\(progress.steps)", progress.epochs > 1 ? 4 : 1))
        parts.append(("loss \(formatted("%.4g", progress.loss))", 0))
        if let accuracy = progress.accuracy { parts.append(("accuracy \(formatted("%.4f", accuracy))", 3)) }
        if let rate { parts.append((rate, 6)) }
        if progress.secondsLeft.isFinite, progress.secondsLeft > 0 {
            parts.append(("\(durationText(seconds: progress.secondsLeft)) left", 3))
        }
        func line() -> String { parts.map(\.text).joined(separator: "  ") }
        while line().count > width, let last = parts.map(\.rank).max(), last > 0 {
            parts.removeAll { $0.rank == last }
        }
        let text = String(line().prefix(max(0, width)))
        let room = width - text.count - 2
        guard room >= 8, progress.lossCurve.count > 1 else { return text }
        return text + "  " + sparkline(progress.lossCurve, width: min(room, 30))
    }

    /// The line that stays: of an epoch in a log, or of the whole training at its end.
    public var summary: String {
        var parts = [progress.task]
        switch progress.kind {
        case .finished where progress.epochs > 1: parts.append("\(progress.epochs) epochs")
        case .finished, .started: break
        case .step, .epoch, .interrupted:
            if progress.epochs > 1 { parts.append("epoch \(progress.epoch)/\(progress.epochs)") }
        }
        parts.append(progress.kind == .finished ? "\(progress.step) steps" : "step \(progress.step)/\(progress.steps)")
        parts.append("loss \(formatted("%.4f", progress.loss))")
        if let accuracy = progress.accuracy { parts.append("accuracy \(formatted("%.4f", accuracy))") }
        if let loss = progress.validationLoss { parts.append("val_loss \(formatted("%.4f", loss))") }
        if let accuracy = progress.validationAccuracy { parts.append("val_accuracy \(formatted("%.4f", accuracy))") }
        if let rate { parts.append(rate) }
        parts.append(durationText(seconds: progress.elapsed))
        if progress.kind == .interrupted { parts.append("interrupted") }
        return parts.joined(separator: "  ")
    }

    private var rate: String? {
        guard progress.samplesPerSecond.isFinite, progress.samplesPerSecond > 0 else { return nil }
        return "\(formatted(progress.samplesPerSecond < 10 ? "%.1f" : "%.0f", progress.samplesPerSecond)) images/s"
    }
}
