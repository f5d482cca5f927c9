/// A number that runs are compared by: a column of the table that `compare` and `sweep` give.
public struct TrialMeasure: Sendable {
    /// Which way is better.
    public enum Goal: Sendable {
        case low, high
    }

    /// `test_accuracy`.
    public let name: String
    /// `test accuracy`.
    public var title: String { name.split(separator: "_").joined(separator: " ") }
    /// Nil for what does not tell a better run from a worse one.
    public let goal: Goal?
    /// Nil where a run has no such number.
    public let value: @Sendable (FitResult) -> Double?

    /// In the order of the columns.
    public static let all: [TrialMeasure] = [
        TrialMeasure(name: "loss", goal: .low) { result in
            if let epoch = result.resultEpoch(of: result.history.loss) { return result.history.loss[epoch] }
            // Less than an epoch was trained.
            let steps = result.history.stepLoss
            return steps.isEmpty ? nil : steps.reduce(0) { $0 + Double($1) } / Double(steps.count)
        },
        TrialMeasure(name: "val_loss", goal: .low, value: validationLoss),
        TrialMeasure(name: "train_accuracy", goal: .high) { $0.trainAccuracy },
        TrialMeasure(name: "test_accuracy", goal: .high) { $0.testAccuracy },
        TrialMeasure(name: "gap", goal: nil) { result in
            if let train = result.trainAccuracy { return result.testAccuracy.map { train - $0 } }
            guard let loss = result.resultEpoch(of: result.history.loss) else { return nil }
            return validationLoss(result).map { $0 - result.history.loss[loss] }
        },
        TrialMeasure(name: "seconds", goal: nil) { $0.seconds },
    ]

    @Sendable private static func validationLoss(_ result: FitResult) -> Double? {
        result.resultEpoch(of: result.history.validationLoss).map { result.history.validationLoss[$0] }
    }

    /// The names of those that a run will have.
    public static func names(hasClasses: Bool, isValidated: Bool) -> [String] {
        all.map(\.name).filter { name in
            switch name {
            case "val_loss", "gap": isValidated
            case "train_accuracy": hasClasses
            case "test_accuracy": hasClasses && isValidated
            default: true
            }
        }
    }
}

extension FitResult {
    /// The place in a list of epochs of the one that the weights are of; nil where it is not in the list.
    fileprivate func resultEpoch(of epochs: [Double]) -> Int? {
        let last = state.bestWeights == nil ? epochs.count - 1 : state.bestEpoch - 1
        return epochs.indices.contains(last) ? last : nil
    }
}
