import Datasets
import Graphs
import Tensors

extension FitRequest {
    /// Samples a step, and what to tell about it.
    var settledBatch: (batch: Int, note: String?) {
        let wanted = batch ?? resume?.batch ?? (train.size >= 10_000 ? 128 : 32)
        guard wanted > train.size else { return (wanted, nil) }
        let note = "batch \(wanted) is larger than the \(train.size) samples: every step takes all of them"
        return (train.size, batch == nil ? nil : note)
    }

    /// Steps of an epoch.
    public var stepsPerEpoch: Int {
        max(1, (batchesPerEpoch + accumulated - 1) / max(1, accumulated))
    }

    var batchesPerEpoch: Int {
        let batch = settledBatch.batch
        return (train.size + batch - 1) / batch
    }

    /// Steps of the run, those before a resume included.
    var totalSteps: Int {
        min(epochs.saturatingMultiply(stepsPerEpoch), maximumSteps ?? Int.max)
    }

    /// What schedules may know after the epochs of a history.
    func course(after history: TrainingHistory) -> Schedule.Course {
        Schedule.Course(
            steps: totalSteps, stepsPerEpoch: stepsPerEpoch,
            validationLoss: validation == nil ? nil : history.validationLoss)
    }

    /// The epochs that so many steps take, the last one perhaps in part.
    public func epochs(forSteps steps: Int) -> Int { steps / stepsPerEpoch + (steps % stepsPerEpoch > 0 ? 1 : 0) }

    /// What to tell where samples are validated that the net is trained on.
    var repetitionNote: String? {
        guard let validation else { return nil }
        let (count, first) = validation.repeating(train)
        guard count > 0, let first else { return nil }
        return
            "\(count) of the \(validation.size) samples that validate are in the training data too, the first of them "
            + "is \(first): their results say nothing about new data; duplicates(data) lists them"
    }

    /// Refuses what can be seen to be wrong before anything is traced.
    ///
    /// - Throws: `OperationError`.
    func check() throws {
        func require(
            _ isRight: Bool, _ argument: String?, _ message: String, expected: String, found: String,
            hint: String? = nil
        ) throws {
            guard isRight else {
                throw OperationError(message, expected: expected, found: found, hint: hint, argument: argument)
            }
        }
        if let batch {
            try require(
                batch >= 1, "batch", "batch is \(batch)", expected: "1 or more samples a step", found: "\(batch)",
                hint: "leave it out to have it chosen")
        }
        try require(
            accumulated >= 1, "accumulate", "accumulate is \(accumulated)", expected: "1 or more batches a step",
            found: "\(accumulated)")
        for (name, bound) in [("clip_value", clipping.value), ("clip_norm", clipping.norm)] {
            guard let bound else { continue }
            try require(
                bound > 0, name, "\(name) is \(bound)", expected: "a number over 0", found: "\(bound)",
                hint: "leave it out for gradients as they are")
        }
        for (name, numbers) in [("rate_factors", rateFactors), ("decay", decay)] {
            for selected in numbers {
                try require(
                    selected.number >= 0 && selected.number.isFinite, name, "\(name) has \(selected.number)",
                    expected: "numbers of 0 or more", found: "\(selected.number)")
            }
        }
        try require(
            metrics.isEmpty || validation != nil, "metrics", "metrics are measured on validation data",
            expected: "validate: data", found: "no validation data", hint: "add validate: data.test")
        try require(epochs >= 0, "epochs", "epochs is \(epochs)", expected: "0 or more", found: "\(epochs)")
        if let maximumSteps {
            try require(
                maximumSteps >= 0, "steps", "steps is \(maximumSteps)", expected: "0 or more",
                found: "\(maximumSteps)")
        }
        try require(
            train.size > 0, nil, "\(train.name) has no samples to train on", expected: "1 or more", found: "0")
        if let validation {
            try require(
                validation.size > 0, "validate", "\(validation.name) has no samples to validate with",
                expected: "1 or more",
                found: "0")
            try require(
                validation.sampleShape == train.sampleShape, "validate",
                "\(validation.name) is no validation data for \(train.name)",
                expected: "samples \(Shape(train.sampleShape))", found: "samples \(Shape(validation.sampleShape))")
            try require(
                validation.classCount == train.classCount && validation.labelSize == train.labelSize, "validate",
                "\(validation.name) is no validation data for \(train.name)", expected: FitRequest.text(train),
                found: FitRequest.text(validation))
        }
        if let stop {
            try require(
                stop.patience >= 1, "stop", "patience is \(stop.patience)", expected: "1 epoch or more",
                found: "\(stop.patience)")
            try require(
                validation != nil, "stop", "early stopping needs a validation loss", expected: "validate: data",
                found: "no validation data", hint: "add validate: data.test")
        }
        if let checkpoint {
            try require(
                checkpoint.everyEpochs >= 1, "checkpoint", "checkpoint is every \(checkpoint.everyEpochs) epochs",
                expected: "1 epoch or more", found: "\(checkpoint.everyEpochs)")
        }
        try require(
            !epochs.multipliedReportingOverflow(by: train.size).overflow, "epochs", "epochs is \(epochs)",
            expected: "a number that can be counted", found: "\(epochs)")
        try optimizer.check()
        try checkResume()
    }

    private func checkResume() throws {
        guard let resume else { return }
        if let batch, batch != resume.batch, settledBatch.batch != resume.batch {
            throw OperationError(
                "a run is resumed with the batch that it began with", expected: "batch \(resume.batch)",
                found: "batch \(batch)", hint: "leave batch out")
        }
        guard resume.dataSize == train.size else {
            throw OperationError(
                "a run is resumed on the data that it began with", expected: "\(resume.dataSize) samples",
                found: "\(train.size) samples")
        }
        guard resume.accumulated == accumulated else {
            throw OperationError(
                "a run is resumed with as many batches a step as it began with",
                expected: "accumulate: \(resume.accumulated)", found: "accumulate: \(accumulated)",
                argument: "accumulate")
        }
        let measured = resume.history.metrics.map(\.name)
        guard resume.epoch == 0 || measured == metrics.map(\.name) else {
            throw OperationError(
                "a run is resumed with the metrics that it began with",
                expected: measured.isEmpty ? "none" : measured.joined(separator: ", "),
                found: metrics.isEmpty ? "none" : metrics.map(\.name).joined(separator: ", "), argument: "metrics")
        }
        let steps = stepsPerEpoch
        guard resume.stepInEpoch <= steps else {
            throw OperationError(
                "the run's state is after more steps than an epoch has", expected: "at most \(steps)",
                found: "\(resume.stepInEpoch)")
        }
        guard resume.optimizer == optimizer.name else {
            throw OperationError(
                "a run is resumed with the optimizer that it began with", expected: resume.optimizer,
                found: optimizer.name)
        }
    }

    private static func text(_ data: Dataset) -> String {
        switch data.target {
        case .classes(let names): "\(names.count) classes"
        case .values(let width): "\(width) values"
        }
    }
}
