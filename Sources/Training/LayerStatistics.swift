import Datasets
import Graphs
import Networks
import Scheduling
import Tensors

/// How the numbers that a layer gives are distributed over samples and positions.
public struct LayerStatistics: Sendable {
    public let path: String
    public let mean: Double
    public let deviation: Double
    /// Share of the numbers that are 0.
    public let zeros: Double
    /// Share of the units (places on the last axis) that give 0 to every sample at every position.
    public let dead: Double
}

/// Statistics of the outputs of layers in evaluation mode.
///
/// - Parameters:
///   - samples: `[count] + sample shape`, in parts of any size.
///   - isIncluded: which layers and blocks.
/// - Throws: `OperationError` where net, weights and samples do not fit, `Cancelled`.
public func layerStatistics(
    _ definition: any NetworkDefinition, weights: Weights, of samples: SampleParts,
    layers isIncluded: (LayerRecord) -> Bool, cancellation: CancellationToken? = nil, pool: ThreadPool = .shared
) throws -> [LayerStatistics] {
    let batch = try evaluationBatch(
        definition, sampleShape: samples.sampleShape, elementType: .float32, pool: pool)
    var outputs: LayerOutputs?
    var sums: [RunningMoments] = []
    for start in stride(from: 0, to: samples.count, by: batch) {
        if cancellation?.isCancelled ?? false { throw Cancelled() }
        let range = start..<min(start + batch, samples.count)
        if outputs?.batch != range.count {
            outputs = try LayerOutputs(
                definition, weights: weights, sampleShape: samples.sampleShape, batch: range.count,
                layers: isIncluded, pool: pool)
        }
        guard let outputs else { continue }
        if sums.isEmpty {
            sums = outputs.layers.map { RunningMoments(path: $0.path, units: $0.outputShape.dimensions.last ?? 1) }
        }
        for (index, tensor) in try outputs(try samples.part(range)).enumerated() { sums[index].add(tensor) }
    }
    return sums.map(\.statistics)
}

/// The samples that something is measured on.
public struct SampleParts {
    public let count: Int
    public let sampleShape: Shape
    /// Gives float32 `[range.count] + sample shape`.
    public let part: (_ range: Range<Int>) throws -> Tensor

    /// At most `count` samples of a dataset, at equal distances, as its order may be that of the classes.
    public init(of dataset: Dataset, atMost count: Int) {
        let positions = SampleParts.positions(in: dataset.size, atMost: count)
        self.count = positions.count
        sampleShape = Shape(dataset.sampleShape)
        part = { range in
            var values: [Float] = []
            values.reserveCapacity(range.count * dataset.sampleSize)
            for position in positions[range] { values += try dataset.sample(position).values }
            return try Tensor(floats: values, shape: Shape([range.count] + dataset.sampleShape))
        }
    }

    /// A batch.
    public init(_ batch: Tensor) {
        count = batch.shape[0]
        sampleShape = batch.shape.removing(axis: 0)
        let (rowBytes, shape) = (batch.byteCount / max(count, 1), sampleShape)
        part = { range in
            let tensor = try Tensor(
                uninitialized: TensorType(batch.elementType, Shape([range.count] + shape.dimensions)))
            tensor.pointer.copyMemory(
                from: batch.pointer + range.lowerBound * rowBytes, byteCount: range.count * rowBytes)
            return tensor
        }
    }

    static func positions(in size: Int, atMost count: Int) -> [Int] {
        let count = min(max(count, 0), size)
        return (0..<count).map { $0 * size / count }
    }
}

/// Sums over all numbers that a layer gave.
private struct RunningMoments {
    let path: String
    private let units: Int
    private var count = 0
    private var sum = 0.0
    private var squares = 0.0
    private var zeros = 0
    private var isAlive: [Bool]

    init(path: String, units: Int) {
        self.path = path
        self.units = max(units, 1)
        isAlive = Array(repeating: false, count: self.units)
    }

    mutating func add(_ tensor: Tensor) {
        let numbers = tensor.pointer.assumingMemoryBound(to: Float.self)
        var unit = 0
        for index in 0..<tensor.count {
            let value = Double(numbers[index])
            sum += value
            squares += value * value
            if value == 0 { zeros += 1 } else { isAlive[unit] = true }
            unit += 1
            if unit == units { unit = 0 }
        }
        count += tensor.count
    }

    var statistics: LayerStatistics {
        let count = Double(max(self.count, 1))
        let mean = sum / count
        return LayerStatistics(
            path: path, mean: mean, deviation: max(squares / count - mean * mean, 0).squareRoot(),
            zeros: Double(zeros) / count, dead: Double(isAlive.count { !$0 }) / Double(units))
    }
}
