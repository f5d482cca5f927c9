import Datasets
import Language
import Tensors

/// A training and a test split: `fashion_mnist()`.
final class DatasetPairValue: ObjectValue {
    let pair: DatasetPair

    init(_ pair: DatasetPair) { self.pair = pair }

    var typeName: String { "dataset" }

    func preview() -> String {
        "dataset \(pair.name): \(pair.train.size) to train, \(pair.test.size) to test, samples \(Shape(pair.shape))"
            + (pair.classCount > 0 ? ", \(pair.classCount) classes" : "") + normalizationText(pair.normalization)
    }

    var fieldNames: [String] { ["train", "test", "shape", "classes", "normalization", "name"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "train": return .object(DatasetValue(pair.train))
        case "test": return .object(DatasetValue(pair.test))
        case "shape": return try machine.vector(pair.shape)
        case "classes": return .list(pair.classNames.map(Value.string))
        case "normalization": return try machine.record(of: pair.normalization)
        case "name": return .string(pair.name)
        default: return nil
        }
    }
}

/// One split: `data.train`.
final class DatasetValue: ObjectValue {
    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    var typeName: String { "dataset" }

    func preview() -> String {
        "dataset \(dataset.name): \(dataset.size) samples \(Shape(dataset.sampleShape))"
            + (dataset.classCount > 0 ? ", \(dataset.classCount) classes" : "")
            + normalizationText(dataset.normalization)
    }

    var fieldNames: [String] {
        ["size", "shape", "classes", "class_sizes", "labels", "x", "y", "columns", "normalization", "name"]
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "x", "y": return try whole(name, machine)
        case "size": return .number(Double(dataset.size))
        case "shape": return try machine.vector(dataset.sampleShape)
        case "classes": return .list(dataset.classNames.map(Value.string))
        case "labels":
            guard let labels = dataset.labels else { return Value.none }
            return .tensor(
                machine.builder.constant(try Tensor(labels.map(Double.init), shape: [labels.count])))
        case "class_sizes": return try dataset.classSizes.map { try machine.vector($0) } ?? Value.none
        case "columns": return .list(dataset.featureNames.map(Value.string))
        case "normalization": return try machine.record(of: dataset.normalization)
        case "name": return .string(dataset.name)
        default: return nil
        }
    }

    /// All samples in one tensor, [size] + the sample's shape, or their targets: [size], [size, width] where a target is
    /// several numbers.
    private func whole(_ name: String, _ machine: Machine) throws -> Value {
        let values = TensorType(.float32, Shape([dataset.size] + dataset.sampleShape))
        let targets = TensorType(
            .float32, Shape([dataset.size] + (dataset.labelSize == 1 ? [] : [dataset.labelSize])))
        return try machine.created(name == "x" ? values : targets) {
            if name == "y", let labels = dataset.labels {
                return try Tensor(labels.map(Double.init), shape: targets.shape, elementType: .float32)
            }
            let (x, y) = (try Tensor(uninitialized: values), try Tensor(uninitialized: targets))
            try dataset.fill(
                indices: ArraySlice(0..<Int32(dataset.size)),
                into: x.pointer.assumingMemoryBound(to: Float.self),
                labels: y.pointer.assumingMemoryBound(to: Float.self))
            return name == "x" ? x : y
        }
    }

    /// `data.train[0]` is a record of the sample and its label; `data.train[0..<100]` is a smaller dataset.
    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? {
        guard subscripts.count == 1 else { return nil }
        switch subscripts[0] {
        case .all: return .object(self)
        case .index(let value, let span):
            guard let index = try machine.index(value, count: dataset.size, of: dataset.name, at: span) else {
                return .unknown
            }
            return try machine.sample(dataset, index, at: span)
        case .range(let lower, let upper, let isClosed, let span):
            let part = try machine.slice(
                lower, upper, isClosed: isClosed, count: dataset.size, of: dataset.name, at: span)
            return .object(DatasetValue(dataset.selecting(part.map(Int32.init))))
        }
    }
}

extension Machine {
    /// One split; of a pair it is not said which, so that is an error.
    func dataset(_ value: Value, at span: SourceSpan) throws -> Dataset {
        switch value {
        case .object(let object):
            if let value = object as? DatasetValue { return value.dataset }
            if object is DatasetPairValue {
                throw Diagnostic(
                    "this is a training and a test split", at: span, expected: "one of them", found: "both",
                    hint: "take .train or .test")
            }
        case .cell(let cell): return try dataset(cell.value, at: span)
        default: break
        }
        throw Diagnostic("this is no dataset", at: span, expected: "a dataset", found: value.described)
    }

    /// One sample as a record: its values, its target, and the name of its class where it has one.
    func sample(_ dataset: Dataset, _ index: Int, at span: SourceSpan) throws -> Value {
        let sample = try located(span) { try dataset.sample(index) }
        let values = try Tensor(
            sample.values.map(Double.init), shape: Shape(dataset.sampleShape), elementType: .float32)
        let isNumber = sample.label.count == 1
        var fields = [
            ("x", Value(builder.constant(values))),
            ("y", isNumber ? Value.number(Double(sample.label[0])) : try vector(sample.label)),
        ]
        if dataset.classCount > 0 { fields.append(("class", .string(dataset.classNames[Int(sample.label[0])]))) }
        return .record(Record(fields))
    }

    /// Mean and deviation as a record, none where data is as in its source.
    fileprivate func record(of normalization: Normalization?) throws -> Value {
        guard let normalization else { return .none }
        return .record(
            Record([
                ("mean", try vector(normalization.mean)), ("deviation", try vector(normalization.standardDeviation)),
            ]))
    }

    /// A vector of whole numbers.
    func vector(_ numbers: [some BinaryInteger]) throws -> Value {
        .tensor(builder.constant(try Tensor(numbers.map { Double($0) }, shape: [numbers.count])))
    }

    func vector(_ numbers: [some BinaryFloatingPoint]) throws -> Value {
        .tensor(builder.constant(try Tensor(numbers.map { Double($0) }, shape: [numbers.count])))
    }

}

/// What a preview says of the statistics in use.
private func normalizationText(_ normalization: Normalization?) -> String {
    guard let normalization else { return "" }
    func list(_ numbers: [Float]) -> String {
        numbers.prefix(3).map { shortNumberText(Double($0)) }.joined(separator: ", ") + (numbers.count > 3 ? ", …" : "")
    }
    return ", normalized: mean [\(list(normalization.mean))], deviation [\(list(normalization.standardDeviation))]"
}
