import Graphs
import Scheduling
import Tensors

/// Everything that `minimize` needs to know.
public struct MinimizeRequest {
    /// The function: a scalar of a float64 tensor of the start's shape.
    public var function: (_ position: Node, _ builder: GraphBuilder) throws -> Node
    public var start: Tensor
    public var optimizer: OptimizerDefinition
    public var steps: Int
    public var cancellation: CancellationToken?
    public var progress: ((TrainingProgress) -> Void)?
    public var pool: ThreadPool

    public init(
        _ function: @escaping (_ position: Node, _ builder: GraphBuilder) throws -> Node, from start: Tensor,
        optimizer: OptimizerDefinition, steps: Int
    ) {
        self.function = function
        self.start = start
        self.optimizer = optimizer
        self.steps = steps
        cancellation = nil
        progress = nil
        pool = .shared
    }
}

/// What `minimize` gives. All tensors are float64.
public struct MinimizeResult: Sendable {
    /// The last position.
    public var value: Tensor
    /// Positions from the start to the last, `[points] + shape`: one more than steps taken. Where that would be more
    /// than `MinimizeResult.pathLimit` numbers, every k-th and the last.
    public var path: Tensor
    /// The function at each position of the whole way, `[steps taken + 1]`.
    public var history: Tensor
    /// Whether the function became infinite, no number, or 10¹² times as large as at the start (or as 1).
    public var diverged: Bool
    public var stopReason: StopReason
    public var steps: Int

    /// Numbers that a path holds at most: 128 MiB.
    public static let pathLimit = 1 << 24
}

/// Follows an optimizer down a function.
///
/// The function is traced once and each step is a compiled plan; a function that cannot be traced because a condition
/// needs a number (`NeedsValueError`) is run step by step.
///
/// - Throws: `OperationError` where the function's value is not one number or settings are wrong, `Cancelled` where the
///   token says abort, and what the function throws.
public func minimize(_ request: MinimizeRequest) throws -> MinimizeResult {
    guard request.steps >= 0 else {
        throw OperationError("steps is \(request.steps)", expected: "0 or more", found: "\(request.steps)")
    }
    guard request.start.count > 0 else {
        throw OperationError("there is nothing to minimize over", expected: "1 or more numbers", found: "none")
    }
    try request.optimizer.check()
    let point = try MovingPoint(request)
    let stepper: any MinimizingStepper
    do {
        stepper = try PlannedStepper(request, point)
    } catch is NeedsValueError {
        stepper = DirectStepper(request, point)
    }
    return try descend(request, point, stepper)
}

private func descend(
    _ request: MinimizeRequest, _ point: MovingPoint, _ stepper: any MinimizingStepper
) throws -> MinimizeResult {
    var path = PositionPath(shape: request.start.shape, steps: request.steps)
    var history: [Double] = []
    history.reserveCapacity(min(request.steps, 1 << 20) + 1)
    let scheduled = try ScheduledSettings(request.optimizer, over: Schedule.Course(steps: request.steps))
    var meter = ProgressMeter(isActive: request.progress != nil)
    var reason = StopReason.finished
    var bound = Double.infinity
    path.append(point.position)

    func send(_ kind: TrainingProgress.Kind) {
        request.progress?(
            TrainingProgress(
                kind: kind, task: "minimize", epoch: 1, epochs: 1, step: history.count, steps: request.steps,
                counting: .steps,
                loss: history.last ?? .nan, samplesPerSecond: meter.samplesPerSecond,
                secondsLeft: meter.secondsLeft(steps: request.steps - history.count), elapsed: meter.elapsed,
                lossCurve: meter.curve.points))
    }
    func hasDiverged(_ value: Double) -> Bool {
        if history.count == 1 { bound = 1e12 * max(1, abs(value)) }
        return !value.isFinite || abs(value) > bound
    }

    send(.started)
    var taken = 0
    while taken < request.steps {
        let level = request.cancellation?.level ?? .none
        if level == .aborted { throw Cancelled() }
        if level == .requested {
            reason = .interrupted
            break
        }
        let value = try stepper.step(taken + 1, scheduled: scheduled.values(at: taken + 1))
        history.append(value)
        if hasDiverged(value) {
            reason = .diverged
            break
        }
        taken += 1
        path.append(point.position)
        if meter.step(samples: 1, loss: value) { send(.step) }
    }
    if reason != .diverged {
        history.append(try stepper.value())
        if let last = history.last, hasDiverged(last) { reason = .diverged }
    }
    path.finish(point.position)
    send(reason == .interrupted ? .interrupted : .finished)
    return MinimizeResult(
        value: try point.position.copied(), path: try path.tensor(),
        history: try Tensor(history, shape: [history.count]), diverged: reason == .diverged, stopReason: reason,
        steps: taken)
}
