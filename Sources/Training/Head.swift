import Datasets
import Graphs
import Tensors

/// How a row of a net's output says a class.
enum ClassOutput: Equatable {
    /// The place of the first largest of so many numbers.
    case scores(Int)
    /// One number: class 1 where it is over 0, else class 0.
    case sign

    /// Numbers of a row.
    var width: Int {
        switch self {
        case .scores(let count): count
        case .sign: 1
        }
    }

    /// The class that a row says.
    func said<Number: FloatingPoint>(_ numbers: UnsafePointer<Number>) -> Int {
        switch self {
        case .sign: return numbers[0] > 0 ? 1 : 0
        case .scores(let count):
            var best = 0
            for index in 1..<max(count, 1) where numbers[index] > numbers[best] { best = index }
            return best
        }
    }
}

/// Whether what a net says fits what its data asks.
enum Head {
    /// How the output says the class: one number for each class or, of two, one that says which; nil where the data has no
    /// classes.
    ///
    /// - Throws: `OperationError` where the data has classes and the output is not `[batch, classes]`.
    static func classes(of target: Dataset.Target, output: Node, name: String) throws -> ClassOutput? {
        guard case .classes(let names) = target else { return nil }
        if names.count == 2, output.shape.rank == 2, output.shape[1] == 1 { return .sign }
        guard output.shape.rank == 2, output.shape[1] == names.count else {
            let layer = "dense(\(names.count))"
            throw OperationError(
                "\(name) does not fit the \(names.count) classes of the data",
                expected: "[batch, \(names.count) classes]", found: output.shape.namingBatch,
                hint: output.shape.rank > 2
                    ? "end the net with flatten; \(layer): the axes between batch and classes have to go"
                    : "end the net with \(layer)",
                argument: "net")
        }
        return .scores(names.count)
    }

    /// A loss or penalty as a scalar of the net's element type.
    ///
    /// - Parameters:
    ///   - what: "the loss", for messages.
    ///   - argument: the setting that it comes from.
    /// - Throws: `OperationError` where it has axes, or does not depend on the net.
    static func scalar(
        _ loss: Node, _ what: String, argument: String = "loss", _ elementType: ElementType, builder: GraphBuilder
    ) throws -> Node {
        guard loss.shape.count == 1 else {
            throw OperationError(
                "\(what) is not one number", expected: "a scalar, shape []", found: "shape \(loss.shape)",
                hint: "reduce it with mean(…) or sum(…)", argument: argument)
        }
        guard loss.isSymbolic else {
            throw OperationError(
                "\(what) does not depend on the net", hint: "compute it from the net's output, its second argument",
                argument: argument)
        }
        return try builder.convert(builder.reshape(loss, to: .scalar), to: elementType)
    }
}
