import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// How large the gradient of the loss is in one weight.
public struct GradientNorm: Sendable {
    public let name: String
    /// Square root of the sum of squares.
    public let norm: Double
    /// Numbers in the weight.
    public let count: Int
}

/// The gradient of the mean loss over samples of a dataset in each trainable weight, as in a training step.
///
/// - Parameter count: at most so many samples, at equal distances.
/// - Throws: `OperationError` where net, weights and data do not fit.
public func gradientNorms(
    _ definition: any NetworkDefinition, weights: Weights, on dataset: Dataset, samples count: Int,
    loss: FitRequest.Loss, seed: UInt64 = 0, pool: ThreadPool = .shared
) throws -> [GradientNorm] {
    let builder = GraphBuilder(pool: pool)
    let positions = SampleParts.positions(in: dataset.size, atMost: count)
    let inputs = BatchInputs(count: positions.count, dataset: dataset, elementType: .float32)
    let traced = try TracedNetwork(
        definition, sampleShape: Shape(dataset.sampleShape), batch: positions.count, isTraining: true, seed: seed,
        builder: builder)
    _ = try Head.classes(of: dataset.target, output: traced.output, name: traced.name)
    builder.scope = "loss"
    let labels = inputs.labelNode(for: dataset.target, builder: builder)
    let objective = try Head.scalar(
        loss(labels, traced.output, builder), "the loss", .float32, builder: builder)
    let trained = traced.trace.weights.filter(\.specification.isTrainable)
    guard !trained.isEmpty else { return [] }
    let gradients = try builder.gradient(of: objective, wrt: trained.map(\.node))
    let plan = try Plan(
        PlanDescription(
            inputs: [traced.input, labels], variables: try traced.binding(to: { weights[$0] }), outputs: gradients,
            updates: []), pool: pool)
    let samples = try Tensor(uninitialized: traced.input.type)
    let targets = try Tensor(uninitialized: labels.type)
    try dataset.fill(
        indices: positions.map(Int32.init)[...], into: samples.pointer.assumingMemoryBound(to: Float.self),
        labels: targets.pointer.assumingMemoryBound(to: Float.self))
    return try withExtendedLifetime((samples, targets)) {
        plan.bind(input: 0, to: samples.pointer)
        plan.bind(input: 1, to: targets.pointer)
        try plan.run()
        return trained.enumerated().map { index, weight in
            let count = weight.specification.shape.count
            return GradientNorm(
                name: weight.specification.name,
                norm: norm(plan.output(index).assumingMemoryBound(to: Float.self), count), count: count)
        }
    }
}

private func norm(_ numbers: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(numbers[index]) * Double(numbers[index]) }
    return sum.squareRoot()
}
