import CKernels
import Tensors

/// Random matrices with orthonormal columns or rows.
enum OrthogonalMatrix {
    /// A float64 matrix `[rows, columns]`; its columns are orthonormal, or its rows where there are fewer of them.
    ///
    /// Modified Gram–Schmidt on normal numbers, each vector orthogonalised twice (Giraud et al., 2005), which keeps
    /// the result orthogonal to rounding.
    ///
    /// - Throws: `AllocationError` where memory is refused.
    static func make(rows: Int, columns: Int, seed: UInt64, stream: UInt64) throws -> Tensor {
        let type = TensorType(.float64, [rows, columns])
        guard type.byteCount <= Storage.limitBytes else {
            throw AllocationError(requestedBytes: type.byteCount, limitBytes: Storage.limitBytes)
        }
        let vectors = min(rows, columns)
        let length = max(rows, columns)
        var basis = [Double](repeating: 0, count: vectors * length)
        basis.withUnsafeMutableBufferPointer { basis in
            guard let base = basis.baseAddress else { return }
            nnx_philox_normal_double(seed, stream, 0, vectors * length, base)
            for current in 0..<vectors {
                let vector = base + current * length
                for _ in 0..<2 {
                    for earlier in 0..<current { removeProjection(from: vector, on: base + earlier * length, length) }
                }
                let norm = dot(vector, vector, length).squareRoot()
                for index in 0..<length { vector[index] /= norm }
            }
        }
        if rows < columns { return try Tensor(basis, shape: [rows, columns]) }
        let transposed = (0..<rows * columns).map { basis[$0 % columns * length + $0 / columns] }
        return try Tensor(transposed, shape: [rows, columns])
    }

    private static func removeProjection(
        from vector: UnsafeMutablePointer<Double>, on unit: UnsafeMutablePointer<Double>, _ length: Int
    ) {
        let share = dot(vector, unit, length)
        for index in 0..<length { vector[index] -= share * unit[index] }
    }

    private static func dot(
        _ left: UnsafeMutablePointer<Double>, _ right: UnsafeMutablePointer<Double>, _ length: Int
    ) -> Double {
        var sum = 0.0
        for index in 0..<length { sum += left[index] * right[index] }
        return sum
    }
}
