import Figures
import Training

/// One line that tells how far a training is, for a terminal or a log.
public struct ProgressText {
    private let progress: TrainingProgress

    /// A line about `progress`.
    public init(_ progress: TrainingProgress) { self.progress = progress }

    /// The line that a terminal shows while the training runs, at most `width` columns. In a narrow window its words get
    /// shorter, then what matters least is left out.
    public func live(width: Int) -> String {
        let full = line(of: parts(isCompact: false))
        let curveRoom = width - full.count - 2
        if curveRoom >= Self.shortestCurve {
            let curve = sparkline(progress.lossCurve, width: min(curveRoom, 30))
            return curve.isEmpty ? full : full + "  " + curve
        }
        var parts = parts(isCompact: true)
        while line(of: parts).count > width, let last = parts.map(\.rank).max(), last > 0 {
            parts.removeAll { $0.rank == last }
        }
        return String(line(of: parts).prefix(max(0, width)))
    }

    /// The fewest columns in which a curve tells something.
    private static let shortestCurve = 8

    /// What a line can tell, each with its rank: the higher, the sooner it goes.
    private func parts(isCompact: Bool) -> [(text: String, rank: Int)] {
        let task = isCompact && progress.task.hasPrefix("fit ") ? String(progress.task.dropFirst(4)) : progress.task
        var parts = [(text: task, rank: 7)]
        let hasEpochs = progress.epochs > 1
        if hasEpochs { parts.append(("epoch \(progress.epoch)/\(progress.epochs)", 1)) }
        let step = "\(progress.step)/\(progress.steps)"
        parts.append((isCompact && hasEpochs ? step : "step \(step)", hasEpochs ? 4 : 1))
        parts.append(("loss \(formatted("%.4g", progress.loss))", 0))
        if let accuracy = progress.accuracy {
            parts.append((formatted(isCompact ? "acc %.3f" : "accuracy %.4f", accuracy), 2))
        }
        if let rate = rate(isCompact: isCompact) { parts.append((rate, 6)) }
        if progress.secondsLeft.isFinite, progress.secondsLeft > 0 {
            let left = isCompact ? progress.secondsLeft.rounded() : progress.secondsLeft
            parts.append(("\(durationText(seconds: left)) left", 2))
        }
        let curve = isCompact ? sparkline(progress.lossCurve, width: Self.shortestCurve) : ""
        if !curve.isEmpty { parts.append((curve, 3)) }
        return parts
    }

    private func line(of parts: [(text: String, rank: Int)]) -> String {
        parts.map(\.text).joined(separator: "  ")
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
        if let rate = rate(isCompact: false) { parts.append(rate) }
        parts.append(durationText(seconds: progress.elapsed))
        if progress.kind == .interrupted { parts.append("interrupted") }
        return parts.joined(separator: "  ")
    }

    private func rate(isCompact: Bool) -> String? {
        let rate = progress.samplesPerSecond
        guard rate.isFinite, rate > 0 else { return nil }
        let unit = isCompact && progress.counting == .images ? "img/s" : "\(progress.counting.rawValue)/s"
        if isCompact && rate >= 9950 { return formatted("%.0fk ", rate / 1000) + unit }
        return formatted(rate < 10 ? "%.1f " : "%.0f ", rate) + unit
    }
}
