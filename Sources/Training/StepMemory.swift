import Datasets
import Graphs
import Networks
import Tensors

/// What memory a `fit` takes, by what it is for, known before anything is allocated.
public struct StepMemory {
    /// Samples a step.
    public let batch: Int
    /// Numbers to start from, and the ones that steps change.
    public let weights: Int
    /// States of the optimizer.
    public let optimizer: Int
    /// Weights and states once more: the copy that is the result.
    public let result: Int
    /// Two batches: the one in work, and the next.
    public let input: Int
    /// At the fullest moment of a step: what the forward pass left, and what the backward pass has made so far.
    public let activations: Int
    public let gradients: Int
    /// Scratch of kernels, and gaps between results in the arena.
    public let workspace: Int
    /// The largest results of a step, largest first.
    public let largest: [PlanAllocationError.Item]

    public var total: Int {
        [weights, optimizer, result, input, activations, gradients, workspace].saturatingSum { $0 }
    }

    /// Plans a step of `batch` samples.
    ///
    /// - Throws: as `checkFit`.
    public init(_ request: FitRequest, batch: Int) throws {
        let reserved = try request.reservedWeights()
        let memory = try ParameterMemory(
            reserved, optimizer: request.optimizer, resumed: nil, elementType: request.precision, isReserved: true)
        let inputs = BatchInputs(count: batch, dataset: request.train, elementType: request.precision)
        let outline = try PlanOutline(
            TrainingStep.description(request, inputs: inputs, memory: memory).0, pool: request.pool)

        self.batch = batch
        let all = reserved.entries.saturatingSum { $0.tensor.byteCount }
        weights = all.saturatingMultiply(2)
        optimizer = memory.states.saturatingSum(\.byteCount)
        result = all.saturatingAdd(optimizer)
        let samples = (inputs.sampleSize + inputs.labelSize).saturatingMultiply(batch)
        input = samples.saturatingMultiply(2 * MemoryLayout<Float>.size)
            .saturatingAdd(outline.byteCount - min(outline.byteCount, outline.arenaBytes))
        let fullest = outline.fullest
        activations = fullest.forward
        gradients = fullest.backward
        workspace = max(0, outline.arenaBytes - fullest.forward - fullest.backward)
        largest = outline.largest(5)
    }
}

extension FitRequest {
    /// All weights as they would be, frozen or not, without their numbers.
    func reservedWeights() throws -> Weights {
        let specifications = try TracedNetwork(
            definition, sampleShape: Shape(train.sampleShape), batch: settledBatch.batch, elementType: precision,
            builder: GraphBuilder(pool: pool)
        ).specifications
        return try Weights(
            reserving: specifications, elementType: precision,
            isFrozen: { name in
                frozen.contains { $0.matches(name) } || weights?.isFrozen(name) ?? false
            })
    }
}

/// Why a training was refused before anything was allocated.
public struct TrainingMemoryError: Error, Sendable, Equatable {
    public var network: String
    public var batch: Int
    public var requestedBytes: Int
    public var limitBytes: Int
    /// The largest results of a step, largest first.
    public var largest: [PlanAllocationError.Item]
    /// The largest batch that fits; 0 where none does.
    public var fittingBatch: Int
}

extension FitRequest {
    /// Refuses what does not fit into memory.
    ///
    /// - Parameter limit: bytes that there are.
    /// - Throws: `TrainingMemoryError`, and as `checkFit`.
    func checkMemory(limit: Int? = AvailableMemory.bytes) throws {
        guard let limit else { return }
        let batch = settledBatch.batch
        // Far from the limit nothing has to be planned.
        let summary = try NetworkSummary(
            definition, sampleShape: Shape(train.sampleShape), elementType: precision, pool: pool)
        let states = 3 + optimizer.states.count
        let rough = summary.weightBytes.saturatingMultiply(4 + 2 * states)
            .saturatingAdd(summary.activationBytes.saturatingMultiply(batch).saturatingMultiply(StepMemory.safety))
        if rough < limit { return }
        // More than a block may hold at all: said in the words of every such tensor.
        guard summary.weightBytes <= Storage.limitBytes else {
            throw AllocationError(requestedBytes: summary.weightBytes, limitBytes: Storage.limitBytes)
        }

        let needed = try StepMemory(self, batch: batch)
        guard needed.total > limit else { return }
        throw TrainingMemoryError(
            network: definition.name, batch: batch, requestedBytes: needed.total, limitBytes: limit,
            largest: needed.largest, fittingBatch: try fittingBatch(below: needed, limit))
    }

    /// Memory grows with the batch along a line: two plans tell it, a third one proves the answer.
    private func fittingBatch(below large: StepMemory, _ limit: Int) throws -> Int {
        let small = try StepMemory(self, batch: 1)
        guard small.total <= limit, large.batch > 1 else { return 0 }
        let slope = Double(large.total - small.total) / Double(large.batch - 1)
        var batch = max(1, min(large.batch - 1, 1 + Int(Double(limit - small.total) / slope)))
        while batch > 1, try StepMemory(self, batch: batch).total > limit { batch -= max(1, batch / 20) }
        return batch
    }
}

extension StepMemory {
    /// Layer outputs, their gradients and what lies between them never take this many times the layer outputs.
    fileprivate static let safety = 12
}
