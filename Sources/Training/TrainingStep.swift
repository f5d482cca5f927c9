import Datasets
import Graphs
import Networks
import Tensors

/// One training step for batches of one size, compiled: forward, loss, regularizers, derivatives, update. Where gradients are
/// gathered over several batches, it adds its own to theirs and leaves the update to `UpdateStep`.
final class TrainingStep {
    let plan: Plan
    private let inputs: BatchInputs
    private let classes: ClassOutput?
    private let elementType: ElementType
    /// Indices of the plan's outputs.
    private let lossOutput: Int
    private let netOutput: Int
    /// Index of the input with the share of mixed images.
    private let mixedInput: Int?

    /// Index of the first of the step's own inputs: samples and targets are before.
    private static let firstStepInput = 2

    /// - Parameters:
    ///   - gathered: `[parameters]`, to which the gradients are added; nil where each batch is a step.
    ///   - mixes: whether the images of a batch are mixed (`BatchMixing`).
    init(
        _ request: FitRequest, count: Int, memory: ParameterMemory, gathered: Tensor? = nil, mixes: Bool = false
    ) throws {
        elementType = request.precision
        inputs = BatchInputs(count: count, dataset: request.train, elementType: elementType)
        let description: PlanDescription
        (description, classes, lossOutput) = try TrainingStep.description(
            request, inputs: inputs, memory: memory, gathered: gathered, mixes: mixes)
        netOutput = description.outputs.count - 1
        mixedInput = mixes ? description.inputs.count - 1 : nil
        plan = try Plan(description, pool: request.pool)
    }

    /// The step as a graph; its last output is the net's, `lossOutput` the place of the loss without penalties.
    static func description(
        _ request: FitRequest, inputs: BatchInputs, memory: ParameterMemory, gathered: Tensor? = nil,
        mixes: Bool = false
    ) throws -> (PlanDescription, classes: ClassOutput?, lossOutput: Int) {
        let builder = GraphBuilder(pool: request.pool)
        let stepInputs = OptimizerTrace.StepInputs(request.optimizer, builder: builder)
        let mixed = mixes ? builder.placeholder("mixed share", TensorType(.float64, .scalar)) : nil
        let traced = try TracedNetwork(
            mixed.map { MixedNetwork(inner: request.definition, share: $0) } ?? request.definition,
            sampleShape: Shape(request.train.sampleShape), batch: inputs.count, elementType: inputs.elementType,
            isTraining: true, step: stepInputs.step, seed: request.seed, settledLayers: memory.settledLayers,
            builder: builder)
        let classes = try Head.classes(of: request.train.target, output: traced.output, name: traced.name)

        builder.scope = "loss"
        let labels = inputs.labelNode(for: request.train.target, builder: builder)
        var loss = try TrainingStep.loss(request, labels, traced.output, builder)
        if let mixed {
            let other = try TrainingStep.loss(
                request, BatchMixing.partners(of: labels, builder), traced.output, builder)
            loss = try BatchMixing.between(loss, other, share: mixed, builder)
        }
        builder.scope = "regularizer"
        let objective = try TrainingStep.adding(
            request.regularizers, to: loss, of: traced, trained: Set(memory.slots.map(\.name)), builder)
        builder.scope = nil

        let share = gathered.map { _ in builder.placeholder("share", TensorType(.float64, .scalar)) }
        var description = PlanDescription(
            inputs: [traced.input, labels] + (share.map { [stepInputs.step, $0] } ?? stepInputs.all)
                + [mixed].compactMap { $0 },
            outputs: [objective])
        for (specification, node) in traced.trace.weights {
            guard let tensor = memory.tensor(specification.name) else {
                preconditionFailure("no memory for \(specification.name)")
            }
            description.variables.append((node, tensor))
        }
        builder.pass = .update
        let nodes = Dictionary(uniqueKeysWithValues: traced.trace.weights.map { ($0.specification.name, $0.node) })
        let weights = memory.slots.compactMap { nodes[$0.name] }
        let gradients = try builder.gradient(of: objective, wrt: weights)
        if let gathered, let share {
            let sum = builder.placeholder("gradients", gathered.type)
            description.variables.append((sum, gathered))
            let part = try builder.multiply(
                builder.joined(gradients), builder.convert(share, to: gathered.elementType))
            description.updates.append((sum, try builder.add(sum, part)))
        } else {
            try ParameterUpdate(request: request, memory: memory, inputs: stepInputs, builder: builder)
                .add(to: &description, weights: weights, gradients: gradients)
        }
        for update in traced.trace.updates where memory.isStatistic(update.name) {
            description.updates.append((update.node, update.value))
        }
        if loss !== objective { description.outputs.append(loss) }
        let lossOutput = description.outputs.count - 1
        description.outputs.append(traced.output)
        return (description, classes, lossOutput)
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
                guard let value = try regularizer.effect(node, builder).penalty else { continue }
                let penalty = try Head.scalar(
                    value, "the penalty of '\(specification.name)'",
                    argument: "regularize",
                    loss.elementType, builder: builder)
                objective = try builder.add(objective, penalty)
            }
        }
        return objective
    }

    /// Takes step number `step` (from 1) with a batch; gives its loss and the number of samples classified rightly.
    ///
    /// - Parameter scheduled: values of the optimizer's schedules at this step; where gradients are gathered, the batch's
    ///   share of them, and `step` counts the batches.
    /// - Throws: `NonFiniteValue` with the weights as they were.
    func run(
        _ batch: BatchSource.Batch, step: Int, scheduled: [Double], mixed: Double? = nil
    ) throws -> (loss: Double, correct: Int) {
        inputs.feed(plan, batch)
        plan.inputPointer(TrainingStep.firstStepInput).storeBytes(of: Double(step), as: Double.self)
        for (index, value) in scheduled.enumerated() {
            plan.inputPointer(TrainingStep.firstStepInput + 1 + index).storeBytes(of: value, as: Double.self)
        }
        if let mixedInput, let mixed { plan.inputPointer(mixedInput).storeBytes(of: mixed, as: Double.self) }
        try plan.run(guarding: 0)
        let loss = PlanOutput.scalar(plan.output(lossOutput), elementType)
        guard let classes else { return (loss, 0) }
        let correct = PlanOutput.countCorrect(
            plan.output(netOutput), elementType, labels: batch.labels, count: batch.count, classes: classes)
        return (loss, correct)
    }
}
