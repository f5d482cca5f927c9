import Datasets
import Graphs
import Networks
import Tensors

/// One training step for batches of one size, compiled: forward, loss, regularizers, derivatives, update.
final class TrainingStep {
    let plan: Plan
    private let inputs: BatchInputs
    private let classes: Int?
    private let elementType: ElementType
    /// Indices of the plan's outputs.
    private let lossOutput: Int
    private let netOutput: Int
    /// Index of the input with the share of mixed images.
    private let shareInput: Int?

    /// Index of the first of the step's own inputs: samples and targets are before.
    private static let firstStepInput = 2

    /// - Parameter mixes: whether the images of a batch are mixed (`BatchMixing`).
    init(_ request: FitRequest, count: Int, memory: ParameterMemory, mixes: Bool = false) throws {
        let builder = GraphBuilder(pool: request.pool)
        elementType = request.precision
        let optimizer = request.optimizer
        inputs = BatchInputs(count: count, dataset: request.train, elementType: elementType)
        let stepInputs = OptimizerTrace.StepInputs(optimizer, builder: builder)
        let share = mixes ? builder.placeholder("share", TensorType(.float64, .scalar)) : nil
        let traced = try TracedNetwork(
            share.map { MixedNetwork(inner: request.definition, share: $0) } ?? request.definition,
            sampleShape: Shape(request.train.sampleShape), batch: count,
            elementType: elementType, isTraining: true, step: stepInputs.step, seed: request.seed, builder: builder)
        classes = try Head.classes(of: request.train.target, output: traced.output, name: traced.name)

        builder.scope = "loss"
        let labels = inputs.labelNode(for: request.train.target, builder: builder)
        var loss = try TrainingStep.loss(request, labels, traced.output, builder)
        if let share {
            let other = try TrainingStep.loss(
                request, BatchMixing.partners(of: labels, builder), traced.output, builder)
            loss = try BatchMixing.between(loss, other, share: share, builder)
        }
        builder.scope = "regularizer"
        let objective = try TrainingStep.adding(
            request.regularizers, to: loss, of: traced, trained: Set(memory.slots.map(\.name)), builder)
        builder.scope = nil

        var description = PlanDescription(
            inputs: [traced.input, labels] + stepInputs.all + [share].compactMap { $0 }, variables: [],
            outputs: [objective], updates: [])
        for (specification, node) in traced.trace.weights {
            guard let tensor = memory.tensor(specification.name) else {
                preconditionFailure("no memory for \(specification.name)")
            }
            description.variables.append((node, tensor))
        }
        builder.pass = .update
        try TrainingStep.update(
            &description, of: traced, objective: objective, optimizer: optimizer, inputs: stepInputs, memory, builder)
        for update in traced.trace.updates where memory.isStatistic(update.name) {
            description.updates.append((update.node, update.value))
        }
        if loss !== objective { description.outputs.append(loss) }
        lossOutput = description.outputs.count - 1
        description.outputs.append(traced.output)
        netOutput = description.outputs.count - 1
        shareInput = share == nil ? nil : description.inputs.count - 1
        plan = try Plan(description, pool: request.pool)
    }

    private static func loss(
        _ request: FitRequest, _ labels: Node, _ output: Node, _ builder: GraphBuilder
    ) throws -> Node {
        try Head.scalar(request.loss(labels, output, builder), "the loss", request.precision, builder: builder)
    }

    /// The objective: the loss and the penalties of all regularised weights.
    static func adding(
        _ regularizers: [Regularizer], to loss: Node, of traced: TracedNetwork, trained: Set<String>,
        _ builder: GraphBuilder
    ) throws -> Node {
        let all = traced.specifications.map(\.name)
        var objective = loss
        for regularizer in regularizers {
            if let selector = regularizer.selector, !all.contains(where: selector.matches) {
                throw WeightMismatch.selectsNothing(selector, among: all, argument: "regularize")
            }
            for (specification, node) in traced.trace.weights where trained.contains(specification.name) {
                guard regularizer.selector?.matches(specification.name) ?? true else { continue }
                let penalty = try Head.scalar(
                    regularizer.penalty(node, builder), "the penalty of '\(specification.name)'",
                    argument: "regularize",
                    loss.elementType, builder: builder)
                objective = try builder.add(objective, penalty)
            }
        }
        return objective
    }

    /// Adds the optimizer: over all parameters at once where its rule is elementwise, else weight by weight.
    private static func update(
        _ description: inout PlanDescription, of traced: TracedNetwork, objective: Node,
        optimizer: OptimizerDefinition, inputs: OptimizerTrace.StepInputs, _ memory: ParameterMemory,
        _ builder: GraphBuilder
    ) throws {
        let nodes = Dictionary(uniqueKeysWithValues: traced.trace.weights.map { ($0.specification.name, $0.node) })
        let weights = memory.slots.compactMap { nodes[$0.name] }
        let gradients = try builder.gradient(of: objective, wrt: weights)
        let type = memory.theta.elementType
        func add(_ theta: Node, _ gradient: Node, states: [Tensor]) throws {
            let stateNodes = zip(optimizer.states, states).map { builder.placeholder($0.0.name, $0.1.type) }
            let trace = try OptimizerTrace(
                optimizer, theta: theta, gradient: gradient, states: stateNodes, inputs: inputs, builder: builder)
            description.variables += Array(zip(stateNodes, states)).map { (node: $0.0, memory: $0.1) }
            description.updates.append((theta, trace.theta))
            for (old, new) in zip(stateNodes, trace.states) where old !== new { description.updates.append((old, new)) }
        }
        if OptimizerTrace.isElementwise(optimizer, elementType: type, builder: builder) {
            let flat = try gradients.map { try builder.reshape($0, to: [$0.shape.count]) }
            let theta = builder.placeholder("theta", memory.theta.type)
            description.variables.append((theta, memory.theta))
            try add(theta, builder.joined(flat), states: memory.states)
        } else {
            for (index, slot) in memory.slots.enumerated() {
                try add(
                    weights[index], gradients[index], states: memory.states.map { memory.view(of: $0, at: slot) })
            }
        }
    }

    /// Takes step number `step` (from 1) with a batch, whose images are mixed with this share; gives its loss and the number of samples classified rightly.
    ///
    /// - Parameter scheduled: values of the optimizer's schedules at this step.
    /// - Throws: `NonFiniteValue` with the weights as they were.
    func run(
        _ batch: BatchSource.Batch, step: Int, scheduled: [Double], share: Double? = nil
    ) throws -> (loss: Double, correct: Int) {
        inputs.feed(plan, batch)
        plan.inputPointer(TrainingStep.firstStepInput).storeBytes(of: Double(step), as: Double.self)
        for (index, value) in scheduled.enumerated() {
            plan.inputPointer(TrainingStep.firstStepInput + 1 + index).storeBytes(of: value, as: Double.self)
        }
        if let shareInput, let share { plan.inputPointer(shareInput).storeBytes(of: share, as: Double.self) }
        try plan.run(guarding: 0)
        let loss = PlanOutput.scalar(plan.output(lossOutput), elementType)
        guard let classes else { return (loss, 0) }
        let correct = PlanOutput.countCorrect(
            plan.output(netOutput), elementType, labels: batch.labels, count: batch.count, classes: classes)
        return (loss, correct)
    }
}

extension GraphBuilder {
    /// Vectors one after the other.
    fileprivate func joined(_ vectors: [Node]) throws -> Node {
        guard vectors.count > 1, let concat = OperationTable["concat"] else { return vectors[0] }
        return try apply(concat, vectors, ["axis": .integer(0)])
    }
}
