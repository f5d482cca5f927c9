import Datasets
import Graphs
import Tensors

/// Whether what a net says fits what its data asks.
enum Head {
    /// Number of classes that a net's output is read as; nil where the data has none.
    ///
    /// - Throws: `OperationError` where the data has classes and the output is not `[batch, classes]`.
    static func classes(of target: Dataset.Target, output: Node, name: String) throws -> Int? {
        guard case .classes(let names) = target else { return nil }
        guard output.shape.rank == 2, output.shape[1] == names.count else {
            throw OperationError(
                "\(name) does not fit the \(names.count) classes of the data",
                expected: "[batch, \(names.count) classes]", found: output.shape.namingBatch,
                hint: "end the net with dense(\(names.count))")
        }
        return names.count
    }

    /// A loss or penalty as a scalar of the net's element type.
    ///
    /// - Throws: `OperationError` where it has axes, or does not depend on the net.
    static func scalar(
        _ loss: Node, _ what: String, _ elementType: ElementType, builder: GraphBuilder
    ) throws -> Node {
        guard loss.shape.count == 1 else {
            throw OperationError(
                "\(what) is not one number", expected: "a scalar, shape []", found: "shape \(loss.shape)",
                hint: "reduce it with mean(…) or sum(…)")
        }
        guard loss.isSymbolic else {
            throw OperationError(
                "\(what) does not depend on the net", hint: "compute it from the net's output, its second argument")
        }
        return try builder.convert(builder.reshape(loss, to: .scalar), to: elementType)
    }
}
