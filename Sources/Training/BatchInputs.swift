import Datasets
import Graphs
import Tensors

/// The two nodes that stand for a batch, and how its numbers get there.
struct BatchInputs {
    let count: Int
    let sampleSize: Int
    let labelSize: Int
    let elementType: ElementType

    init(count: Int, dataset: Dataset, elementType: ElementType) {
        self.count = count
        sampleSize = dataset.sampleSize
        labelSize = dataset.labelSize
        self.elementType = elementType
    }

    /// The targets: `[batch]` class numbers or `[batch, width]` values.
    func labelNode(for target: Dataset.Target, builder: GraphBuilder) -> Node {
        switch target {
        case .classes: builder.placeholder("y", TensorType(elementType, [count]))
        case .values(let width): builder.placeholder("y", TensorType(elementType, [count, width]))
        }
    }

    /// Gives a plan its inputs 0 (samples) and 1 (targets); float32 is not copied.
    func feed(_ plan: Plan, _ batch: BatchSource.Batch) {
        switch elementType {
        case .float32:
            plan.bind(input: 0, to: batch.values)
            plan.bind(input: 1, to: batch.labels)
        case .float64:
            widen(batch.values, to: plan.inputPointer(0), count: count * sampleSize)
            widen(batch.labels, to: plan.inputPointer(1), count: count * labelSize)
        }
    }

    private func widen(_ source: UnsafeMutablePointer<Float>, to target: UnsafeMutableRawPointer, count: Int) {
        let numbers = target.assumingMemoryBound(to: Double.self)
        for index in 0..<count { numbers[index] = Double(source[index]) }
    }
}

/// Reads results of a plan.
enum PlanOutput {
    static func scalar(_ pointer: UnsafeRawPointer, _ elementType: ElementType) -> Double {
        switch elementType {
        case .float32: Double(pointer.load(as: Float.self))
        case .float64: pointer.load(as: Double.self)
        }
    }

    /// Adds all numbers of an output.
    static func append(_ pointer: UnsafeRawPointer, _ type: TensorType, to numbers: inout [Double]) {
        switch type.elementType {
        case .float32:
            let source = pointer.assumingMemoryBound(to: Float.self)
            numbers += UnsafeBufferPointer(start: source, count: type.shape.count).map(Double.init)
        case .float64:
            let source = pointer.assumingMemoryBound(to: Double.self)
            numbers += UnsafeBufferPointer(start: source, count: type.shape.count)
        }
    }

    /// For each row of `[count, width]` the class that it says.
    static func forEachPrediction(
        _ pointer: UnsafeRawPointer, _ elementType: ElementType, count: Int, classes: ClassOutput,
        _ body: (_ row: Int, _ predicted: Int) -> Void
    ) {
        switch elementType {
        case .float32:
            let numbers = pointer.assumingMemoryBound(to: Float.self)
            for row in 0..<count { body(row, classes.said(numbers + row * classes.width)) }
        case .float64:
            let numbers = pointer.assumingMemoryBound(to: Double.self)
            for row in 0..<count { body(row, classes.said(numbers + row * classes.width)) }
        }
    }

    /// How many rows say the class that the label names.
    static func countCorrect(
        _ pointer: UnsafeRawPointer, _ elementType: ElementType, labels: UnsafeMutablePointer<Float>, count: Int,
        classes: ClassOutput
    ) -> Int {
        var correct = 0
        forEachPrediction(pointer, elementType, count: count, classes: classes) { row, predicted in
            if Int(labels[row]) == predicted { correct += 1 }
        }
        return correct
    }
}
