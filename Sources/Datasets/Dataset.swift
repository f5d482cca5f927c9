/// One split of data: a selection of samples over a shared store, read lazily.
///
/// Taking, filtering, splitting and normalising make another selection or another conversion and never copy samples.
public struct Dataset: Sendable {
    /// What is to be predicted for a sample.
    public enum Target: Sendable, Hashable {
        /// One of these classes; the label is its number.
        case classes(names: [String])
        /// A vector of this many numbers.
        case values(width: Int)
    }

    /// One sample, converted.
    public struct Sample: Sendable, Hashable {
        /// Row-major values in the dataset's sample shape.
        public let values: [Float]
        /// The class number, or the target's numbers.
        public let label: [Float]
    }

    /// Names the set and the split, such as "fashion_mnist.train".
    public let name: String
    public let target: Target
    let store: SampleStore
    /// Places in the store, nil for all of them in order.
    let selection: [Int32]?
    /// The new class of each of the store's classes, -1 for none; nil where classes keep their numbers.
    let relabelling: [Int32]?
    /// Set by `normalize`.
    public let normalization: Normalization?

    /// A dataset of all samples of a store.
    public init(name: String, store: SampleStore) {
        let target: Target =
            switch store.targets {
            case .classes(_, let names): .classes(names: names)
            case .values(_, let width): .values(width: width)
            }
        self.init(
            name: name, target: target, store: store, selection: nil, relabelling: nil, normalization: nil)
    }

    init(
        name: String, target: Target, store: SampleStore, selection: [Int32]?, relabelling: [Int32]?,
        normalization: Normalization?
    ) {
        self.name = name
        self.target = target
        self.store = store
        self.selection = selection
        self.relabelling = relabelling
        self.normalization = normalization
    }

    /// Number of samples.
    public var size: Int { selection?.count ?? store.count }

    /// Shape of one sample, images channels-last: `[28, 28, 1]`.
    public var sampleShape: [Int] { store.sampleShape }

    /// Number of values of a sample.
    public var sampleSize: Int { store.sampleSize }

    /// Number of values of a label: 1 for a class, the width of a target vector otherwise.
    public var labelSize: Int {
        switch target {
        case .classes: 1
        case .values(let width): width
        }
    }

    /// Names of the classes by number; empty where the targets are numbers.
    public var classNames: [String] {
        switch target {
        case .classes(let names): names
        case .values: []
        }
    }

    /// Number of classes; 0 where the targets are numbers.
    public var classCount: Int { classNames.count }

    /// The class number of each sample in order; nil where the targets are numbers.
    public var labels: [Int32]? {
        guard case .classes(let all, _) = store.targets else { return nil }
        let chosen = selection.map { $0.map { all[Int($0)] } } ?? all
        guard let relabelling else { return chosen }
        return chosen.map { relabelling[Int($0)] }
    }

    /// Number of samples of each class, by its number; nil where the targets are numbers.
    public var classSizes: [Int]? {
        labels.map { labels in
            labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[Int($1)] += 1 }
        }
    }

    /// What each value of a sample is, for tables; empty where nobody named them.
    public var featureNames: [String] { store.featureNames }

    /// One sample.
    ///
    /// - Throws: `DatasetError` where `index` is not in `0..<size`, and what reading an image file throws.
    public func sample(_ index: Int) throws -> Sample {
        guard index >= 0, index < size else {
            throw DatasetError("sample \(index) is not in 0..<\(size) of \(name)")
        }
        var values = [Float](repeating: 0, count: sampleSize)
        var label = [Float](repeating: 0, count: labelSize)
        let chosen = [Int32(index)]
        try values.withUnsafeMutableBufferPointer { valuesOut in
            try label.withUnsafeMutableBufferPointer { labelOut in
                guard let valuesBase = valuesOut.baseAddress, let labelBase = labelOut.baseAddress else { return }
                try fill(indices: chosen[...], into: valuesBase, labels: labelBase)
            }
        }
        return Sample(values: values, label: label)
    }

    /// This dataset with another selection, given as positions in this one.
    public func selecting(_ positions: [Int32], name: String? = nil) -> Dataset {
        Dataset(
            name: name ?? self.name, target: target, store: store,
            selection: selection.map { selection in positions.map { selection[Int($0)] } } ?? positions,
            relabelling: relabelling, normalization: normalization)
    }
}
