import Graphs
import Networks
import Scheduling
import Tensors

/// Batches whose images are mixed, each with the one before it (the first with the last): as their order is random, so
/// are the pairs. One share λ for the batch: x = λ x₁ + (1 - λ) x₂, and the loss is λ L(y₁) + (1 - λ) L(y₂);
/// Zhang et al. (2018), whose loss this is for every loss that is linear in y.
final class BatchMixing {
    private let plan: Plan

    /// - Parameter share: of the own image, a function of the key.
    init(share: Node, key: Node, pool: ThreadPool) throws {
        plan = try Plan(PlanDescription(inputs: [key], variables: [], outputs: [share], updates: []), pool: pool)
    }

    /// The share λ of a batch.
    func share(epoch: Int, step: Int) throws -> Double {
        plan.inputPointer(0).storeBytes(of: AugmentationTrace.key(epoch: epoch, sample: step), as: Double.self)
        try plan.run()
        return Double(plan.output(0).load(as: Float.self))
    }

    /// `share` times each row plus the rest times the row before it.
    static func mixed(_ rows: Node, share: Node, _ builder: GraphBuilder) throws -> Node {
        try between(rows, partners(of: rows, builder), share: share, builder)
    }

    /// `share` a + (1 - share) b.
    static func between(_ a: Node, _ b: Node, share: Node, _ builder: GraphBuilder) throws -> Node {
        let share = try builder.convert(share, to: a.elementType)
        return try builder.add(builder.multiply(a, share), builder.multiply(b, builder.subtract(1, share)))
    }

    /// The rows, each in the place of the next.
    static func partners(of rows: Node, _ builder: GraphBuilder) throws -> Node {
        let count = rows.shape[0]
        guard count > 1, let slice = OperationTable["slice"], let concat = OperationTable["concat"] else { return rows }
        let last = try builder.apply(slice, [rows], ["starts": .integers([count - 1]), "stops": .integers([count])])
        let others = try builder.apply(slice, [rows], ["starts": .integers([0]), "stops": .integers([count - 1])])
        return try builder.apply(concat, [last, others], ["axis": .integer(0)])
    }
}

/// A net that is given mixed images.
struct MixedNetwork: NetworkDefinition {
    let inner: any NetworkDefinition
    let share: Node

    var name: String { inner.name }

    func trace(_ input: Node, into trace: NetworkTrace) throws -> Node {
        try inner.trace(BatchMixing.mixed(input, share: share, trace.builder), into: trace)
    }
}
