import Tensors

/// Systems of linear equations and what comes from the same factorisation. Computed in float64 by LU with partial
/// pivoting (Golub & Van Loan, Matrix Computations, section 3.4).
enum LinearSystemOperations {
    static let all: [Operation] = [solve, inverse, determinant, trace]

    static let solve: Operation = Operation(
        "solve",
        documentation: OperationDocumentation(
            "The solution x of A x = b, for one right-hand side or the columns of several.", formula: "x = A^-1 b",
            shapes: "[n, n], [n] -> [n]; [n, n], [n, m] -> [n, m]",
            example: "solve([[2, 0], [0, 4]], [2, 8])   # -> [1, 2]"),
        parameters: [OperationParameter("A", .tensor), OperationParameter("b", .tensor)],
        infer: { inputs, _ in
            let size = try squareSize(inputs[0], for: "solve")
            let right = inputs[1].shape
            guard right.rank == 1 || right.rank == 2, right[0] == size else {
                throw OperationError(
                    "'solve' needs a right-hand side of as many rows as the matrix has",
                    expected: "[n = \(size)] or [n = \(size), columns]", found: "shape \(right)")
            }
            return inputs[1]
        },
        derivative: { request in
            // x = A^-1 b: db = A^-T dx, dA = -db x^T; with A read as transposed both change sides.
            let builder = request.builder
            let isTransposed = request.attributes.flag("transposed", default: false)
            let (matrix, size) = (request.inputs[0], request.inputs[0].shape[0])
            let columns = request.output.shape.count / Swift.max(1, size)
            let right = try builder.apply(
                solve, [matrix, request.gradient], ["transposed": .flag(!isTransposed)])
            guard request.needed[0] else { return [nil, right] }
            let flatRight = try builder.reshape(right, to: [size, columns])
            let flatX = try builder.reshape(request.output, to: [size, columns])
            let product =
                isTransposed
                ? try builder.matmul(flatX, flatRight, transposeB: true)
                : try builder.matmul(flatRight, flatX, transposeB: true)
            return [try builder.negate(product), right]
        },
        cost: { inputs, output, _ in
            let size = inputs[0].shape[0]
            return OperationCost(
                multiplyAdds: OperationCost.product(size, size, size / 3 + output.shape.count / Swift.max(1, size)),
                bytes: OperationCost.bytes(inputs, output))
        },
        kernel: .computed { request in
            let size = request.inputs[0].shape[0]
            let columns = request.output.shape.count / size
            let type = request.output.elementType
            let isTransposed = request.attributes.flag("transposed", default: false)
            return PreparedKernel(
                path: "LU \(size)x\(size)", scratchBytes: { _ in Factorization.byteCount(size) + size * columns * 8 }
            ) { arguments in
                let factors = Factorization(size, arguments.scratch)
                factors.load(arguments.inputs[0], type, transposed: isTransposed)
                guard factors.factorize() != nil else { throw singular("solve") }
                let work = (arguments.scratch + Factorization.byteCount(size)).doubles
                for index in 0..<size * columns { work[index] = read(arguments.inputs[1], type, index) }
                factors.solve(work, columns: columns)
                for index in 0..<size * columns { write(arguments.output, type, index, work[index]) }
            }
        })

    static let inverse: Operation = Operation(
        "inv",
        documentation: OperationDocumentation(
            "Inverse of a matrix. solve is faster and more accurate where A^-1 b is wanted.", formula: "y = A^-1",
            shapes: "[n, n] -> [n, n]", example: "inv([[2, 0], [0, 4]])   # -> [[0.5, 0], [0, 0.25]]"),
        parameters: [OperationParameter("A", .tensor)],
        infer: { inputs, _ in
            _ = try squareSize(inputs[0], for: "inv")
            return inputs[0]
        },
        rewriting: { builder, inputs, _ in
            let identity = try Tensor.identity(inputs[0].shape[0], elementType: inputs[0].elementType)
            return try builder.apply(solve, [inputs[0], builder.constant(identity)])
        })

    static let determinant: Operation = Operation(
        "det",
        documentation: OperationDocumentation(
            "Determinant of a matrix. Its derivative needs a matrix that can be inverted.", formula: "y = |A|",
            shapes: "[n, n] -> []", example: "det([[2, 1], [0, 3]])   # -> 6"),
        parameters: [OperationParameter("A", .tensor)],
        infer: { inputs, _ in
            _ = try squareSize(inputs[0], for: "det")
            return TensorType(inputs[0].elementType, .scalar)
        },
        derivative: { request in
            // Jacobi's formula: d|A| = |A| A^-T.
            let builder = request.builder
            let inverse = try builder.transposeMatrix(builder.apply(inverse, [request.inputs[0]]))
            return [try builder.multiply(builder.multiply(request.gradient, request.output), inverse)]
        },
        kernel: .computed { request in
            let size = request.inputs[0].shape[0]
            let type = request.output.elementType
            return PreparedKernel(path: "LU \(size)x\(size)", scratchBytes: { _ in Factorization.byteCount(size) }) {
                arguments in
                let factors = Factorization(size, arguments.scratch)
                factors.load(arguments.inputs[0], type, transposed: false)
                write(arguments.output, type, 0, factors.factorize() ?? 0)
            }
        })

    static let trace: Operation = Operation(
        "trace",
        documentation: OperationDocumentation(
            "Sum of a matrix's diagonal.", formula: "y = sum of A_ii", shapes: "[n, n] -> []",
            example: "trace([[1, 2], [3, 4]])   # -> 5"),
        parameters: [OperationParameter("A", .tensor)],
        infer: { inputs, _ in
            _ = try squareSize(inputs[0], for: "trace")
            return TensorType(inputs[0].elementType, .scalar)
        },
        rewriting: { builder, inputs, _ in
            let size = inputs[0].shape[0]
            let flat = try builder.reshape(inputs[0], to: [size * size])
            let diagonal = try builder.apply(
                SlicingOperations.slice, [flat],
                ["starts": .integers([0]), "stops": .integers([size * size]), "steps": .integers([size + 1])])
            return try builder.sum(diagonal)
        })

    private static func squareSize(_ input: TensorType, for name: String) throws -> Int {
        try ShapeRules.requireRank(2, input, "[n, n]", for: name)
        guard input.shape[0] == input.shape[1] else {
            throw OperationError("'\(name)' needs a square matrix", expected: "[n, n]", found: "shape \(input.shape)")
        }
        return input.shape[0]
    }

    private static func singular(_ name: String) -> OperationError {
        OperationError(
            "'\(name)' has no single solution: the matrix is singular",
            expected: "a matrix whose columns are independent",
            found: "a pivot of 0 or nan",
            hint: "adding a small multiple of the identity, A + 1e-6 * eye(n), makes it regular")
    }

    private static func read(_ pointer: UnsafeRawPointer, _ type: ElementType, _ index: Int) -> Double {
        switch type {
        case .float32: Double(pointer.floats[index])
        case .float64: pointer.doubles[index]
        }
    }

    private static func write(_ pointer: UnsafeMutableRawPointer, _ type: ElementType, _ index: Int, _ value: Double) {
        switch type {
        case .float32: pointer.floats[index] = Float(value)
        case .float64: pointer.doubles[index] = value
        }
    }

    /// P A = L U in scratch memory: L below the diagonal (its ones left out), U on it and above, then P.
    private struct Factorization {
        let size: Int
        let matrix: UnsafeMutablePointer<Double>
        let order: UnsafeMutablePointer<Int>

        static func byteCount(_ size: Int) -> Int { (size * size + size) * 8 }

        init(_ size: Int, _ scratch: UnsafeMutableRawPointer) {
            self.size = size
            matrix = scratch.doubles
            order = (scratch + size * size * 8).bindMemory(to: Int.self, capacity: size)
        }

        func load(_ source: UnsafeRawPointer, _ type: ElementType, transposed: Bool) {
            for row in 0..<size {
                for column in 0..<size {
                    let place = transposed ? column * size + row : row * size + column
                    matrix[row * size + column] = read(source, type, place)
                }
                order[row] = row
            }
        }

        /// Factorises in place; gives the determinant, or nil where a pivot is 0 or no number.
        func factorize() -> Double? {
            var determinant = 1.0
            for step in 0..<size {
                var pivot = step
                for row in step + 1..<Swift.max(size, step + 1)
                where abs(matrix[row * size + step]) > abs(matrix[pivot * size + step]) { pivot = row }
                let value = matrix[pivot * size + step]
                guard value != 0, value.isFinite else { return nil }
                if pivot != step {
                    for column in 0..<size {
                        let kept = matrix[step * size + column]
                        matrix[step * size + column] = matrix[pivot * size + column]
                        matrix[pivot * size + column] = kept
                    }
                    let kept = order[step]
                    order[step] = order[pivot]
                    order[pivot] = kept
                    determinant = -determinant
                }
                determinant *= value
                for row in step + 1..<Swift.max(size, step + 1) {
                    let factor = matrix[row * size + step] / value
                    matrix[row * size + step] = factor
                    guard factor != 0 else { continue }
                    for column in step + 1..<Swift.max(size, step + 1) {
                        matrix[row * size + column] -= factor * matrix[step * size + column]
                    }
                }
            }
            return determinant
        }

        /// Replaces `right`, [size, columns] in row-major order, by the solution.
        func solve(_ right: UnsafeMutablePointer<Double>, columns: Int) {
            for column in 0..<columns {
                let permuted = (0..<size).map { right[order[$0] * columns + column] }
                for row in 0..<size {
                    var value = permuted[row]
                    for inner in 0..<row { value -= matrix[row * size + inner] * right[inner * columns + column] }
                    right[row * columns + column] = value
                }
                for row in (0..<size).reversed() {
                    var value = right[row * columns + column]
                    for inner in row + 1..<Swift.max(size, row + 1) {
                        value -= matrix[row * size + inner] * right[inner * columns + column]
                    }
                    right[row * columns + column] = value / matrix[row * size + row]
                }
            }
        }
    }
}
