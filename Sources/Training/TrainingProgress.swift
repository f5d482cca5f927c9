/// What long work tells while it runs.
public struct TrainingProgress: Sendable {
    public enum Kind: Sendable {
        /// Before the first step.
        case started
        /// Between two steps; at most ten a second.
        case step
        /// An epoch has ended and was validated.
        case epoch
        case finished
        /// Stopped on request; the result can be resumed.
        case interrupted
    }

    /// What the speed is told in.
    public enum Counted: String, Sendable { case images, samples, steps }

    public var kind: Kind
    /// `fit LeNet`, `minimize`, `trial 3/10 adam(1e-3)`.
    public var task: String
    /// One of many trainings that run side by side: of such a one a log tells the end only.
    public var isTrial = false
    /// Counted from 1.
    public var epoch: Int
    public var epochs: Int
    /// Counted from 1 over the whole run; 0 before the first step.
    public var step: Int
    public var steps: Int
    /// Mean over the epoch so far; the value reached, for `minimize`.
    public var loss: Double
    /// Share of the epoch's samples so far that were classified rightly; nil where there are no classes.
    public var accuracy: Double?
    /// Of the last epoch that was validated.
    public var validationLoss: Double?
    public var validationAccuracy: Double?
    public var counting: Counted
    public var samplesPerSecond: Double
    public var secondsLeft: Double
    public var elapsed: Double
    /// The loss from the first step on, thinned to at most 60 points.
    public var lossCurve: [Double]

    public init(
        kind: Kind, task: String, epoch: Int, epochs: Int, step: Int, steps: Int, counting: Counted = .samples,
        loss: Double,
        accuracy: Double? = nil, validationLoss: Double? = nil, validationAccuracy: Double? = nil,
        samplesPerSecond: Double, secondsLeft: Double, elapsed: Double, lossCurve: [Double]
    ) {
        self.kind = kind
        self.task = task
        self.epoch = epoch
        self.epochs = epochs
        self.step = step
        self.steps = steps
        self.loss = loss
        self.accuracy = accuracy
        self.validationLoss = validationLoss
        self.validationAccuracy = validationAccuracy
        self.counting = counting
        self.samplesPerSecond = samplesPerSecond
        self.secondsLeft = secondsLeft
        self.elapsed = elapsed
        self.lossCurve = lossCurve
    }
}
