import Language
import Training

/// The values of the settings `stop` and `checkpoint` of a `fit`.
enum StoppingRules {
    static let all: [Builtin] = [
        Builtin(
            "early", ["patience: 3"],
            "A rule for fit's setting stop: ends the training after so many epochs without a new lowest validation loss.",
            example:
                "fn careful(net, data) = fit net on data.train { validate: data.test, stop: early(patience: 2) }   "
                + "# -> none"
        ) { arguments in
            let patience = try arguments.count(0, unit: .epochs, default: 3)
            guard patience >= 1 else { throw arguments.wrong(0, expected: "1 epoch or more") }
            return .object(EarlyStoppingValue(EarlyStopping(patience: patience)))
        },
        Builtin(
            "every", ["epochs", "path:"],
            "A rule for fit's setting checkpoint: writes the state of the run after every so many epochs, by default to "
                + "build/NET.checkpoint.safetensors.",
            example: "fn kept(net, data) = fit net on data.train { checkpoint: every(1 epoch) }   # -> none"
        ) { arguments in
            let epochs = try arguments.count(0, unit: .epochs, default: 1)
            guard epochs >= 1 else { throw arguments.wrong(0, expected: "1 epoch or more") }
            return .object(CheckpointValue(epochs: epochs, path: arguments.has(1) ? try arguments.text(1) : nil))
        },
    ]
}

/// `early(patience: 3)`.
final class EarlyStoppingValue: ObjectValue {
    let stopping: EarlyStopping

    init(_ stopping: EarlyStopping) { self.stopping = stopping }

    var typeName: String { "stopping rule" }
    func preview() -> String { "early(patience: \(stopping.patience))" }
}

/// `every(1 epoch)`.
final class CheckpointValue: ObjectValue {
    let epochs: Int
    /// Nil for a file named after the net.
    let path: String?

    init(epochs: Int, path: String?) {
        self.epochs = epochs
        self.path = path
    }

    var typeName: String { "checkpoint rule" }
    func preview() -> String { "every(\(epochs) epochs)" }
}
