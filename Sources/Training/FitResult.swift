import Networks
import Tensors

/// Why a run ended.
public enum StopReason: String, Sendable {
    /// All epochs are done.
    case finished
    /// `maximumSteps` were taken.
    case stepLimit = "step limit"
    /// The validation loss had not fallen for `patience` epochs.
    case early = "early stop"
    /// Somebody asked for it; the run can be resumed.
    case interrupted
    /// `minimize` left the region where numbers make sense.
    case diverged
}

/// A metric on the validation split.
public struct MeasuredMetric: Sendable, Equatable {
    public var name: String
    /// After each epoch.
    public var values: [Double]
}

/// The course of a run.
public struct TrainingHistory: Sendable, Equatable {
    /// Mean training loss of each epoch, without the regularizers' part, measured during the epoch.
    public var loss: [Double] = []
    /// Share of the training samples classified rightly during each epoch; empty where there are no classes.
    public var accuracy: [Double] = []
    /// Of the validation split after each epoch; empty where there is none.
    public var validationLoss: [Double] = []
    public var validationAccuracy: [Double] = []
    /// The metrics, each with its value after each epoch.
    public var metrics: [MeasuredMetric] = []
    /// Training loss of each step.
    public var stepLoss: [Float] = []
    /// The learning rate of each step; empty for an optimizer that has none.
    public var learningRate: [Double] = []

    public init() {}
}

/// What `fit` gives.
public struct FitResult: Sendable {
    /// The trained weights: the last ones, or with early stopping those of the epoch with the lowest validation loss.
    public var weights: Weights
    public var history: TrainingHistory
    /// Over the whole training split at the end, in evaluation mode. Nil without classes or where the run was
    /// interrupted.
    public var trainAccuracy: Double?
    /// Over the validation split, likewise; nil where there is none.
    public var testAccuracy: Double?
    public var stopReason: StopReason
    /// Of the whole run, those before a resume included.
    public var seconds: Double
    public var seed: UInt64
    /// Things worth telling, such as a batch that was larger than the data.
    public var notes: [String]
    /// Of the steps with full batches, where the request asked for it.
    public var profile: StepProfile?
    /// From which the run goes on bit for bit.
    public var state: TrainingState
}
