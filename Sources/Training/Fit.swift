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
        var weights = try initialWeights(
            request.definition, sampleShape: Shape(request.train.sampleShape), seed: request.seed,
            precision: request.precision, keeping: request.weights, pool: request.pool)
        for selector in request.frozen { try weights.setFrozen(true, selector) }
        let memory = try ParameterMemory(
            weights, optimizer: request.optimizer, resumed: request.resume?.optimizerStates,
            elementType: request.precision)

        let size = request.train.size
        stepsPerEpoch = request.stepsPerEpoch
        totalSteps = request.totalSteps
        let pool = request.pool
        let augmentation = try request.augmentation.map {
            try TracedAugmentation($0, for: request.train, seed: request.seed, builder: GraphBuilder(pool: pool))
        }
        mixing = try augmentation.flatMap { augmentation in
            try augmentation.mixing.map { try BatchMixing(share: $0, key: augmentation.key, pool: pool) }
        }
        let mixes = mixing != nil
        fullStep = try TrainingStep(request, count: batch, memory: memory, mixes: mixes)
        fullStep.plan.isTimed = request.isProfiled
        shortStep =
            size % batch == 0 ? nil : try TrainingStep(request, count: size % batch, memory: memory, mixes: mixes)
        state =
            request.resume
            ?? TrainingState(
                weights: weights, optimizer: request.optimizer.name, optimizerStates: [], dataSize: size,
                batch: batch, seed: request.seed)
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
                firstStep: state.stepInEpoch), transformations: augmenters ?? [],
            submit: { pool.submitBackground($0) })
        evaluator = Evaluator(
            request.definition, for: request.train, loss: request.loss, elementType: request.precision,
            memory: memory.tensor, pool: pool)
        hasClasses = request.train.classCount > 0
        notes = note.map { [$0] } ?? []
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
        guard let batch = try source.next() else { preconditionFailure("the batches ended before the epochs") }
        let step = batch.count == state.batch ? fullStep : shortStep ?? fullStep
        let (loss, correct): (Double, Int)
        let values = try scheduled.values(at: state.step + 1)
        do {
            let share = try mixing?.share(epoch: state.epoch, step: state.stepInEpoch)
            (loss, correct) = try step.run(batch, step: state.step + 1, scheduled: values, share: share)
        } catch let value as NonFiniteValue {
            throw NonFiniteLoss(
                epoch: state.epoch + 1, step: state.stepInEpoch + 1, operation: value.operation, name: value.name,
                scope: value.scope, origin: value.origin)
        }
        if step === fullStep { fullSteps += 1 }
        state.step += 1
        state.stepInEpoch += 1
        state.lossSum += loss * Double(batch.count)
        state.correct += correct
        state.samples += batch.count
        state.history.stepLoss.append(Float(loss))
        if let rate = scheduled.learningRate(among: values) { state.history.learningRate.append(rate) }
        if meter.step(samples: batch.count, loss: loss) { send(.step) }
    }

    /// Validates and enters the epoch into the history. False where it was stopped before; the epoch then ends anew
    /// when the run is resumed.
    private func endEpoch() throws -> Bool {
        var validation: Evaluation?
        if let data = request.validation {
            validation = try evaluate(data)
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
    private func evaluate(_ data: Dataset) throws -> Evaluation? {
        let evaluation = try meter.evaluating {
            try evaluator.evaluate(data, cancellation: request.cancellation)
        }
        if evaluation == nil, request.cancellation?.isAborted ?? false { throw Cancelled() }
        return evaluation
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
