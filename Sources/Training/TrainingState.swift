import Files
import Graphs
import Networks
import Tensors

/// A run at a step boundary: all that it takes to go on bit for bit.
public struct TrainingState: Sendable {
    /// Of the last step.
    public var weights: Weights
    public var optimizer: String
    /// States of the optimizer over all trained parameters, each `[parameters]` in the order of the weights.
    public var optimizerStates: [(name: String, tensor: Tensor)]
    /// Steps taken.
    public var step: Int
    /// Epochs finished, their validation included.
    public var epoch: Int
    /// Steps taken in the epoch in progress.
    public var stepInEpoch: Int
    /// Sums over the epoch in progress.
    public var lossSum: Double
    public var correct: Int
    public var samples: Int
    public var history: TrainingHistory
    /// Samples that it trains on.
    public var dataSize: Int
    public var batch: Int
    /// Batches a step.
    public var accumulated: Int
    public var seed: UInt64
    /// Training time so far.
    public var seconds: Double
    /// Early stopping: the lowest validation loss, its weights, and the epochs since.
    public var bestLoss: Double
    public var bestWeights: Weights?
    public var bestEpoch: Int

    /// Reads what `save` wrote.
    ///
    /// - Throws: `OperationError` where the file is no state of a run or is damaged.
    public init(reading path: String) throws {
        let file = try SafetensorsFile(reading: path)
        func text(_ key: String) throws -> String {
            guard let text = file.metadata[key] else {
                throw OperationError("'\(path)' holds no state of a run: it has no '\(key)'")
            }
            return text
        }
        func number<Number: LosslessStringConvertible>(_ key: String) throws -> Number {
            guard let number = Number(try text(key)) else {
                throw OperationError("'\(path)' holds no state of a run: its '\(key)' is no number")
            }
            return number
        }
        func list(_ key: String) -> [Double] { file["history/\(key)"]?.doubles ?? [] }
        let fixed = Set(try text("not trainable").split(separator: "\n").map(String.init))
        let frozen = Set(try text("frozen").split(separator: "\n").map(String.init))
        func weights(_ prefix: String) -> Weights {
            var weights = Weights()
            for (name, tensor) in file.tensors where name.hasPrefix(prefix) {
                let name = String(name.dropFirst(prefix.count))
                weights.append(name, tensor, isTrainable: !fixed.contains(name), isFrozen: frozen.contains(name))
            }
            return weights
        }
        self.weights = weights("weights/")
        optimizer = try text("optimizer")
        optimizerStates = file.tensors.filter { $0.name.hasPrefix("states/") }
            .map { (String($0.name.dropFirst("states/".count)), $0.tensor) }
        step = try number("step")
        epoch = try number("epoch")
        stepInEpoch = try number("step in epoch")
        lossSum = try number("loss sum")
        correct = try number("correct")
        samples = try number("samples")
        history = TrainingHistory()
        history.loss = list("loss")
        history.accuracy = list("accuracy")
        history.validationLoss = list("validation loss")
        history.validationAccuracy = list("validation accuracy")
        history.stepLoss = list("step loss").map { Float($0) }
        history.learningRate = list("learning rate")
        let prefix = "history/metric/"
        history.metrics = file.tensors.filter { $0.name.hasPrefix(prefix) }.map {
            MeasuredMetric(name: String($0.name.dropFirst(prefix.count)), values: $0.tensor.doubles)
        }
        dataSize = try number("data size")
        batch = try number("batch")
        // States of before there was such a setting have one batch a step.
        accumulated = file.metadata["accumulated"] == nil ? 1 : try number("accumulated")
        seed = try number("seed")
        seconds = try number("seconds")
        bestLoss = try number("best loss")
        bestEpoch = try number("best epoch")
        let best = weights("best/")
        bestWeights = best.count > 0 ? best : nil
        let counters = 0...Int(Int32.max)
        guard step >= 0, counters.contains(epoch), counters.contains(stepInEpoch), batch >= 1,
            accumulated >= 1
        else {
            throw OperationError("'\(path)' holds no state of a run: it counts what cannot be")
        }
        guard let bestWeights else { return }
        guard bestWeights.entries.map(\.name) == self.weights.entries.map(\.name),
            zip(bestWeights.entries, self.weights.entries).allSatisfy({ $0.tensor.type == $1.tensor.type })
        else { throw OperationError("'\(path)' holds no state of a run: its best weights are of another net") }
    }

    init(
        weights: Weights, optimizer: String, optimizerStates: [(name: String, tensor: Tensor)], dataSize: Int,
        batch: Int, accumulated: Int, seed: UInt64
    ) {
        self.weights = weights
        self.optimizer = optimizer
        self.optimizerStates = optimizerStates
        self.dataSize = dataSize
        self.batch = batch
        self.accumulated = accumulated
        self.seed = seed
        step = 0
        epoch = 0
        stepInEpoch = 0
        lossSum = 0
        correct = 0
        samples = 0
        history = TrainingHistory()
        seconds = 0
        bestLoss = .infinity
        bestWeights = nil
        bestEpoch = 0
    }

    /// The same state with other weights frozen. What is trained as before keeps the optimizer's states; what is trained
    /// anew begins with first ones, as if the optimizer had not seen it.
    ///
    /// - Parameter changes: in order; a later one wins.
    /// - Throws: `OperationError` where a selector selects nothing.
    public func freezing(
        _ changes: [(selector: Selector, isFrozen: Bool)], optimizer definition: OptimizerDefinition
    ) throws -> TrainingState {
        var state = self
        for change in changes { try state.weights.setFrozen(change.isFrozen, change.selector) }
        func trained(_ weights: Weights) -> [Weights.Entry] {
            weights.entries.filter { $0.isTrainable && !$0.isFrozen }
        }
        var places: [String: Int] = [:]
        var offset = 0
        for entry in trained(weights) {
            places[entry.name] = offset
            offset += entry.tensor.count
        }
        let entries = trained(state.weights)
        state.optimizerStates = try optimizerStates.map { name, old in
            let first = definition.states.first { $0.name == name }?.initial ?? 0
            let new = try Tensor(
                repeating: first, TensorType(old.elementType, [entries.reduce(0) { $0 + $1.tensor.count }]))
            var target = 0
            for entry in entries {
                if let source = places[entry.name] {
                    Tensor(
                        elementType: old.elementType, shape: [entry.tensor.count], storage: old.storage,
                        offset: old.offset + source
                    ).copyElements(to: new.pointer + target * old.elementType.byteCount)
                }
                target += entry.tensor.count
            }
            return (name, new)
        }
        return state
    }

    /// Writes the state as a safetensors file, atomically.
    ///
    /// - Throws: `FileError` where the file cannot be written; an old one is then still there.
    public func save(to path: String) throws {
        func names(_ isIncluded: (Weights.Entry) -> Bool) -> String {
            weights.entries.filter(isIncluded).map(\.name).joined(separator: "\n")
        }
        var tensors = weights.entries.map { ("weights/\($0.name)", $0.tensor) }
        tensors += optimizerStates.map { ("states/\($0.name)", $0.tensor) }
        tensors += (bestWeights?.entries ?? []).map { ("best/\($0.name)", $0.tensor) }
        let lists = [
            ("loss", history.loss), ("accuracy", history.accuracy), ("validation loss", history.validationLoss),
            ("validation accuracy", history.validationAccuracy), ("step loss", history.stepLoss.map { Double($0) }),
            ("learning rate", history.learningRate),
        ]
        let metrics = history.metrics.map { ("metric/\($0.name)", $0.values) }
        tensors += try (lists + metrics).map { ("history/\($0.0)", try Tensor($0.1, shape: [$0.1.count])) }
        let metadata = [
            "not trainable": names { !$0.isTrainable }, "frozen": names(\.isFrozen), "optimizer": optimizer,
            "step": "\(step)", "epoch": "\(epoch)", "step in epoch": "\(stepInEpoch)", "loss sum": "\(lossSum)",
            "correct": "\(correct)", "samples": "\(samples)", "data size": "\(dataSize)", "batch": "\(batch)",
            "accumulated": "\(accumulated)",
            "seed": "\(seed)",
            "seconds": "\(seconds)", "best loss": "\(bestLoss)", "best epoch": "\(bestEpoch)",
        ]
        try writeAtomically(SafetensorsFile(tensors: tensors, metadata: metadata).encoded(), to: path)
    }
}
