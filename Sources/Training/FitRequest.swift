import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// Something that is added to the loss for each weight that it is for, or that changes the weight after each step.
public struct Regularizer {
    /// What it does to one weight.
    public struct Effect {
        /// A scalar, added to the loss.
        public var penalty: Node?
        /// What the weight becomes.
        public var weight: Node?

        public init(penalty: Node? = nil, weight: Node? = nil) {
            self.penalty = penalty
            self.weight = weight
        }
    }

    /// Which weights it is for; nil for all that are trained.
    public var selector: Selector?
    public var effect: (_ weight: Node, _ builder: GraphBuilder) throws -> Effect

    public init(
        on selector: Selector? = nil, effect: @escaping (_ weight: Node, _ builder: GraphBuilder) throws -> Effect
    ) {
        self.selector = selector
        self.effect = effect
    }

    /// A penalty: a scalar for each weight.
    public init(
        on selector: Selector? = nil, penalty: @escaping (_ weight: Node, _ builder: GraphBuilder) throws -> Node
    ) {
        self.init(on: selector, effect: { weight, builder in Effect(penalty: try penalty(weight, builder)) })
    }
}

/// Stops a run whose validation loss no longer falls; the weights of its best epoch are the result.
public struct EarlyStopping: Sendable {
    /// Epochs without a new lowest validation loss, at least 1.
    public var patience: Int

    public init(patience: Int) {
        self.patience = patience
    }
}

/// Writes the state of a run every so many epochs, from which it can be resumed.
public struct Checkpoint: Sendable {
    /// At least 1.
    public var everyEpochs: Int
    /// A safetensors file, replaced each time.
    public var path: String

    public init(everyEpochs: Int, path: String) {
        self.everyEpochs = everyEpochs
        self.path = path
    }
}

/// A number that tells how well a net does on a whole split.
public struct Metric {
    public var name: String
    /// Of all targets, `[samples]` or `[samples, width]`, and all outputs, `[samples, …]`; both float64.
    public var value: (_ targets: Tensor, _ outputs: Tensor) throws -> Double

    public init(_ name: String, value: @escaping (_ targets: Tensor, _ outputs: Tensor) throws -> Double) {
        self.name = name
        self.value = value
    }
}

/// Everything that `fit` needs to know.
public struct FitRequest {
    /// The loss of a batch: a scalar, a mean over the batch. `y` is `[batch]` class numbers or `[batch, width]` values.
    public typealias Loss = (_ y: Node, _ output: Node, _ builder: GraphBuilder) throws -> Node

    public var definition: any NetworkDefinition
    /// Weights to start from; what the net has beyond them is drawn from `seed`.
    public var weights: Weights?
    /// Weights that are to stay as they are, besides those that `weights` holds frozen.
    public var frozen: [Selector]
    public var train: Dataset
    /// Changes the images of `train` each time that they are trained on, and never those that are evaluated.
    public var augmentation: (any AugmentationDefinition)?
    /// Evaluated after every epoch.
    public var validation: Dataset?
    public var loss: Loss
    public var regularizers: [Regularizer]
    public var optimizer: OptimizerDefinition
    public var clipping: GradientClipping
    /// Batches whose gradients make one step, at least 1: the mean over all their samples.
    public var accumulated: Int
    /// What the learning rate is multiplied by, 1 for weights that are not selected.
    public var rateFactors: [SelectedNumber]
    /// Decay apart from the gradient: before each step a weight loses this times the learning rate of itself.
    public var decay: [SelectedNumber]
    /// Measured on the validation split after every epoch.
    public var metrics: [Metric]
    /// Of the whole run, those before a resume included.
    public var epochs: Int
    /// Ends the run after so many steps in all, where that comes first.
    public var maximumSteps: Int?
    /// Samples a step; nil for 32, or 128 from 10 000 samples on.
    public var batch: Int?
    /// Of the first weights and of the order of samples.
    public var seed: UInt64
    /// Of weights and activations.
    public var precision: ElementType
    public var stop: EarlyStopping?
    public var checkpoint: Checkpoint?
    /// Goes on from here instead of beginning; `weights`, `seed` and `precision` are then those of
    /// the state.
    public var resume: TrainingState?
    public var cancellation: CancellationToken?
    public var progress: ((TrainingProgress) -> Void)?
    /// Whether the time of each layer is measured (`FitResult.profile`).
    public var isProfiled: Bool
    public var pool: ThreadPool

    public init(
        _ definition: any NetworkDefinition, on train: Dataset, loss: @escaping Loss, optimizer: OptimizerDefinition
    ) {
        self.definition = definition
        self.train = train
        self.loss = loss
        self.optimizer = optimizer
        weights = nil
        frozen = []
        augmentation = nil
        validation = nil
        regularizers = []
        clipping = GradientClipping()
        accumulated = 1
        rateFactors = []
        decay = []
        metrics = []
        epochs = 10
        maximumSteps = nil
        batch = nil
        seed = 0
        precision = .float32
        stop = nil
        checkpoint = nil
        resume = nil
        cancellation = nil
        progress = nil
        isProfiled = false
        pool = .shared
    }
}
