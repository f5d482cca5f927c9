import Graphs
import Networks
import Tensors

/// The numbers that training changes: all trained weights one after the other in one block, as large a block for
/// each state of the optimizer, and the running statistics.
///
/// Plans are bound to this memory and write to it.
final class ParameterMemory {
    /// A trained weight and its place in the block.
    struct Slot {
        let name: String
        let shape: Shape
        let offset: Int
    }

    /// Trained weights in order.
    let slots: [Slot]
    /// `[parameters]`.
    let theta: Tensor
    /// `[parameters]` each, in the order of the optimizer's definition.
    let states: [Tensor]
    /// Weights that are no parameters and that steps change all the same, such as running statistics; not frozen.
    private let statistics: [String: Tensor]
    /// Names, order and flags of all weights, and the numbers of those that are not changed.
    private var template: Weights
    private let slotsByName: [String: Slot]

    /// The error for a net of which training would change nothing.
    static func nothingToTrain(of names: [String]) -> OperationError {
        guard let first = names.first else {
            return OperationError(
                "the net has no weights to train", hint: "add a layer with weights, such as dense", argument: "net")
        }
        return OperationError(
            "there is nothing to train: all weights are frozen",
            expected: "one of \(WeightMismatch.list(names)) to be free",
            hint: "leave some out of what is frozen, such as \"** except \(first)\", or unfreeze(net)",
            argument: "freeze")
    }

    /// Copies `weights`, or only reserves addresses for them where the memory is to be measured.
    ///
    /// - Throws: `OperationError` where nothing is to be trained or `resumed` states do not fit.
    init(
        _ weights: Weights, optimizer: OptimizerDefinition, resumed: [(name: String, tensor: Tensor)]?,
        elementType: ElementType, isReserved: Bool = false
    ) throws {
        var slots: [Slot] = []
        var offset = 0
        for entry in weights.entries where entry.isTrainable && !entry.isFrozen {
            slots.append(Slot(name: entry.name, shape: entry.tensor.shape, offset: offset))
            offset += entry.tensor.count
        }
        guard offset > 0 else {
            throw ParameterMemory.nothingToTrain(of: weights.entries.map(\.name))
        }
        self.slots = slots
        slotsByName = Dictionary(uniqueKeysWithValues: slots.map { ($0.name, $0) })
        template = weights
        statistics = try Dictionary(
            uniqueKeysWithValues: weights.entries.filter { !$0.isTrainable && !$0.isFrozen }.map {
                ($0.name, isReserved ? $0.tensor : try $0.tensor.copied())
            })
        let type = TensorType(elementType, [offset])
        theta = try isReserved ? Tensor(reserving: type) : Tensor(uninitialized: type)
        if isReserved {
            states = try optimizer.states.map { _ in try Tensor(reserving: type) }
            return
        }
        if let resumed {
            guard resumed.map(\.name) == optimizer.states.map(\.name), resumed.allSatisfy({ $0.tensor.type == type })
            else {
                throw OperationError(
                    "the run cannot be resumed: the state of its optimizer does not fit",
                    expected: ParameterMemory.list(optimizer.states.map { ($0.name, type) }),
                    found: ParameterMemory.list(resumed.map { ($0.name, $0.tensor.type) }),
                    hint: "resume with the optimizer and the frozen weights that it began with")
            }
            states = try resumed.map { try $0.tensor.copied() }
        } else {
            states = try optimizer.states.map { try Tensor(repeating: $0.initial, type) }
        }
        load(weights)
        // Nothing but the block holds the trained numbers from here on.
        for slot in slots { try template.set(slot.name, to: view(of: theta, at: slot)) }
    }

    private static func list(_ states: [(name: String, type: TensorType)]) -> String {
        states.isEmpty ? "no states" : states.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    }

    /// Layers whose statistics steps leave alone: they use the ones that they have.
    var settledLayers: Set<String> { template.layersWithFrozenStatistics }

    /// Whether steps may change a weight that is no parameter.
    func isStatistic(_ name: String) -> Bool { statistics[name] != nil }

    /// Overwrites the weights that training changes with those of the same names.
    func load(_ weights: Weights) {
        for slot in slots {
            guard let tensor = weights[slot.name] else { continue }
            precondition(tensor.type == TensorType(theta.elementType, slot.shape))
            tensor.copyElements(to: view(of: theta, at: slot).pointer)
        }
        for (name, memory) in statistics {
            guard let tensor = weights[name] else { continue }
            precondition(tensor.type == memory.type)
            tensor.copyElements(to: memory.pointer)
        }
    }

    /// The memory of one weight: a part of the block where it is trained.
    func tensor(_ name: String) -> Tensor? {
        slotsByName[name].map { view(of: theta, at: $0) } ?? statistics[name] ?? template[name]
    }

    /// The part of a block that belongs to one weight.
    func view(of block: Tensor, at slot: Slot) -> Tensor {
        Tensor(
            elementType: block.elementType, shape: slot.shape, storage: block.storage,
            offset: block.offset + slot.offset)
    }

    /// The part of a block that belongs to slots which follow each other, `[numbers]`.
    func view(of block: Tensor, over slots: [Slot]) -> Tensor {
        Tensor(
            elementType: block.elementType, shape: [slots.reduce(0) { $0 + $1.shape.count }], storage: block.storage,
            offset: block.offset + (slots.first?.offset ?? 0))
    }

    /// All weights as views of the memory that steps change.
    var current: Weights { template }

    /// All weights as they are now, in memory of their own.
    func weights() throws -> Weights {
        let copy = try theta.copied()
        var weights = template
        for slot in slots { try weights.set(slot.name, to: view(of: copy, at: slot)) }
        for (name, memory) in statistics { try weights.set(name, to: memory.copied()) }
        return weights
    }
}

extension FitRequest {
    /// The memory of all weights with the numbers that training begins with.
    ///
    /// - Throws: as `fit`.
    func initialMemory() throws -> ParameterMemory {
        var weights = try initialWeights(
            definition, sampleShape: Shape(train.sampleShape), seed: seed, precision: precision, keeping: weights,
            pool: pool)
        for selector in frozen { try weights.setFrozen(true, selector) }
        try rateFactors.check(among: weights.entries.map(\.name), argument: "rate_factors")
        try decay.check(among: weights.entries.map(\.name), argument: "decay")
        return try ParameterMemory(
            weights, optimizer: optimizer, resumed: resume?.optimizerStates, elementType: precision)
    }
}

extension Tensor {
    /// The same numbers in memory of their own.
    func copied() throws -> Tensor {
        let copy = try Tensor(uninitialized: type)
        copyElements(to: copy.pointer)
        return copy
    }

    /// Writes all elements to `target`.
    func copyElements(to target: UnsafeMutableRawPointer) {
        withExtendedLifetime(storage) { target.copyMemory(from: pointer, byteCount: byteCount) }
    }
}
