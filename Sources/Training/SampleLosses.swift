import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How a net does on one sample.
public struct SampleLoss: Sendable {
    /// Its place in the dataset.
    public let index: Int
    /// Cross-entropy for classes, the mean squared error for numbers.
    public let loss: Double
    /// The class with the largest output, or the first number that the net gives.
    public let said: Double
    /// The class, or the first number of the target.
    public let truth: Double
    /// Of the class that was said, by softmax (of one output, by the logistic function); nil where there are no classes.
    public let probability: Double?
}

/// The samples on which the loss of a net is largest, the largest first; of equal ones the earlier comes first.
///
/// - Throws: `OperationError` where net, weights and data do not fit, `Cancelled`.
public func topLosses(
    _ definition: any NetworkDefinition, weights: Weights, on dataset: Dataset, count: Int,
    cancellation: CancellationToken? = nil, pool: ThreadPool = .shared
) throws -> [SampleLoss] {
    let evaluator = Evaluator(
        definition, for: dataset, loss: nil, elementType: .float32, memory: { weights[$0] }, pool: pool)
    var all: [SampleLoss] = []
    let isWhole = try evaluator.forEachBatch(of: dataset, cancellation: cancellation) { plan, batch, _ in
        let outputs = plan.plan.output(0).assumingMemoryBound(to: Float.self)
        let width = plan.outputType.shape.count / max(plan.outputType.shape[0], 1)
        for row in 0..<batch.count {
            let output = UnsafeBufferPointer(start: outputs + row * width, count: width)
            let label = UnsafeBufferPointer(
                start: UnsafePointer(batch.labels) + row * dataset.labelSize, count: dataset.labelSize)
            all.append(SampleLoss(index: all.count, output, label, classes: plan.classes))
        }
    }
    guard isWhole else { throw Cancelled() }
    // What is no number is worst of all.
    func key(_ sample: SampleLoss) -> Double { sample.loss.isNaN ? .infinity : sample.loss }
    return Array(all.sorted { (key($0), -$0.index) > (key($1), -$1.index) }.prefix(count))
}

extension SampleLoss {
    fileprivate init(
        index: Int, _ output: UnsafeBufferPointer<Float>, _ label: UnsafeBufferPointer<Float>, classes: ClassOutput?
    ) {
        self.index = index
        truth = label.first.map(Double.init) ?? .nan
        guard let classes else {
            said = output.first.map(Double.init) ?? .nan
            probability = nil
            let squares = zip(output, label).reduce(0.0) {
                $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
            }
            loss = squares / Double(max(min(output.count, label.count), 1))
            return
        }
        if classes == .sign {
            let score = Double(output[0])
            said = score > 0 ? 1 : 0
            probability = 1 / (1 + exp(-abs(score)))
            loss = max(score, 0) - score * truth + log1p(exp(-abs(score)))
            return
        }
        let best = output.indices.max { output[$0] < output[$1] } ?? 0
        let top = Double(output[best])
        let sum = output.reduce(0.0) { $0 + exp(Double($1) - top) }
        said = Double(best)
        probability = 1 / sum
        loss = top + log(sum) - Double(output[Int(truth)])
    }
}
