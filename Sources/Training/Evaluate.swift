import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// Loss and accuracy of a net over a dataset, in evaluation mode.
///
/// - Parameter loss: a mean over the batch; nil leaves it out.
/// - Throws: `OperationError` where net, weights and data do not fit, `Cancelled`.
public func evaluate(
    _ definition: any NetworkDefinition, weights: Weights, on dataset: Dataset, loss: FitRequest.Loss? = nil,
    keepsOutputs: Bool = false, precision: ElementType = .float32, cancellation: CancellationToken? = nil,
    pool: ThreadPool = .shared
) throws -> Evaluation {
    let evaluator = Evaluator(
        definition, for: dataset, loss: loss, elementType: precision, memory: { weights[$0] }, pool: pool)
    guard let evaluation = try evaluator.evaluate(dataset, keepsOutputs: keepsOutputs, cancellation: cancellation)
    else { throw Cancelled() }
    return evaluation
}

/// How often each class was taken for each: float64 `[classes, classes]`, a row a true class, a column a predicted one.
///
/// - Throws: `OperationError` where the data has no classes or net and data do not fit, `Cancelled`.
public func confusionCounts(
    _ definition: any NetworkDefinition, weights: Weights, on dataset: Dataset, precision: ElementType = .float32,
    cancellation: CancellationToken? = nil, pool: ThreadPool = .shared
) throws -> Tensor {
    let classes = dataset.classCount
    guard classes > 0 else {
        throw OperationError("\(dataset.name) has no classes that could be confused: its targets are numbers")
    }
    let evaluator = Evaluator(
        definition, for: dataset, loss: nil, elementType: precision, memory: { weights[$0] }, pool: pool)
    var counts = [Double](repeating: 0, count: classes * classes)
    let isWhole = try evaluator.forEachBatch(of: dataset, cancellation: cancellation) { plan, batch, _ in
        PlanOutput.forEachPrediction(
            plan.plan.output(0), precision, count: batch.count, classes: plan.classes ?? .scores(classes)
        ) {
            row, predicted in
            counts[Int(batch.labels[row]) * classes + predicted] += 1
        }
    }
    guard isWhole else { throw Cancelled() }
    return try Tensor(counts, shape: [classes, classes])
}

/// What a net says to `input` (`[batch] + sample shape`), in evaluation mode; many samples are taken in parts.
///
/// - Returns: the outputs, `[batch] + …`.
/// - Throws: `OperationError` where net, weights and input do not fit, `Cancelled`.
public func predict(
    _ definition: any NetworkDefinition, weights: Weights, _ input: Tensor, precision: ElementType = .float32,
    cancellation: CancellationToken? = nil, pool: ThreadPool = .shared
) throws -> Tensor {
    guard input.shape.rank >= 1 else {
        throw OperationError(
            "a net is applied to a batch of samples", expected: "[batch, …]", found: "a single number")
    }
    let count = input.shape[0]
    let sampleShape = input.shape.removing(axis: 0)
    let samples = try input.converted(to: precision)
    let batch = try evaluationBatch(definition, sampleShape: sampleShape, elementType: precision, pool: pool)
    var result: Tensor?
    var plan: (count: Int, plan: Plan, output: TensorType)?
    for start in stride(from: 0, to: max(count, 1), by: batch) {
        if cancellation?.isCancelled ?? false { throw Cancelled() }
        // Without samples one is traced all the same, for the shape of the empty result.
        let size = max(min(batch, count - start), 1)
        if plan?.count != size {
            let builder = GraphBuilder(pool: pool)
            let traced = try TracedNetwork(
                definition, sampleShape: sampleShape, batch: size, elementType: precision, builder: builder)
            guard traced.output.shape.rank >= 1, traced.output.shape[0] == size else {
                throw OperationError(
                    "\(definition.name) gives no output for each sample", expected: "[batch, …]",
                    found: "\(traced.output.shape)")
            }
            let compiled = try Plan(
                PlanDescription(
                    inputs: [traced.input], variables: try traced.binding(to: { weights[$0] }),
                    outputs: [traced.output], updates: []), pool: pool)
            plan = (size, compiled, traced.output.type)
        }
        guard let plan else { continue }
        let rowBytes = plan.output.byteCount / size
        let target: Tensor
        if let result {
            target = result
        } else {
            let shape = Shape([count] + plan.output.shape.dimensions.dropFirst())
            target = try Tensor(uninitialized: TensorType(plan.output.elementType, shape))
            result = target
        }
        guard count > 0 else { break }
        try withExtendedLifetime(samples) {
            plan.plan.bind(input: 0, to: samples.pointer + start * (samples.byteCount / count))
            try plan.plan.run()
        }
        (target.pointer + start * rowBytes).copyMemory(from: plan.plan.output(0), byteCount: size * rowBytes)
    }
    guard let result else { preconditionFailure("predict made no result") }
    return result
}

/// New weights for `definition`, drawn from `seed`, as `fit` draws them.
///
/// - Parameter kept: weights that are there already and are kept.
/// - Throws: `OperationError` where the net refuses the sample shape or `kept` does not fit.
public func initialWeights(
    _ definition: any NetworkDefinition, sampleShape: Shape, seed: UInt64, precision: ElementType = .float32,
    keeping kept: Weights? = nil, pool: ThreadPool = .shared
) throws -> Weights {
    let traced = try TracedNetwork(
        definition, sampleShape: sampleShape, elementType: precision, builder: GraphBuilder(pool: pool))
    return try Weights(traced.specifications, seed: seed, elementType: precision, keeping: kept)
}
