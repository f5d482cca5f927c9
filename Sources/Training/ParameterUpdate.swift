import Graphs
import Networks
import Tensors

/// What is done to all gradients before the optimizer sees them.
public struct GradientClipping: Sendable, Equatable {
    /// Bound of each number's absolute value.
    public var value: Double?
    /// Bound of the length of all gradients taken as one vector; applied after `value`.
    public var norm: Double?

    public init(value: Double? = nil, norm: Double? = nil) {
        self.value = value
        self.norm = norm
    }

    /// Added to the length before a bound is divided by it, as in PyTorch's clip_grad_norm_.
    static let epsilon = 1e-6

    /// The clipped gradients.
    func apply(to gradients: [Node], _ builder: GraphBuilder) throws -> [Node] {
        var gradients = gradients
        if let value {
            gradients = try gradients.map { gradient in
                let (low, high) = (
                    try builder.scalar(-value, gradient.elementType), try builder.scalar(value, gradient.elementType)
                )
                return try builder.maximum(low, builder.minimum(high, gradient))
            }
        }
        guard let norm, let first = gradients.first else { return gradients }
        let squares = try gradients.map { try builder.sum(builder.square($0)) }
        let total = try squares.dropFirst().reduce(squares[0]) { try builder.add($0, $1) }
        let length = try builder.add(builder.squareRoot(total), Self.epsilon)
        let factor = try builder.minimum(
            builder.scalar(1, first.elementType), builder.divide(builder.scalar(norm, first.elementType), length))
        return try gradients.map { try builder.multiply($0, factor) }
    }
}

/// A number for the weights that a selector selects, of several the last that does; without selector for all.
public struct SelectedNumber: Sendable {
    public var selector: Selector?
    public var number: Double

    public init(_ number: Double, on selector: Selector? = nil) {
        self.number = number
        self.selector = selector
    }
}

extension [SelectedNumber] {
    /// The number for a weight.
    func number(for name: String, otherwise: Double) -> Double {
        last { $0.selector?.matches(name) ?? true }?.number ?? otherwise
    }

    /// Refuses a selector that selects none of `names`.
    func check(among names: [String], argument: String) throws {
        for case let selector? in map(\.selector) where !names.contains(where: selector.matches) {
            throw WeightMismatch.selectsNothing(selector, among: names, argument: argument)
        }
    }
}

/// The way from the gradients to the new weights: clipping, factors of the learning rate, decay, the optimizer.
struct ParameterUpdate {
    let request: FitRequest
    let memory: ParameterMemory
    let inputs: OptimizerTrace.StepInputs
    let builder: GraphBuilder

    /// Adds the updates of all trained weights: weight by weight, but small ones of an elementwise rule together, as one
    /// weight. A large weight's own update can come right after its gradient, whose memory is free then.
    ///
    /// - Parameters:
    ///   - weights: nodes of the trained weights, in the order of the memory's slots.
    ///   - gradients: likewise.
    func add(to description: inout PlanDescription, weights: [Node], gradients: [Node]) throws {
        let gradients = try request.clipping.apply(to: gradients, builder)
        let names = memory.slots.map(\.name)
        let factors = names.map { request.rateFactors.number(for: $0, otherwise: 1) }
        let decays = names.map { request.decay.number(for: $0, otherwise: 0) }
        let joins = OptimizerTrace.isElementwise(
            request.optimizer, elementType: memory.theta.elementType, builder: builder)
        for group in joins ? groups : memory.slots.indices.map({ $0..<$0 + 1 }) {
            let slots = Array(memory.slots[group])
            let change = RateChange(
                factor: try forAllNumbers(of: slots, Array(factors[group]), neutral: 1, "rate factors", &description),
                decay: try forAllNumbers(of: slots, Array(decays[group]), neutral: 0, "decay", &description))
            if slots.count == 1 {
                try add(
                    to: &description, theta: weights[group.lowerBound], gradient: gradients[group.lowerBound],
                    states: memory.states.map { memory.view(of: $0, at: slots[0]) }, change: change)
            } else {
                let block = memory.view(of: memory.theta, over: slots)
                let theta = builder.placeholder("theta", block.type)
                description.variables.append((theta, block))
                try add(
                    to: &description, theta: theta, gradient: builder.joined(Array(gradients[group])),
                    states: memory.states.map { memory.view(of: $0, over: slots) }, change: change)
            }
        }
    }

    /// Bytes from which on a weight is updated alone, and at which a group of smaller ones is full.
    private static let (large, full) = (1 << 20, 1 << 22)

    /// Slots whose weights are updated together.
    private var groups: [Range<Int>] {
        var groups: [Range<Int>] = []
        var bytes = Self.full
        for (index, slot) in memory.slots.enumerated() {
            let own = TensorType(memory.theta.elementType, slot.shape).byteCount
            if own < Self.large, bytes < Self.full {
                groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<index + 1
                bytes += own
            } else {
                groups.append(index..<index + 1)
                bytes = own < Self.large ? own : Self.full
            }
        }
        return groups
    }

    /// A number for each slot as one for each parameter: nil where none differs from `neutral`.
    private func forAllNumbers(
        of slots: [ParameterMemory.Slot], _ numbers: [Double], neutral: Double, _ name: String,
        _ description: inout PlanDescription
    ) throws -> Node? {
        guard let first = numbers.first, numbers.contains(where: { $0 != neutral }) else { return nil }
        let type = memory.theta.elementType
        if numbers.allSatisfy({ $0 == first }) { return try builder.scalar(first, type) }
        let all = zip(slots, numbers).flatMap { [Double](repeating: $1, count: $0.shape.count) }
        let tensor = try Tensor(all, shape: [all.count]).converted(to: type)
        let node = builder.placeholder(name, tensor.type)
        description.variables.append((node, tensor))
        return node
    }

    private func add(
        to description: inout PlanDescription, theta: Node, gradient: Node, states: [Tensor], change: RateChange
    ) throws {
        let optimizer = request.optimizer
        let stateNodes = zip(optimizer.states, states).map { builder.placeholder($0.0.name, $0.1.type) }
        let trace = try OptimizerTrace(
            optimizer, theta: theta, gradient: gradient, states: stateNodes, inputs: inputs, change: change,
            builder: builder)
        description.variables += Array(zip(stateNodes, states)).map { (node: $0.0, memory: $0.1) }
        description.updates.append((theta, trace.theta))
        for (old, new) in zip(stateNodes, trace.states) where old !== new { description.updates.append((old, new)) }
    }
}

/// The optimizer's part of a step whose gradients were gathered over several batches.
final class UpdateStep {
    private let plan: Plan

    /// - Parameter gathered: `[parameters]`, where the gradients are.
    init(_ request: FitRequest, memory: ParameterMemory, gathered: Tensor) throws {
        let builder = GraphBuilder(pool: request.pool)
        let inputs = OptimizerTrace.StepInputs(request.optimizer, builder: builder)
        func nodes(_ block: Tensor, _ description: inout PlanDescription) -> [Node] {
            memory.slots.map { slot in
                let view = memory.view(of: block, at: slot)
                let node = builder.placeholder(slot.name, view.type)
                description.variables.append((node, view))
                return node
            }
        }
        var description = PlanDescription(inputs: inputs.all)
        builder.pass = .update
        let weights = nodes(memory.theta, &description)
        let gradients = nodes(gathered, &description)
        try ParameterUpdate(request: request, memory: memory, inputs: inputs, builder: builder)
            .add(to: &description, weights: weights, gradients: gradients)
        plan = try Plan(description, pool: request.pool)
    }

    /// Takes step number `step` (from 1).
    func run(step: Int, scheduled: [Double]) throws {
        plan.inputPointer(0).storeBytes(of: Double(step), as: Double.self)
        for (index, value) in scheduled.enumerated() {
            plan.inputPointer(1 + index).storeBytes(of: value, as: Double.self)
        }
        try plan.run()
    }
}

/// What bounds the weights after each step, such as a largest norm.
final class ConstraintStep {
    private let plan: Plan

    /// Nil where no rule changes a weight.
    init?(_ request: FitRequest, memory: ParameterMemory) throws {
        let builder = GraphBuilder(pool: request.pool)
        builder.scope = "regularizer"
        var description = PlanDescription()
        for slot in memory.slots {
            let view = memory.view(of: memory.theta, at: slot)
            let node = builder.placeholder(slot.name, view.type)
            guard let bounded = try request.regularizers.bounded(slot.name, node, builder), bounded !== node else {
                continue
            }
            description.variables.append((node, view))
            description.updates.append((node, bounded))
        }
        guard !description.updates.isEmpty else { return nil }
        plan = try Plan(description, pool: request.pool)
    }

    func run() throws { try plan.run() }
}

extension [Regularizer] {
    /// A weight after all rules that change it; nil where none does.
    func bounded(_ name: String, _ weight: Node, _ builder: GraphBuilder) throws -> Node? {
        var value: Node?
        for rule in self where rule.selector?.matches(name) ?? true {
            guard let next = try rule.effect(value ?? weight, builder).weight else { continue }
            guard next.shape.broadcast(with: weight.shape) == weight.shape else {
                throw OperationError(
                    "a regularizer gives '\(name)' another shape", expected: "\(weight.shape)",
                    found: "\(next.shape)", argument: "regularize")
            }
            value = try builder.broadcast(builder.convert(next, to: weight.elementType), to: weight.shape)
        }
        return value
    }
}

extension GraphBuilder {
    /// The numbers of all nodes one after the other, `[numbers]`.
    func joined(_ nodes: [Node]) throws -> Node {
        let vectors = try nodes.map { try reshape($0, to: [$0.shape.count]) }
        guard vectors.count > 1, let concat = OperationTable["concat"] else { return vectors[0] }
        return try apply(concat, vectors, ["axis": .integer(0)])
    }
}
