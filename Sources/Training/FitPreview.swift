import Datasets
import Graphs
import Networks
import Tensors

/// Refuses what `fit` would refuse before its first step. Everything is traced on shapes: no weight, no batch and no
/// plan is allocated.
///
/// - Throws: `OperationError` where settings, net, data, loss, regularizers and optimizer do not fit, and what the
///   request's closures throw.
public func checkFit(_ request: FitRequest) throws {
    try request.check()
    let scheduled = try ScheduledSettings(request.optimizer, over: request.course(after: TrainingHistory()))
    for step in [1, request.totalSteps] where step > 0 { _ = try scheduled.values(at: step) }
    let builder = GraphBuilder(pool: request.pool)
    let batch = request.settledBatch.batch
    let inputs = OptimizerTrace.StepInputs(request.optimizer, builder: builder)
    if let augmentation = request.augmentation {
        _ = try TracedAugmentation(augmentation, for: request.train, seed: request.seed, builder: builder)
    }
    let traced = try TracedNetwork(
        request.definition, sampleShape: Shape(request.train.sampleShape), batch: batch,
        elementType: request.precision, isTraining: true, step: inputs.step, seed: request.seed,
        settledLayers: try request.reservedWeights().layersWithFrozenStatistics, builder: builder)
    _ = try Head.classes(of: request.train.target, output: traced.output, name: traced.name)
    let labels = BatchInputs(count: batch, dataset: request.train, elementType: request.precision)
        .labelNode(for: request.train.target, builder: builder)
    let loss = try Head.scalar(
        request.loss(labels, traced.output, builder), "the loss", request.precision, builder: builder)
    for selector in request.frozen where !traced.specifications.contains(where: { selector.matches($0.name) }) {
        throw WeightMismatch.selectsNothing(selector, among: traced.specifications.map(\.name), argument: "freeze")
    }
    let trained = traced.specifications.filter { weight in
        weight.isTrainable && !request.frozen.contains { $0.matches(weight.name) }
            && !(request.weights?.isFrozen(weight.name) ?? false)
    }
    guard !trained.isEmpty else { throw ParameterMemory.nothingToTrain(of: traced.specifications.map(\.name)) }
    let names = traced.specifications.map(\.name)
    try request.rateFactors.check(among: names, argument: "rate_factors")
    try request.decay.check(among: names, argument: "decay")
    for weight in trained {
        let node = builder.placeholder(weight.name, TensorType(request.precision, weight.shape))
        _ = try request.regularizers.bounded(weight.name, node, builder)
    }
    _ = try TrainingStep.adding(
        request.regularizers, to: loss, of: traced, trained: Set(trained.map(\.name)), builder)
    let type = TensorType(request.precision, [max(trained[0].shape.count, 1)])
    _ = try OptimizerTrace(
        request.optimizer, theta: builder.placeholder("theta", type), gradient: builder.placeholder("g", type),
        states: request.optimizer.states.map { builder.placeholder($0.name, type) },
        inputs: inputs,
        change: RateChange(
            factor: request.rateFactors.isEmpty ? nil : builder.scalar(1, request.precision),
            decay: request.decay.isEmpty ? nil : builder.scalar(0, request.precision)), builder: builder)
    try request.checkMemory()
}
