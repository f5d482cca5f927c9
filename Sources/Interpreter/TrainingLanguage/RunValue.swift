import Figures
import Language
import Networks
import Tensors
import Training

/// What a `fit` gave.
final class RunValue: ObjectValue {
    let evaluation: FitEvaluation
    /// Nil while the script is checked.
    let result: FitResult?
    let network: NetworkValue

    init(_ evaluation: FitEvaluation, _ result: FitResult?) {
        self.evaluation = evaluation
        self.result = result
        network =
            result.map {
                evaluation.network.with(weights: $0.weights, sampleShape: Shape(evaluation.data.sampleShape))
            } ?? evaluation.network.expecting(sampleShape: Shape(evaluation.data.sampleShape))
    }

    /// The same run for another machine, where the one that it began on was a trial's.
    convenience init(_ run: RunValue, on machine: Machine) {
        self.init(run.evaluation.on(machine), run.result)
    }

    var typeName: String { "run" }

    func preview() -> String {
        guard let result else { return "run of \(network.name)" }
        var parts = ["run of \(network.name): \(result.state.step) steps"]
        if let loss = result.history.loss.last { parts.append("loss \(shortNumberText(loss, digits: 4))") }
        if let accuracy = result.trainAccuracy {
            parts.append("train accuracy \(shortNumberText(accuracy, digits: 4))")
        }
        if let accuracy = result.testAccuracy { parts.append("test accuracy \(shortNumberText(accuracy, digits: 4))") }
        parts.append("\(shortNumberText(result.seconds, digits: 3)) s")
        if result.stopReason != .finished { parts.append(result.stopReason.rawValue) }
        return parts.joined(separator: ", ")
    }

    var fieldNames: [String] {
        ["net", "history", "schedule", "train_accuracy", "test_accuracy", "stopped", "steps", "seconds", "seed"]
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        guard fieldNames.contains(name) else { return nil }
        if name == "net" { return .object(network) }
        guard let result else { return .unknown }
        switch name {
        case "history":
            let history = result.history
            let metrics: [(name: String, value: Value)] = try history.metrics.map {
                (name: "val_" + $0.name, value: try machine.vector($0.values))
            }
            return .record(
                Record(
                    [
                        ("loss", try machine.vector(history.loss)), ("accuracy", try machine.vector(history.accuracy)),
                        ("val_loss", try machine.vector(history.validationLoss)),
                        ("val_accuracy", try machine.vector(history.validationAccuracy)),
                        ("step_loss", try machine.vector(history.stepLoss)),
                        ("learning_rate", try machine.vector(history.learningRate)),
                    ] + metrics))
        case "schedule": return .object(TakenSchedule(result.history.learningRate, of: network.name))
        case "train_accuracy": return result.trainAccuracy.map(Value.number) ?? Value.none
        case "test_accuracy": return result.testAccuracy.map(Value.number) ?? Value.none
        case "stopped": return .string(result.stopReason.rawValue)
        case "steps": return .number(Double(result.state.step))
        case "seconds": return .number(result.seconds)
        default: return .number(Double(result.seed))
        }
    }

    /// Loss by epoch (by step where there is one epoch), and accuracy beside it where there are classes.
    func figure(_ machine: Machine) throws -> Figure? {
        guard let result else { return nil }
        let history = result.history
        let epochs = history.loss.indices.map { Double($0 + 1) }
        var panels: [Figure.Panel] = []
        var series: [Series] = []
        if history.loss.count > 1 {
            series.append(.line(x: epochs, y: history.loss, label: "training"))
            if !history.validationLoss.isEmpty {
                series.append(.line(x: epochs, y: history.validationLoss, label: "validation"))
            }
            panels.append(
                .plot(
                    Plot(
                        title: "loss", x: Axis(label: "epoch", wholeNumbers: true), y: Axis(label: "loss"),
                        series: series)))
        } else {
            let steps = history.stepLoss.indices.map { Double($0 + 1) }
            series.append(.line(x: steps, y: history.stepLoss.map(Double.init), label: "training"))
            panels.append(
                .plot(
                    Plot(
                        title: "loss", x: Axis(label: "step", wholeNumbers: true), y: Axis(label: "loss"),
                        series: series)))
        }
        if history.accuracy.count > 1 {
            var lines: [Series] = [.line(x: epochs, y: history.accuracy, label: "training")]
            if !history.validationAccuracy.isEmpty {
                lines.append(.line(x: epochs, y: history.validationAccuracy, label: "validation"))
            }
            panels.append(
                .plot(
                    Plot(
                        title: "accuracy", x: Axis(label: "epoch", wholeNumbers: true), y: Axis(label: "accuracy"),
                        series: lines)))
        }
        return Figure(title: network.name, panels: panels)
    }
}
