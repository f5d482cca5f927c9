import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// What `evaluate` gives.
public struct Evaluation: Sendable, Equatable {
    /// Mean over all samples; nil where no loss was given.
    public var loss: Double?
    /// Share of the samples whose largest output is at their class; nil where there are no classes.
    public var accuracy: Double?
    /// What it was asked to keep.
    public var said: SplitOutputs?
}

/// What a net says of a whole split, beside the targets; both float64.
public struct SplitOutputs: Sendable, Equatable {
    /// `[samples]` class numbers or `[samples, width]` values.
    public var targets: Tensor
    /// `[samples, …]`.
    public var outputs: Tensor

    public static func == (left: SplitOutputs, right: SplitOutputs) -> Bool {
        left.targets.shape == right.targets.shape && left.outputs.shape == right.outputs.shape
            && left.targets.doubles == right.targets.doubles && left.outputs.doubles == right.outputs.doubles
    }
}

/// Applies a net to datasets in evaluation mode, with a plan for each size of batch. Its weights are read where they
/// are: changes of that memory are seen.
final class Evaluator {
    private let definition: any NetworkDefinition
    private let loss: FitRequest.Loss?
    private let elementType: ElementType
    private let memory: (_ name: String) -> Tensor?
    private let pool: ThreadPool
    private var plans: [Int: EvaluationPlan] = [:]
    private var batch: Int?
    /// The kind of data that the plans are for.
    private let sample: Dataset

    /// Layer outputs that a batch may take together.
    static let activationBytes = 64 << 20
    static let largestBatch = 256

    init(
        _ definition: any NetworkDefinition, for sample: Dataset, loss: FitRequest.Loss?, elementType: ElementType,
        memory: @escaping (_ name: String) -> Tensor?, pool: ThreadPool
    ) {
        self.definition = definition
        self.sample = sample
        self.loss = loss
        self.elementType = elementType
        self.memory = memory
        self.pool = pool
    }

    /// One compiled pass over a batch.
    final class EvaluationPlan {
        let plan: Plan
        let inputs: BatchInputs
        let classes: ClassOutput?
        let outputType: TensorType

        init(
            _ definition: any NetworkDefinition, for data: Dataset, count: Int, loss: FitRequest.Loss?,
            elementType: ElementType, memory: (_ name: String) -> Tensor?, pool: ThreadPool
        ) throws {
            let builder = GraphBuilder(pool: pool)
            inputs = BatchInputs(count: count, dataset: data, elementType: elementType)
            let traced = try TracedNetwork(
                definition, sampleShape: Shape(data.sampleShape), batch: count, elementType: elementType,
                builder: builder)
            classes = try Head.classes(of: data.target, output: traced.output, name: traced.name)
            outputType = traced.output.type
            let labels = inputs.labelNode(for: data.target, builder: builder)
            var outputs = [traced.output]
            if let loss {
                builder.scope = "loss"
                outputs.append(
                    try Head.scalar(loss(labels, traced.output, builder), "the loss", elementType, builder: builder))
            }
            plan = try Plan(
                PlanDescription(
                    inputs: [traced.input, labels], variables: try traced.binding(to: memory), outputs: outputs,
                    updates: []), pool: pool)
        }
    }

    /// Runs over `dataset` in its order. `body` gets the net's output, the batch, and the mean loss.
    ///
    /// - Returns: false where it was stopped between two batches.
    func forEachBatch(
        of dataset: Dataset, cancellation: CancellationToken?,
        _ body: (EvaluationPlan, BatchSource.Batch, _ loss: Double?) -> Void
    ) throws -> Bool {
        let pool = self.pool
        let batch =
            try self.batch
            ?? evaluationBatch(
                definition, sampleShape: Shape(sample.sampleShape), elementType: elementType, pool: pool)
        self.batch = batch
        let source = try BatchSource(
            dataset: dataset,
            options: BatchSource.Options(batchSize: min(batch, dataset.size), isShuffled: false, epochs: 1),
            submit: { pool.submitBackground($0) })
        while let batch = try source.next() {
            if cancellation?.isCancelled ?? false { return false }
            let plan = try plan(count: batch.count)
            plan.inputs.feed(plan.plan, batch)
            try plan.plan.run()
            let value = loss == nil ? nil : PlanOutput.scalar(plan.plan.output(1), elementType)
            body(plan, batch, value)
        }
        return true
    }

    /// Loss and accuracy over all samples, and the outputs where they are asked for; nil where it was stopped.
    func evaluate(
        _ dataset: Dataset, keepsOutputs: Bool = false, cancellation: CancellationToken?
    ) throws -> Evaluation? {
        var (lossSum, correct, hasClasses) = (0.0, 0, false)
        var (targets, outputs): ([Double], [Double]) = ([], [])
        var sampleShape: [Int] = []
        let isWhole = try forEachBatch(of: dataset, cancellation: cancellation) { plan, batch, loss in
            lossSum += (loss ?? 0) * Double(batch.count)
            if keepsOutputs {
                sampleShape = Array(plan.outputType.shape.dimensions.dropFirst())
                PlanOutput.append(plan.plan.output(0), plan.outputType, to: &outputs)
                targets += UnsafeBufferPointer(start: batch.labels, count: batch.count * dataset.labelSize).map(
                    Double.init)
            }
            guard let classes = plan.classes else { return }
            hasClasses = true
            correct += PlanOutput.countCorrect(
                plan.plan.output(0), elementType, labels: batch.labels, count: batch.count, classes: classes)
        }
        guard isWhole else { return nil }
        let size = Double(dataset.size)
        var evaluation = Evaluation(
            loss: loss == nil ? nil : lossSum / size, accuracy: hasClasses ? Double(correct) / size : nil)
        if keepsOutputs {
            let width = dataset.classCount > 0 ? [] : [dataset.labelSize]
            evaluation.said = SplitOutputs(
                targets: try Tensor(targets, shape: Shape([dataset.size] + width)),
                outputs: try Tensor(outputs, shape: Shape([dataset.size] + sampleShape)))
        }
        return evaluation
    }

    private func plan(count: Int) throws -> EvaluationPlan {
        if let plan = plans[count] { return plan }
        let plan = try EvaluationPlan(
            definition, for: sample, count: count, loss: loss, elementType: elementType, memory: memory, pool: pool)
        plans[count] = plan
        return plan
    }
}

/// The number of samples that a net is applied to at once: at most 256, and fewer where layer outputs are large.
func evaluationBatch(
    _ definition: any NetworkDefinition, sampleShape: Shape, elementType: ElementType, pool: ThreadPool
) throws -> Int {
    let traced = try TracedNetwork(
        definition, sampleShape: sampleShape, elementType: elementType, builder: GraphBuilder(pool: pool))
    let bytes = traced.trace.layers.filter { !$0.isBlock }.saturatingSum(\.activationBytes)
        .saturatingAdd(traced.input.type.byteCount)
    return max(1, min(Evaluator.largestBatch, Evaluator.activationBytes / max(bytes, 1)))
}

extension TracedNetwork {
    /// Pairs the weights' placeholders with their numbers.
    ///
    /// - Throws: `OperationError` where a weight is missing or has another shape.
    func binding(to memory: (_ name: String) -> Tensor?) throws -> [(node: Node, memory: Tensor)] {
        try trace.weights.map { specification, node in
            guard let tensor = memory(specification.name) else {
                throw OperationError("\(name) has no numbers for its weight '\(specification.name)'")
            }
            guard tensor.shape == specification.shape else {
                throw OperationError(
                    "the weight '\(specification.name)' of \(name) was made for an input of another shape",
                    expected: "\(specification.shape)", found: "\(tensor.shape)")
            }
            return (node, try tensor.converted(to: node.elementType))
        }
    }
}
