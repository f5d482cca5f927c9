import CKernels
import Tensors

/// Rows chosen by number, and class numbers as indicator rows.
enum GatheringOperations {
    static let all: [Operation] = [gather, scatterAdd, oneHot]

    static let gather: Operation = Operation(
        "gather",
        documentation: OperationDocumentation(
            "Rows of x (entries along its first axis) by number, in any order and as often as wanted.",
            formula: "y_i = x_(indices_i)", shapes: "[n, …], [k] -> [k, …]",
            example: "gather([10, 20, 30], [2, 0, 0])   # -> [30, 10, 10]"),
        parameters: [OperationParameter("x", .tensor), OperationParameter("indices", .tensor)],
        infer: { inputs, _ in
            guard inputs[0].shape.rank > 0 else {
                throw OperationError("'gather' takes rows of a tensor", expected: "[n, …]", found: "a scalar")
            }
            return TensorType(
                inputs[0].elementType, Shape(inputs[1].shape.dimensions + inputs[0].shape.dimensions.dropFirst()))
        },
        derivative: { request in
            let rows = request.inputs[0].shape[0]
            let scattered =
                request.needed[0]
                ? try request.builder.apply(
                    scatterAdd, [request.gradient, request.inputs[1]], ["rows": .integer(rows)]) : nil
            return [scattered, nil]
        },
        kernel: .computed { request in
            let rows = request.inputs[0].shape[0]
            let row = AxisBlock(request.inputs[0].shape, axis: 0).inner
            let count = request.inputs[1].shape.count
            let type = request.output.elementType
            return PreparedKernel(path: "row gather") { arguments in
                try requireWhole(arguments.inputs[1], type, count, below: rows, "gather", "row")
                switch type {
                case .float32:
                    nnx_gather_rows_float(
                        arguments.inputs[0].floats, rows, row, arguments.inputs[1].floats, count,
                        arguments.output.floats)
                case .float64:
                    nnx_gather_rows_double(
                        arguments.inputs[0].doubles, rows, row, arguments.inputs[1].doubles, count,
                        arguments.output.doubles)
                }
            }
        })

    /// Zeros to which rows are added: the adjoint of gather.
    static let scatterAdd: Operation = Operation(
        "scatter_add", isPublic: false,
        documentation: OperationDocumentation(
            "Adds rows to zeros at the places that indices name.", formula: "y_(indices_i) += x_i",
            shapes: "[k, …], [k] -> [rows, …]", example: ""),
        parameters: [
            OperationParameter("x", .tensor), OperationParameter("indices", .tensor),
            OperationParameter("rows", .integer),
        ],
        infer: { inputs, attributes in
            let (values, indices) = (inputs[0].shape, inputs[1].shape)
            guard Array(values.dimensions.prefix(indices.rank)) == indices.dimensions else {
                throw OperationError(
                    "'scatter_add' needs a row for each index", expected: "\(indices) first", found: "shape \(values)")
            }
            let rows = attributes.integer("rows", default: 0)
            guard rows >= 0 else {
                throw OperationError("'scatter_add' needs rows", expected: "rows from 0", found: "\(rows)")
            }
            return TensorType(inputs[0].elementType, Shape([rows] + values.dimensions.dropFirst(indices.rank)))
        },
        derivative: { request in
            [try request.builder.apply(gather, [request.gradient, request.inputs[1]]), nil]
        },
        kernel: .computed { request in
            let rows = request.output.shape[0]
            let row = AxisBlock(request.output.shape, axis: 0).inner
            let count = request.inputs[1].shape.count
            let type = request.output.elementType
            // Columns are cut, never the rows: each element is a sum in the order of the indices.
            let columnsPerChunk = 64
            let chunks = (row + columnsPerChunk - 1) / columnsPerChunk
            return PreparedKernel(path: "row scatter") { arguments in
                StridedCopy.fill(type, arguments.output, rows * row, with: 0)
                let nanoseconds = Double(count * row)
                arguments.pool.parallelFor(chunks, nanoseconds: nanoseconds) { chunk, _ in
                    let first = chunk * columnsPerChunk
                    let last = Swift.min(first + columnsPerChunk, row)
                    switch type {
                    case .float32:
                        nnx_scatter_add_rows_float(
                            arguments.output.floats, rows, row, arguments.inputs[1].floats, count,
                            arguments.inputs[0].floats, first, last)
                    case .float64:
                        nnx_scatter_add_rows_double(
                            arguments.output.doubles, rows, row, arguments.inputs[1].doubles, count,
                            arguments.inputs[0].doubles, first, last)
                    }
                }
            }
        })

    static let oneHot: Operation = Operation(
        "one_hot",
        documentation: OperationDocumentation(
            "Class numbers as rows that are 1 at the class and 0 elsewhere. In a loss, classes is the head's.",
            formula: "y_ij = 1 if j = labels_i", shapes: "[batch] -> [batch, classes]",
            example: "one_hot([2, 0], 3)   # -> [[0, 0, 1], [1, 0, 0]]"),
        parameters: [
            OperationParameter("labels", .tensor), OperationParameter("classes", .integer, optional: true),
        ],
        infer: { inputs, attributes in
            guard attributes["classes"] != nil else {
                throw OperationError(
                    "'one_hot' needs the number of classes", expected: "one_hot(labels, classes)",
                    found: "labels alone", hint: "for ten classes write one_hot(y, 10)")
            }
            let classes = attributes.integer("classes", default: 0)
            guard 0..<ShapeRules.largestSetting ~= classes else {
                throw OperationError(
                    "'one_hot' cannot have \(classes) classes", expected: "classes from 0", found: "\(classes)")
            }
            return TensorType(inputs[0].elementType, Shape(inputs[0].shape.dimensions + [classes]))
        },
        derivative: nil,
        kernel: .computed { request in
            let count = request.inputs[0].shape.count
            let classes = request.output.shape[request.output.shape.rank - 1]
            let type = request.output.elementType
            return PreparedKernel(path: "one hot") { arguments in
                try requireWhole(arguments.inputs[0], type, count, below: classes, "one_hot", "class")
                switch type {
                case .float32:
                    nnx_one_hot_float(arguments.inputs[0].floats, count, classes, arguments.output.floats)
                case .float64:
                    nnx_one_hot_double(arguments.inputs[0].doubles, count, classes, arguments.output.doubles)
                }
            }
        })

    /// Checks that numbers from a tensor can be indices.
    private static func requireWhole(
        _ pointer: UnsafeRawPointer, _ type: ElementType, _ count: Int, below bound: Int, _ name: String, _ what: String
    ) throws {
        for index in 0..<count {
            let value =
                switch type {
                case .float32: Double(pointer.floats[index])
                case .float64: pointer.doubles[index]
                }
            guard value >= 0, value < Double(bound), value == value.rounded() else {
                throw OperationError(
                    "'\(name)' has no \(what) \(value.description)",
                    expected: bound > 0
                        ? "whole numbers from 0 to \(bound - 1)" : "no number at all: there is no \(what)",
                    found: "\(value.description) at place \(index)")
            }
        }
    }
}
