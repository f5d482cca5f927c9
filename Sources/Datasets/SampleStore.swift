/// The samples of a dataset with their targets, held once and shared by every selection of them.
///
/// Values are kept in the form of the source: bytes 0...255 stand for 0...1 and are converted when a batch is filled,
/// which keeps a set of images at a quarter of its size as float32.
public struct SampleStore: Sendable {
    /// Contiguous values, `[count] + sampleShape` in row-major order.
    public enum Values: Sendable {
        /// Byte `b` stands for `b / 255`.
        case bytes([UInt8])
        case floats([Float])
        /// Files that are decoded when a batch needs them.
        case images(ImageCollection)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .floats(let floats): floats.count
            case .images(let images): images.shape.reduce(images.paths.count, *)
            }
        }
    }

    /// What is to be predicted for each sample.
    public enum Targets: Sendable {
        /// A class number 0..<`names.count` a sample.
        case classes([Int32], names: [String])
        /// `width` numbers a sample, `[count, width]`.
        case values([Float], width: Int)

        var count: Int {
            switch self {
            case .classes(let labels, _): labels.count
            case .values(let values, let width): values.count / width
            }
        }
    }

    public let values: Values
    public let targets: Targets
    /// Shape of one sample, images channels-last: `[height, width, channels]`.
    public let sampleShape: [Int]
    /// Number of samples.
    public let count: Int
    /// Number of values of a sample.
    public let sampleSize: Int
    /// What each value of a sample is, for tables; empty where nobody named them.
    public let featureNames: [String]
    let cachedDigests = SampleDigests()

    /// Makes a store.
    ///
    /// - Throws: `DatasetError` where the numbers of values, samples and targets do not fit, a dimension is not positive,
    ///   a label is no class, or there are more than 2³¹ - 1 samples.
    public init(values: Values, sampleShape: [Int], targets: Targets, featureNames: [String] = []) throws {
        if case .values(_, let width) = targets, width < 1 {
            throw DatasetError("a target has \(width) values, expected at least 1")
        }
        guard sampleShape.allSatisfy({ $0 > 0 }) else {
            throw DatasetError("a sample has the shape \(sampleShape), expected positive dimensions")
        }
        var size = 1
        for dimension in sampleShape {
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw DatasetError("a sample of the shape \(sampleShape) is too large") }
            size = product
        }
        let count = targets.count
        guard count <= Int(Int32.max) else { throw DatasetError("\(count) samples are more than \(Int32.max)") }
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, total == values.count else {
            throw DatasetError("\(values.count) values are not \(count) samples of the shape \(sampleShape)")
        }
        if case .classes(let labels, let names) = targets {
            if let bad = labels.firstIndex(where: { $0 < 0 || $0 >= names.count }) {
                throw DatasetError("sample \(bad) has the label \(labels[bad]), but there are \(names.count) classes")
            }
        }
        self.values = values
        self.featureNames = featureNames
        self.targets = targets
        self.sampleShape = sampleShape
        self.count = count
        self.sampleSize = size
    }
}
