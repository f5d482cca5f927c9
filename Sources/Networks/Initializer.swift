import CKernels
import Graphs
import Tensors

/// How the first numbers of a weight are drawn.
///
/// Fan-in and fan-out follow from the shape: `[in, out]` for a dense layer, `[height, width, in, out]` for a
/// convolution, whose kernel area multiplies both.
public enum Initializer: Sendable {
    /// The same number everywhere.
    case constant(Double)
    /// Normal with mean 0.
    case normal(standardDeviation: Double)
    /// Uniform in `-limit ..< limit`.
    case uniform(limit: Double)
    /// Uniform with limit √(6 / (fan-in + fan-out)); Glorot & Bengio (2010).
    case glorot
    /// Normal with standard deviation √(2 / fan-in); He et al. (2015).
    case he
    /// Orthonormal columns (or rows, where there are fewer) of the weight as a matrix `[all other axes, out]`,
    /// from the QR factorisation of normal numbers; Saxe, McClelland & Ganguli (2014).
    case orthogonal
    /// These numbers.
    case values(Tensor)

    /// Inputs and outputs that one number of a weight of this shape connects.
    public static func fans(of shape: Shape) -> (fanIn: Int, fanOut: Int) {
        switch shape.rank {
        case 0: return (1, 1)
        case 1: return (shape[0], shape[0])
        default:
            let area = shape.dimensions.dropLast(2).reduce(1, *)
            return (area * shape[shape.rank - 2], area * shape[shape.rank - 1])
        }
    }

    /// The random stream of the weight `name`: FNV-1a (64 bits) of the name's UTF-8 bytes.
    ///
    /// It depends on nothing but the name, so a layer starts with the same numbers in every net that has it there.
    public static func stream(for name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// New numbers for the weight `name`: a pure function of seed, name, shape and element type.
    ///
    /// - Throws: `OperationError` where `values` has another shape, `AllocationError` where memory is refused.
    public func makeTensor(name: String, type: TensorType, seed: UInt64) throws -> Tensor {
        let stream = Initializer.stream(for: name)
        let (fanIn, fanOut) = Initializer.fans(of: type.shape)
        switch self {
        case .constant(let value): return try Tensor(repeating: value, type)
        case .normal(let deviation):
            return try Initializer.normal(type, deviation: deviation, seed: seed, stream: stream)
        case .he:
            let deviation = (2 / Double(max(fanIn, 1))).squareRoot()
            return try Initializer.normal(type, deviation: deviation, seed: seed, stream: stream)
        case .uniform(let limit): return try Initializer.uniform(type, limit: limit, seed: seed, stream: stream)
        case .glorot:
            let limit = (6 / Double(max(fanIn + fanOut, 1))).squareRoot()
            return try Initializer.uniform(type, limit: limit, seed: seed, stream: stream)
        case .orthogonal:
            let columns = type.shape.rank < 2 ? 1 : type.shape[type.shape.rank - 1]
            let rows = type.shape.count / max(columns, 1)
            return try OrthogonalMatrix.make(rows: rows, columns: columns, seed: seed, stream: stream)
                .converted(to: type.elementType).reshaped(to: type.shape)
        case .values(let tensor):
            guard tensor.shape == type.shape else {
                throw OperationError(
                    "the values given for '\(name)' have another shape", expected: "\(type.shape)",
                    found: "\(tensor.shape)")
            }
            return try tensor.converted(to: type.elementType)
        }
    }

    private static func normal(
        _ type: TensorType, deviation: Double, seed: UInt64, stream: UInt64
    ) throws -> Tensor {
        let tensor = try Tensor(uninitialized: type)
        let count = type.shape.count
        switch type.elementType {
        case .float32:
            let numbers = tensor.pointer.assumingMemoryBound(to: Float.self)
            nnx_philox_normal_float(seed, stream, 0, count, numbers)
            for index in 0..<count { numbers[index] *= Float(deviation) }
        case .float64:
            let numbers = tensor.pointer.assumingMemoryBound(to: Double.self)
            nnx_philox_normal_double(seed, stream, 0, count, numbers)
            for index in 0..<count { numbers[index] *= deviation }
        }
        return tensor
    }

    private static func uniform(_ type: TensorType, limit: Double, seed: UInt64, stream: UInt64) throws -> Tensor {
        let tensor = try Tensor(uninitialized: type)
        let count = type.shape.count
        switch type.elementType {
        case .float32:
            let numbers = tensor.pointer.assumingMemoryBound(to: Float.self)
            nnx_philox_uniform_float(seed, stream, 0, count, numbers)
            for index in 0..<count { numbers[index] = (2 * numbers[index] - 1) * Float(limit) }
        case .float64:
            let numbers = tensor.pointer.assumingMemoryBound(to: Double.self)
            nnx_philox_uniform_double(seed, stream, 0, count, numbers)
            for index in 0..<count { numbers[index] = (2 * numbers[index] - 1) * limit }
        }
        return tensor
    }
}
