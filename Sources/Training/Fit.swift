import Datasets
import Files
import Graphs
import Networks
import Scheduling
import Tensors

/// Trains a net.
///
/// Every step is one compiled plan. The result is a pure function of the request: neither the pool's number of threads
/// nor an interruption that is resumed changes a bit of it.
///
/// - Throws: `OperationError` where settings, net, data and loss do not fit (before the first step), `AllocationError`,
///   `NonFiniteLoss`, `Cancelled` where the token says abort, and what the request's closures throw.
public func fit(_ request: FitRequest) throws -> FitResult {
    try FitRun(request).run()
}

/// A training run in progress.
final class FitRun {
    private let request: FitRequest
    private let memory: ParameterMemory
    private let evaluator: Evaluator
    /// Nil where images are not mixed.
    private let mixing: BatchMixing?
    private let source: BatchSource
    /// For full batches, and for the short one that ends an epoch.
    private let fullStep: TrainingStep
    private let shortStep: TrainingStep?
    /// Where gradients are gathered over several batches, and what then moves the weights.
    private let gathered: (gradients: Tensor, update: UpdateStep)?
    /// What bounds the weights after each step.
    private let constraint: ConstraintStep?
    private let stepsPerEpoch: Int
    private let totalSteps: Int
    private let hasClasses: Bool
    private let notes: [String]
    private var state: TrainingState
    /// The optimizer's schedules until the next validation.
    private var scheduled: ScheduledSettings
    private let secondsBefore: Double
    private var meter: ProgressMeter
    /// Steps with full batches taken here.
    private var fullSteps = 0

    /// Steps of which the losses get room beforehand.
    private static let reservedSteps = 1 << 20

    init(_ request: FitRequest) throws {
        try request.check()
        var request = request
        let (batch, note) = request.settledBatch
        if let state = request.resume {
            request.weights = state.weights
            request.seed = state.seed
            request.precision = state.weights.entries.first?.tensor.elementType ?? request.precision
        }
        try request.checkMemory()
        let memory = try request.initialMemory()

        let size = request.train.size
        stepsPerEpoch = request.stepsPerEpoch
        totalSteps = request.totalSteps
        if request.accumulated > 1 {
            let gradients = try Tensor(repeating: 0, memory.theta.type)
            gathered = (gradients, try UpdateStep(request, memory: memory, gathered: gradients))
        } else {
            gathered = nil
        }
        constraint = try ConstraintStep(request, memory: memory)
        let pool = request.pool
        let augmentation = try request.augmentation.map {
            try TracedAugmentation($0, for: request.train, seed: request.seed, builder: GraphBuilder(pool: pool))
        }
        mixing = try augmentation.flatMap { augmentation in
            try augmentation.mixing.map { try BatchMixing(share: $0, key: augmentation.key, pool: pool) }
        }
        let mixes = mixing != nil
        let step = { [request, gradients = gathered?.gradients] (count: Int) throws -> TrainingStep in
            try TrainingStep(request, count: count, memory: memory, gathered: gradients, mixes: mixes)
        }
        fullStep = try step(batch)
        fullStep.plan.isTimed = request.isProfiled
        shortStep = size % batch == 0 ? nil : try step(size % batch)
        state =
            request.resume
            ?? TrainingState(
                weights: memory.current, optimizer: request.optimizer.name, optimizerStates: [], dataSize: size,
                batch: batch, accumulated: request.accumulated, seed: request.seed)
        if state.history.metrics.isEmpty {
            state.history.metrics = request.metrics.map { MeasuredMetric(name: $0.name, values: []) }
        }
        state.history.stepLoss.reserveCapacity(min(totalSteps, FitRun.reservedSteps))
        state.history.learningRate.reserveCapacity(min(totalSteps, FitRun.reservedSteps))
        scheduled = try ScheduledSettings(request.optimizer, over: request.course(after: state.history))
        secondsBefore = state.seconds
        let augmenters = try augmentation.map { augmentation in
            try (0..<pool.threads).map { _ in try ImageAugmenter(augmentation, pool: pool) }
        }
        source = try BatchSource(
            dataset: request.train,
            options: BatchSource.Options(
                batchSize: batch, seed: request.seed, epochs: request.epochs, firstEpoch: state.epoch,
                firstStep: min(state.stepInEpoch * request.accumulated, request.batchesPerEpoch)),
            transformations: augmenters ?? [], submit: { pool.submitBackground($0) })
        evaluator = Evaluator(
            request.definition, for: request.train, loss: request.loss, elementType: request.precision,
            memory: memory.tensor, pool: pool)
        hasClasses = request.train.classCount > 0
        notes = [note, request.repetitionNote].compactMap(\.self)
        meter = ProgressMeter(isActive: request.progress != nil)
        self.memory = memory
        self.request = request
    }

    func run() throws -> FitResult {
        send(.started)
        let reason = try train()
        return try finish(reason)
    }

    // MARK: Steps and epochs

    private func train() throws -> StopReason {
        while state.epoch < request.epochs {
            while state.stepInEpoch < stepsPerEpoch {
                if try isStopRequested() { return .interrupted }
                if state.step >= totalSteps { return .stepLimit }
                try takeStep()
            }
            guard try endEpoch() else { return .interrupted }
            if let stop = request.stop, state.epoch - state.bestEpoch >= stop.patience { return .early }
        }
        return .finished
    }

    /// - Throws: `Cancelled` where the work is to be thrown away.
    private func isStopRequested() throws -> Bool {
        switch request.cancellation?.level ?? .none {
        case .none: return false
        case .requested: return true
        case .aborted: throw Cancelled()
        }
    }

    private func takeStep() throws {
        let values = try scheduled.values(at: state.step + 1)
        let (loss, samples) = gathered == nil ? try takeBatch(values) : try gatherBatches(values)
        try constraint?.run()
        state.step += 1
        state.stepInEpoch += 1
        state.samples += samples
        state.lossSum += loss * Double(samples)
        state.history.stepLoss.append(Float(loss))
        if let rate = scheduled.learningRate(among: values) { state.history.learningRate.append(rate) }
        if meter.step(samples: samples, loss: loss) { send(.step) }
    }

    /// A step on one batch: its loss, and how many samples it has.
    private func takeBatch(_ values: [Double]) throws -> (loss: Double, samples: Int) {
        let batch = try nextBatch()
        return (try run(batch, at: state.stepInEpoch, number: state.step + 1, values), batch.count)
    }

    /// A step on several batches, of which each has the share of its samples: their mean loss and all samples.
    private func gatherBatches(_ values: [Double]) throws -> (loss: Double, samples: Int) {
        guard let gathered else { preconditionFailure("nothing gathers gradients") }
        let first = state.stepInEpoch * request.accumulated
        let count = min(request.accumulated, request.batchesPerEpoch - first)
        let samples = min(count * state.batch, request.train.size - first * state.batch)
        var loss = 0.0
        for index in 0..<count {
            let batch = try nextBatch()
            let share = Double(batch.count) / Double(samples)
            let number = state.step * request.accumulated + index + 1
            loss += try share * run(batch, at: first + index, number: number, [share])
        }
        try gathered.update.run(step: state.step + 1, scheduled: values)
        withExtendedLifetime(gathered.gradients.storage) {
            _ = gathered.gradients.pointer.initializeMemory(
                as: UInt8.self, repeating: 0, count: gathered.gradients.byteCount)
        }
        return (loss, samples)
    }

    private func nextBatch() throws -> BatchSource.Batch {
        guard let batch = try source.next() else { preconditionFailure("the batches ended before the epochs") }
        return batch
    }

    /// Runs the plan of a batch, the `index`-th of its epoch; gives its loss.
    private func run(_ batch: BatchSource.Batch, at index: Int, number: Int, _ values: [Double]) throws -> Double {
        let step = batch.count == state.batch ? fullStep : shortStep ?? fullStep
        do {
            let mixed = try mixing?.share(epoch: state.epoch, step: index)
            let (loss, correct) = try step.run(batch, step: number, scheduled: values, mixed: mixed)
            state.correct += correct
            if step === fullStep { fullSteps += 1 }
            return loss
        } catch let value as NonFiniteValue {
            throw NonFiniteLoss(value, epoch: state.epoch + 1, step: state.stepInEpoch + 1)
        }
    }

    /// Validates and enters the epoch into the history. False where it was stopped before; the epoch then ends anew
    /// when the run is resumed.
    private func endEpoch() throws -> Bool {
        var validation: Evaluation?
        if let data = request.validation {
            validation = try evaluate(data, keepsOutputs: !request.metrics.isEmpty)
            if validation == nil { return false }
        }
        let epochLoss = state.lossSum / Double(state.samples)
        state.history.loss.append(epochLoss)
        if hasClasses { state.history.accuracy.append(Double(state.correct) / Double(state.samples)) }
        if let loss = validation?.loss {
            state.history.validationLoss.append(loss)
            scheduled = try ScheduledSettings(request.optimizer, over: request.course(after: state.history))
        }
        if let accuracy = validation?.accuracy { state.history.validationAccuracy.append(accuracy) }
        if let said = validation?.said {
            for (index, metric) in request.metrics.enumerated() {
                state.history.metrics[index].values.append(try metric.value(said.targets, said.outputs))
            }
        }
        state.epoch += 1
        if request.stop != nil, let loss = validation?.loss, loss < state.bestLoss || state.bestWeights == nil {
            state.bestLoss = loss
            state.bestEpoch = state.epoch
            state.bestWeights = try memory.weights()
        }
        send(.epoch)
        state.stepInEpoch = 0
        state.lossSum = 0
        state.correct = 0
        state.samples = 0
        if let checkpoint = request.checkpoint, state.epoch % checkpoint.everyEpochs == 0 {
            do { try snapshot().save(to: checkpoint.path) } catch let error as FileError {
                throw OperationError(error.message, expected: error.expected, argument: "checkpoint")
            }
        }
        return true
    }

    /// - Returns: nil where it was stopped.
    private func evaluate(_ data: Dataset, keepsOutputs: Bool = false) throws -> Evaluation? {
        let evaluation = try meter.evaluating {
            try evaluator.evaluate(data, keepsOutputs: keepsOutputs, cancellation: request.cancellation)
        }
        if evaluation == nil, request.cancellation?.isAborted ?? false { throw Cancelled() }
        return evaluation
    }

    /// Takes one step, and ends its epoch where it was the last one of it; gives the loss of the step.
    func advance() throws -> Double {
        try takeStep()
        if state.stepInEpoch == stepsPerEpoch { _ = try endEpoch() }
        return Double(state.history.stepLoss.last ?? .nan)
    }

    // MARK: The end

    private func finish(_ reason: StopReason) throws -> FitResult {
        var reason = reason
        let final = try snapshot()
        var result = FitResult(
            weights: final.weights, history: final.history, trainAccuracy: nil, testAccuracy: nil, stopReason: reason,
            seconds: final.seconds, seed: request.seed, notes: notes, profile: profile, state: final)
        if reason != .interrupted, request.stop != nil, let best = state.bestWeights {
            result.weights = best
            memory.load(best)
        }
        if reason != .interrupted, hasClasses {
            result.testAccuracy = validatedAccuracy
            if result.testAccuracy == nil, let data = request.validation {
                result.testAccuracy = try evaluate(data)?.accuracy
            }
            result.trainAccuracy = try evaluate(request.train)?.accuracy
            if result.trainAccuracy == nil { reason = .interrupted }
        }
        result.stopReason = reason
        result.seconds = secondsBefore + meter.elapsed
        send(reason == .interrupted ? .interrupted : .finished)
        return result
    }

    private var profile: StepProfile? {
        guard request.isProfiled else { return nil }
        return StepProfile(fullStep.plan.steps, steps: fullSteps, arenaBytes: fullStep.plan.arenaBytes)
    }

    /// The accuracy that the resulting weights had when they were validated; nil where they were not.
    private var validatedAccuracy: Double? {
        if request.stop != nil, state.bestWeights != nil {
            let index = state.bestEpoch - 1
            return state.history.validationAccuracy.indices.contains(index)
                ? state.history.validationAccuracy[index] : nil
        }
        guard state.stepInEpoch == 0, state.history.validationAccuracy.count == state.epoch else { return nil }
        return state.history.validationAccuracy.last
    }

    private func snapshot() throws -> TrainingState {
        var snapshot = state
        snapshot.weights = try memory.weights()
        snapshot.optimizerStates = try zip(request.optimizer.states, memory.states).map {
            ($0.0.name, try $0.1.copied())
        }
        snapshot.seconds = secondsBefore + meter.elapsed
        return snapshot
    }

    private func send(_ kind: TrainingProgress.Kind) {
        guard let progress = request.progress else { return }
        let samples = Double(max(state.samples, 1))
        let isRunning = state.samples > 0
        let isInEpoch = kind == .started || (isRunning && kind != .epoch)
        let epoch = state.epoch + (isInEpoch ? 1 : 0)
        progress(
            TrainingProgress(
                kind: kind, task: "fit \(request.definition.name)", epoch: max(1, min(epoch, request.epochs)),
                epochs: request.epochs, step: state.step, steps: totalSteps,
                counting: request.train.sampleShape.count == 3 ? .images : .samples,
                loss: isRunning ? state.lossSum / samples : state.history.loss.last ?? .nan,
                accuracy: !hasClasses
                    ? nil : isRunning ? Double(state.correct) / samples : state.history.accuracy.last,
                validationLoss: state.history.validationLoss.last,
                validationAccuracy: state.history.validationAccuracy.last,
                samplesPerSecond: meter.samplesPerSecond,
                secondsLeft: meter.secondsLeft(steps: totalSteps - state.step), elapsed: meter.elapsed,
                lossCurve: meter.curve.points))
    }
}
