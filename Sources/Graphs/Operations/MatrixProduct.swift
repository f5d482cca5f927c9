import CKernels
import Scheduling
import Tensors

/// Products of vectors, matrices and batches of matrices.
enum MatrixProductOperations {
    static let all: [Operation] = [matmul, outer]

    static let matmul: Operation = Operation(
        "matmul",
        documentation: OperationDocumentation(
            "Matrix product, also written a @ b. Vectors count as a row on the left and a column on the right; leading "
                + "axes are a batch and broadcast.",
            formula: "y_ij = sum over k of a_ik b_kj", shapes: "[rows, k] @ [k, columns] -> [rows, columns]",
            example: "matmul([[1, 2], [3, 4]], [1, 1])   # -> [3, 7]"),
        parameters: [
            OperationParameter("a", .tensor), OperationParameter("b", .tensor),
            OperationParameter("bias", .optionalTensor),
        ],
        infer: { inputs, attributes in
            TensorType(inputs[0].elementType, try Sizes(inputs, attributes).output)
        },
        derivative: derivative,
        cost: { inputs, output, attributes in
            let depth = (try? Sizes(inputs, attributes).depth) ?? 0
            return OperationCost(
                multiplyAdds: OperationCost.product(output.shape.count, depth),
                bytes: OperationCost.bytes(inputs, output)
            )
        },
        rewriting: { builder, inputs, attributes in
            let sizes = try Sizes(inputs.map(\.type), attributes)
            guard let operands = try sizes.asMatrices(inputs, builder) else { return nil }
            return try builder.reshape(builder.apply(matmul, operands, attributes), to: sizes.output)
        },
        kernel: .computed { request in
            let sizes = try Sizes(request.inputs, request.attributes)
            return kernel(sizes, request)
        })

    static let outer: Operation = Operation(
        "outer",
        documentation: OperationDocumentation(
            "All products of an element of a and an element of b.", formula: "y_ij = a_i b_j",
            shapes: "[rows], [columns] -> [rows, columns]", example: "outer([1, 2], [3, 4])   # -> [[3, 4], [6, 8]]"),
        parameters: [OperationParameter("a", .tensor), OperationParameter("b", .tensor)],
        infer: { inputs, _ in
            for input in inputs { try ShapeRules.requireRank(1, input, "[n]", for: "outer") }
            return TensorType(inputs[0].elementType, [inputs[0].shape[0], inputs[1].shape[0]])
        },
        rewriting: { builder, inputs, _ in
            try builder.multiply(builder.reshape(inputs[0], to: [inputs[0].shape[0], 1]), inputs[1])
        })

    private static let derivative: @Sendable (DerivativeRequest) throws -> [Node?] = { request in
        let builder = request.builder
        let (a, b) = (request.inputs[0], request.inputs[1])
        var gradient = request.gradient
        if request.attributes.text("activation", default: "none") == "relu" {
            let zero = try builder.scalar(0, gradient.elementType)
            gradient = try builder.multiply(
                gradient, builder.apply(ComparisonOperations.greater, [request.output, zero]))
        }
        let transposeA = request.attributes.flag("transposeA", default: false)
        let transposeB = request.attributes.flag("transposeB", default: false)
        var result: [Node?] = [nil, nil]
        if request.needed[0] {
            result[0] =
                transposeA
                ? try builder.matmul(b, gradient, transposeA: transposeB, transposeB: true)
                : try builder.matmul(gradient, b, transposeB: !transposeB)
        }
        if request.needed[1] {
            result[1] =
                transposeB
                ? try builder.matmul(gradient, a, transposeA: true, transposeB: transposeA)
                : try builder.matmul(a, gradient, transposeA: !transposeA)
        }
        if request.inputs.count > 2 {
            result.append(request.needed[2] ? try builder.sum(gradient, to: request.inputs[2].shape) : nil)
        }
        return result
    }

    /// Extents of a product, or what is wrong with them.
    struct Sizes: Sendable {
        var batch: [Int]
        var rows: Int
        var depth: Int
        var columns: Int
        var transposeA: Bool
        var transposeB: Bool
        var output: Shape
        private var isPlain: Bool

        init(_ inputs: [TensorType], _ attributes: Attributes) throws {
            let (a, b) = (inputs[0].shape, inputs[1].shape)
            transposeA = attributes.flag("transposeA", default: false)
            transposeB = attributes.flag("transposeB", default: false)
            guard a.rank > 0, b.rank > 0 else {
                throw OperationError(
                    "'@' is the product of matrices and vectors", expected: "[rows, k] @ [k, columns]",
                    found: "\(a) @ \(b)", hint: "a number multiplies with *")
            }
            rows = a.rank == 1 ? 1 : a[a.rank - (transposeA ? 1 : 2)]
            depth = a.rank == 1 ? a[0] : a[a.rank - (transposeA ? 2 : 1)]
            columns = b.rank == 1 ? 1 : b[b.rank - (transposeB ? 2 : 1)]
            let other = b.rank == 1 ? b[0] : b[b.rank - (transposeB ? 1 : 2)]
            guard depth == other else { throw Self.mismatch(a, b, depth, other, transposeA, transposeB) }
            let (batchA, batchB) = (Shape(a.dimensions.dropLast(2)), Shape(b.dimensions.dropLast(2)))
            guard let shared = batchA.broadcast(with: batchB) else {
                throw OperationError(
                    "'@' cannot pair the batches \(batchA) and \(batchB)",
                    expected: "leading extents that are equal or 1", found: "\(a) @ \(b)")
            }
            batch = shared.dimensions
            output = Shape(batch + (a.rank == 1 ? [] : [rows]) + (b.rank == 1 ? [] : [columns]))
            isPlain = a.rank > 1 && b.rank > 1 && batchA == batchB
            if inputs.count > 2, inputs[2].shape != [columns] {
                throw OperationError(
                    "the bias of '@' is added to each row", expected: "[columns = \(columns)]",
                    found: "shape \(inputs[2].shape)")
            }
        }

        private static func mismatch(
            _ a: Shape, _ b: Shape, _ depth: Int, _ other: Int, _ transposeA: Bool, _ transposeB: Bool
        ) -> OperationError {
            var hint: String?
            if a.rank == 2, b.rank == 2, !transposeA, !transposeB {
                if a[1] == b[1] {
                    hint = "a @ transpose(b) fits"
                } else if a[0] == b[0] {
                    hint = "transpose(a) @ b fits"
                }
            }
            if a.rank > 2, b.rank == 2,
                a.dimensions.dropFirst().reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == other
            {
                hint = "flatten the axes after the first: \(a) has \(other) features in each sample"
            }
            let left = b.rank == 1 ? "[…, k = \(other)] @ [k = \(other)]" : "[batch, features = \(other)]"
            return OperationError(
                "'@' needs as many columns on the left as rows on the right: \(depth) is not \(other)",
                expected: b.rank == 1 ? left : "\(left) for the matrix \(b)",
                found: a.rank == 1 ? "[features = \(depth)]" : "[batch, features = \(depth)], shape \(a)", hint: hint)
        }

        /// Operands as two matrices, or two batches of matrices with equal leading axes; nil where they are already.
        func asMatrices(_ inputs: [Node], _ builder: GraphBuilder) throws -> [Node]? {
            guard !isPlain else { return nil }
            let (a, b) = (inputs[0], inputs[1])
            let bias = inputs.dropFirst(2)
            // A vector is a row on the left and a column on the right, whichever way the flags read it.
            let matrixA = try a.shape.rank > 1 ? a : builder.reshape(a, to: transposeA ? [depth, 1] : [1, depth])
            let matrixB = try b.shape.rank > 1 ? b : builder.reshape(b, to: transposeB ? [1, depth] : [depth, 1])
            if matrixB.shape.rank == 2, matrixA.shape.rank > 2, !transposeA {
                let folded = Shape(matrixA.shape.dimensions.dropLast()).count
                return [try builder.reshape(matrixA, to: [folded, depth]), matrixB] + bias
            }
            func spread(_ matrix: Node) throws -> Node {
                try builder.broadcast(matrix, to: Shape(batch + matrix.shape.dimensions.suffix(2)))
            }
            return [try spread(matrixA), try spread(matrixB)] + bias
        }
    }

    private static func kernel(_ sizes: Sizes, _ request: KernelRequest) -> PreparedKernel {
        let (rows, columns, depth) = (sizes.rows, sizes.columns, sizes.depth)
        var problem = nnx_gemm_problem()
        problem.rows = rows
        problem.columns = columns
        problem.depth = depth
        problem.a_row_stride = sizes.transposeA ? 1 : depth
        problem.a_column_stride = sizes.transposeA ? rows : 1
        problem.b_row_stride = sizes.transposeB ? 1 : columns
        problem.b_column_stride = sizes.transposeB ? depth : 1
        problem.c_row_stride = columns
        problem.has_bias = request.inputs.count > 2
        problem.activation = request.attributes.text("activation", default: "none") == "relu" ? .relu : .none
        let batch = Shape(sizes.batch).count
        let product = problem
        switch request.output.elementType {
        case .float32:
            let choice = KernelChoice.current
            let plan = nnx_gemm_plan_by(choice.product, choice.instructionSet, product)
            return PreparedKernel(
                path:
                    "gemm \(rows)x\(columns)x\(depth) by \(String(cString: nnx_gemm_algorithm_name(plan.algorithm)))",
                scratchBytes: { plan.work.scratchBytes(threads: $0) }
            ) { arguments in
                withUnsafePointer(to: plan) { plan in
                    for item in 0..<batch {
                        let a = arguments.inputs[0].floats + item * rows * depth
                        let b = arguments.inputs[1].floats + item * depth * columns
                        let c = arguments.output.floats + item * rows * columns
                        let bias = arguments.inputs.count > 2 ? arguments.inputs[2].floats : nil
                        plan.pointee.work.run(scratch: arguments.scratch, pool: arguments.pool) {
                            phase, chunk, shared, worker in
                            nnx_gemm_run(plan, phase, chunk, a, b, c, bias, shared, worker)
                        }
                    }
                }
            }
        case .float64:
            return PreparedKernel(path: "plain gemm \(rows)x\(columns)x\(depth)") { arguments in
                let nanoseconds = Double(rows * columns) * Double(depth) * Double(batch)
                arguments.pool.parallelFor(batch, nanoseconds: nanoseconds) { item, _ in
                    var problem = product
                    nnx_plain_gemm_double(
                        &problem, arguments.inputs[0].doubles + item * rows * depth,
                        arguments.inputs[1].doubles + item * depth * columns,
                        arguments.output.doubles + item * rows * columns,
                        arguments.inputs.count > 2 ? arguments.inputs[2].doubles : nil)
                }
            }
        }
    }
}
