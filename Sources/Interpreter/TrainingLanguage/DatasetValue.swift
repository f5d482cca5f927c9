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
            + (pair.classCount > 0 ? ", \(pair.classCount) classes" : "")
    }

    var fieldNames: [String] { ["train", "test", "shape", "classes", "name"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "train": return .object(DatasetValue(pair.train))
        case "test": return .object(DatasetValue(pair.test))
        case "shape": return try machine.vector(pair.shape)
        case "classes": return .list(pair.classNames.map(Value.string))
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
    }

    var fieldNames: [String] { ["size", "shape", "classes", "labels", "name", "x", "y"] }

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
            let (x, y) = (try Tensor(uninitialized: values), try Tensor(uninitialized: targets))
            dataset.fill(
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
            let sample = try machine.reading(at: span) { try dataset.sample(index) }
            let values = try Tensor(
                sample.values.map(Double.init), shape: Shape(dataset.sampleShape), elementType: .float32)
            let label: Value =
                sample.label.count == 1 ? .number(Double(sample.label[0])) : try machine.vector(sample.label)
            return .record(
                Record([("x", Value(machine.builder.constant(values))), ("y", label)]))
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

    /// A vector of whole numbers.
    func vector(_ numbers: [some BinaryInteger]) throws -> Value {
        .tensor(builder.constant(try Tensor(numbers.map { Double($0) }, shape: [numbers.count])))
    }

    func vector(_ numbers: [some BinaryFloatingPoint]) throws -> Value {
        .tensor(builder.constant(try Tensor(numbers.map { Double($0) }, shape: [numbers.count])))
    }

    /// Runs what reads data; its errors are shown at `span`.
    func reading<T>(at span: SourceSpan, _ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw locating(error, at: span) }
    }
}
