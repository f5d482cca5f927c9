import Graphs
import Scheduling
import Tensors

/// What training and prediction need of a model: its body, evaluated on a symbolic input.
public protocol NetworkDefinition {
    /// For messages and progress: `LeNet`.
    var name: String { get }
    /// Applies the body to `input` (`[batch] + sample shape`) and gives the output.
    ///
    /// Layers and blocks are entered and left, weights are asked for through `trace`.
    ///
    /// - Throws: what the body refuses, `OperationError` among others.
    func trace(_ input: Node, into trace: NetworkTrace) throws -> Node
}

/// A net with its shapes settled for one input shape. Nothing of a weight's size is allocated.
public struct TracedNetwork {
    public let name: String
    /// Placeholder for a batch.
    public let input: Node
    public let output: Node
    public let trace: NetworkTrace

    /// Evaluates the body of `definition` on a symbolic batch.
    ///
    /// - Parameters:
    ///   - sampleShape: shape of one sample, without the batch axis.
    ///   - batch: samples in the batch.
    ///   - isTraining: whether layers such as dropout are to act.
    ///   - step: the number of the training step, which random numbers follow.
    ///   - seed: of the random numbers.
    ///   - settledLayers: paths of layers that act as in evaluation while others train.
    public init(
        _ definition: any NetworkDefinition, sampleShape: Shape, batch: Int = 1,
        elementType: ElementType = .float32, isTraining: Bool = false, step: Node? = nil, seed: UInt64 = 0,
        settledLayers: Set<String> = [], builder: GraphBuilder
    ) throws {
        name = definition.name
        trace = NetworkTrace(
            builder: builder, elementType: elementType, isTraining: isTraining, step: step, seed: seed,
            settledLayers: settledLayers)
        let (origin, scope) = (builder.origin, builder.scope)
        defer { (builder.origin, builder.scope) = (origin, scope) }
        input = builder.placeholder("x", TensorType(elementType, Shape([batch] + sampleShape.dimensions)))
        output = try definition.trace(input, into: trace)
    }

    /// What its weights are, in order of declaration.
    public var specifications: [WeightSpecification] { trace.weights.map(\.specification) }
}

/// Number of parameters of `definition` for samples of `sampleShape`; allocates none of them. Weights that training
/// does not change by the gradient (running statistics) are no parameters.
///
/// - Throws: what the net's body refuses.
public func parameterCount(
    _ definition: any NetworkDefinition, sampleShape: Shape, pool: ThreadPool = .shared
) throws -> Int {
    try TracedNetwork(definition, sampleShape: sampleShape, builder: GraphBuilder(pool: pool))
        .parameterCount
}

extension TracedNetwork {
    /// Numbers in all weights but those that are no parameters (running statistics).
    var parameterCount: Int { specifications.filter(\.isTrainable).saturatingSum { $0.shape.count } }
}

extension Shape {
    /// The shape with its first axis named: `[batch, 28, 28, 1]`.
    public var namingBatch: String {
        "[" + (["batch"] + dimensions.dropFirst().map(String.init)).joined(separator: ", ") + "]"
    }
}
