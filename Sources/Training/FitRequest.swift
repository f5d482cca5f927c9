import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// Something that is added to the loss for each weight that it is for.
public struct Regularizer {
    /// Which weights it is for; nil for all that are trained.
    public var selector: Selector?
    /// The penalty of one weight: a scalar.
    public var penalty: (_ weight: Node, _ builder: GraphBuilder) throws -> Node

    public init(
        on selector: Selector? = nil, penalty: @escaping (_ weight: Node, _ builder: GraphBuilder) throws -> Node
    ) {
        self.selector = selector
        self.penalty = penalty
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
