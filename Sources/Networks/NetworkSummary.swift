import Graphs
import Scheduling
import Tensors

/// What `summary(net, input: …)` knows: a row a layer, and totals. Costs are for one sample.
public struct NetworkSummary: Sendable {
    public let name: String
    /// Shape of one sample.
    public let sampleShape: Shape
    /// With the batch axis.
    public let outputShape: Shape
    public let layers: [LayerRecord]
    public let weights: [WeightSpecification]
    public let weightBytes: Int
    /// Numbers in all weights but those that are no parameters (running statistics).
    public let parameters: Int

    /// Traces `definition` for samples of `sampleShape`; allocates no weight.
    ///
    /// - Parameter frozen: what training is not to change; does not count as trainable.
    /// - Throws: what the net's body refuses.
    public init(
        _ definition: any NetworkDefinition, sampleShape: Shape, elementType: ElementType = .float32,
        frozen: (_ weight: String) -> Bool = { _ in false }, pool: ThreadPool = .shared
    ) throws {
        let traced = try TracedNetwork(
            definition, sampleShape: sampleShape, elementType: elementType, builder: GraphBuilder(pool: pool))
        name = definition.name
        self.sampleShape = sampleShape
        outputShape = traced.output.shape
        weights = traced.specifications.map { weight in
            var weight = weight
            if frozen(weight.name) { weight.isTrainable = false }
            return weight
        }
        parameters = traced.parameterCount
        weightBytes = traced.specifications.saturatingSum { TensorType(elementType, $0.shape).byteCount }
        var layers = traced.trace.layers
        let trainable = Dictionary(
            grouping: weights.filter(\.isTrainable),
            by: { $0.name.split(separator: ".").dropLast().joined(separator: ".") })
        for index in layers.indices {
            layers[index].trainableParameters =
                trainable[layers[index].path]?.saturatingSum { $0.shape.count } ?? 0
        }
        self.layers = layers
    }

    /// Of `parameters`, those that training changes.
    public var trainableParameters: Int {
        weights.filter(\.isTrainable).saturatingSum { $0.shape.count }
    }

    /// For one sample.
    public var multiplyAdds: Int { layers.saturatingSum(\.multiplyAdds) }

    /// Of the outputs of all layers (blocks repeat the output of their last layer and do not count), for one sample.
    public var activationBytes: Int { layers.filter { !$0.isBlock }.saturatingSum(\.activationBytes) }

    /// Weights and the outputs of all layers for `batch` samples, in bytes.
    public func memoryBytes(batch: Int) -> Int { weightBytes.saturatingAdd(batch.saturatingMultiply(activationBytes)) }
}
