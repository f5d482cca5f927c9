import Graphs
import Networks
import Scheduling
import Tensors

/// Applies a net to batches of one size in evaluation mode and gives what its layers say.
public final class LayerOutputs {
    /// The layers whose outputs are given, in order.
    public let layers: [LayerRecord]
    /// Samples in a batch.
    public let batch: Int
    private let plan: Plan
    private let types: [TensorType]
    /// For each layer the plan's output; nil for what is the input itself.
    private let places: [Int?]

    /// Compiles the net.
    ///
    /// - Parameter isIncluded: which layers and blocks.
    /// - Throws: `OperationError` where net, weights and samples do not fit.
    public init(
        _ definition: any NetworkDefinition, weights: Weights, sampleShape: Shape, batch: Int,
        layers isIncluded: (LayerRecord) -> Bool, pool: ThreadPool = .shared
    ) throws {
        let traced = try TracedNetwork(
            definition, sampleShape: sampleShape, batch: batch, builder: GraphBuilder(pool: pool))
        layers = traced.trace.layers.filter(isIncluded)
        self.batch = batch
        var outputs: [Node] = []
        var places: [Int?] = []
        var types: [TensorType] = []
        for layer in layers {
            let node = traced.trace.outputs[layer.path] ?? traced.output
            types.append(node.type)
            if node === traced.input {
                places.append(nil)
            } else if let known = outputs.firstIndex(where: { $0 === node }) {
                places.append(known)
            } else {
                places.append(outputs.count)
                outputs.append(node)
            }
        }
        (self.places, self.types) = (places, types)
        plan = try Plan(
            PlanDescription(
                inputs: [traced.input], variables: try traced.binding(to: { weights[$0] }),
                outputs: outputs.isEmpty ? [traced.output] : outputs, updates: []), pool: pool)
    }

    /// The outputs for a batch, a tensor a layer.
    ///
    /// - Parameter input: float32, `[batch] + sample shape`.
    public func callAsFunction(_ input: Tensor) throws -> [Tensor] {
        let samples = try input.converted(to: .float32)
        return try withExtendedLifetime(samples) {
            plan.bind(input: 0, to: samples.pointer)
            try plan.run()
            return try zip(places, types).map { place, type in
                guard let place else { return samples }
                let tensor = try Tensor(uninitialized: type)
                tensor.pointer.copyMemory(from: plan.output(place), byteCount: type.byteCount)
                return tensor
            }
        }
    }
}
