import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// How long one and the same computation took each time that it was run.
public struct StepTimes: Sendable {
    /// One for each run.
    public var seconds: [Double]
    /// Samples that a run computes on; nil where there are none.
    public var samples: Int?
    /// What a run consists of, with the seconds of all timed runs (`timedRuns`), which come after those in `seconds`.
    public var steps: [PlanStep]
    public var timedRuns: Int
    /// Bytes of the plan's results and scratch.
    public var arenaBytes: Int

    public var median: Double {
        let sorted = seconds.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Of one run, by the costs that the operation table states.
    public var multiplyAdds: Int { steps.saturatingSum(\.cost.multiplyAdds) }
}

/// Times training steps, all on the first batch of the request's data.
///
/// - Parameters:
///   - runs: steps that are timed, at least 1.
///   - warmUp: steps before them.
/// - Throws: as `fit`; `Cancelled` where the request's token says so.
public func timeTraining(_ request: FitRequest, runs: Int, warmUp: Int) throws -> StepTimes {
    try request.check()
    let batch = request.settledBatch.batch
    let memory = try request.initialMemory()
    let step = try TrainingStep(request, count: batch, memory: memory)
    let source = try BatchSource(
        dataset: request.train, options: BatchSource.Options(batchSize: batch, seed: request.seed, buffers: 1))
    guard let samples = try source.next() else { preconditionFailure("data without a batch") }
    let scheduled = try ScheduledSettings(request.optimizer, over: request.course(after: TrainingHistory()))
    var number = 0
    return try measure(step.plan, samples: batch, runs: runs, warmUp: warmUp, request.cancellation) {
        number += 1
        do {
            _ = try step.run(samples, step: number, scheduled: scheduled.values(at: number))
        } catch let value as NonFiniteValue {
            throw NonFiniteLoss(value, epoch: 1, step: number)
        }
    }
}

/// Times a net in evaluation mode on the first `batch` samples of a dataset.
public func timePrediction(
    _ definition: any NetworkDefinition, on data: Dataset, batch: Int, seed: UInt64, runs: Int, warmUp: Int,
    cancellation: CancellationToken?, pool: ThreadPool
) throws -> StepTimes {
    let weights = try initialWeights(definition, sampleShape: Shape(data.sampleShape), seed: seed, pool: pool)
    let evaluation = try Evaluator.EvaluationPlan(
        definition, for: data, count: batch, loss: nil, elementType: .float32, memory: { weights[$0] }, pool: pool)
    let source = try BatchSource(
        dataset: data, options: BatchSource.Options(batchSize: batch, isShuffled: false, buffers: 1))
    guard let samples = try source.next() else { preconditionFailure("data without a batch") }
    evaluation.inputs.feed(evaluation.plan, samples)
    return try measure(evaluation.plan, samples: batch, runs: runs, warmUp: warmUp, cancellation) {
        try evaluation.plan.run()
    }
}

/// Times a function of tensors, compiled.
///
/// - Parameter body: is called once with placeholders of the inputs' types.
public func timeFunction(
    of inputs: [Tensor], runs: Int, warmUp: Int, cancellation: CancellationToken?, pool: ThreadPool,
    _ body: (_ inputs: [Node], _ builder: GraphBuilder) throws -> [Node]
) throws -> StepTimes {
    let builder = GraphBuilder(pool: pool)
    let nodes = inputs.enumerated().map { builder.placeholder("input\($0.offset + 1)", $0.element.type) }
    let outputs = try body(nodes, builder)
    let plan = try Plan(
        PlanDescription(inputs: [], variables: Array(zip(nodes, inputs)).map { ($0.0, $0.1) }, outputs: outputs),
        pool: pool)
    return try measure(plan, samples: nil, runs: runs, warmUp: warmUp, cancellation) { try plan.run() }
}

/// Steps that are run once more to time each of a plan's steps.
private let timedRunCount = 10

private func measure(
    _ plan: Plan, samples: Int?, runs: Int, warmUp: Int, _ cancellation: CancellationToken?, _ run: () throws -> Void
) throws -> StepTimes {
    let clock = ContinuousClock()
    func once() throws -> Double {
        if cancellation?.isCancelled ?? false { throw Cancelled() }
        let start = clock.now
        try run()
        return start.duration(to: clock.now).seconds
    }
    for _ in 0..<warmUp { _ = try once() }
    let seconds = try (0..<max(runs, 1)).map { _ in try once() }
    plan.isTimed = true
    let timed = min(timedRunCount, max(runs, 1))
    for _ in 0..<timed { _ = try once() }
    plan.isTimed = false
    return StepTimes(
        seconds: seconds, samples: samples, steps: plan.steps, timedRuns: timed, arenaBytes: plan.arenaBytes)
}
