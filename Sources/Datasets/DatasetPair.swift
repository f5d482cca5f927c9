/// A training split and a test split of the same kind of data.
public struct DatasetPair: Sendable {
    /// Name of the set, such as "fashion_mnist".
    public let name: String
    public let train: Dataset
    public let test: Dataset

    /// Joins two splits of one kind.
    ///
    /// - Throws: `DatasetError` where shapes or targets differ.
    public init(name: String, train: Dataset, test: Dataset) throws {
        guard train.sampleShape == test.sampleShape else {
            throw DatasetError(
                "\(name): training samples have the shape \(train.sampleShape), test samples \(test.sampleShape)")
        }
        guard train.target == test.target else {
            throw DatasetError("\(name): training and test split have different classes or targets")
        }
        self.init(name: name, checkedTrain: train, test: test)
    }

    /// Joins two splits that are of one kind by their making.
    init(name: String, checkedTrain train: Dataset, test: Dataset) {
        self.name = name
        self.train = train
        self.test = test
    }

    /// Shape of one sample, images channels-last: `[28, 28, 1]`.
    public var shape: [Int] { train.sampleShape }

    /// Names of the classes by number; empty where the targets are numbers.
    public var classNames: [String] { train.classNames }

    /// Number of classes; 0 where the targets are numbers.
    public var classCount: Int { train.classCount }

    /// Names of the classes of which only the training split has samples; nil where the targets are numbers.
    public var classesMissingInTest: [String]? {
        guard let trained = train.classSizes, let tested = test.classSizes else { return nil }
        return classNames.indices.filter { trained[$0] > 0 && tested[$0] == 0 }.map { classNames[$0] }
    }

    /// Only the samples of some classes, which are numbered anew in the order given, in both splits.
    ///
    /// - Throws: `DatasetError` as `Dataset.keepClasses`.
    public func keepClasses(_ classes: [Int]) throws -> DatasetPair {
        try DatasetPair(name: name, checkedTrain: train.keepClasses(classes), test: test.keepClasses(classes))
    }

    /// Only the samples of the classes in `range`, which are numbered anew from 0, in both splits.
    ///
    /// - Throws: `DatasetError` as `Dataset.keepClasses`.
    public func keepClasses(_ range: ClosedRange<Int>) throws -> DatasetPair {
        try DatasetPair(
            name: name, checkedTrain: train.keepClasses(range), test: test.keepClasses(range))
    }

    /// Cuts the *training* split in two: `count` samples to train on, the others to test with.
    ///
    /// The former test split is not part of the result; it stays untouched in this pair, to be looked at last.
    ///
    /// - Throws: `DatasetError` as `Dataset.split(count:stratify:seed:)`.
    public func split(count: Int, stratify: Bool = false, seed: UInt64 = 0) throws -> DatasetPair {
        try train.split(count: count, stratify: stratify, seed: seed)
    }

    /// Cuts the *training* split in two, as `split(count:stratify:seed:)`, at a share of its size.
    public func split(fraction: Double, stratify: Bool = false, seed: UInt64 = 0) throws -> DatasetPair {
        try train.split(fraction: fraction, stratify: stratify, seed: seed)
    }

    /// Both splits with the training split's mean subtracted and divided by its standard deviation, for each channel of an
    /// image or each feature. What was normalised before is measured and normalised from its source again.
    ///
    /// - Throws: What reading an image file throws.
    public func normalized() throws -> DatasetPair {
        let measured = try Normalization(measuring: train.normalized(by: nil))
        return DatasetPair(
            name: name, checkedTrain: train.normalized(by: measured), test: test.normalized(by: measured))
    }

    /// The mean and deviation in use; nil where the values are those of the source.
    public var normalization: Normalization? { train.normalization }
}
