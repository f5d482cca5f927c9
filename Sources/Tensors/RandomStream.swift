import CKernels

/// A sequence of random numbers that is named by a seed and a stream: number `i` is a function of (seed, stream, i)
/// and of nothing else. Philox4x32-10 (Salmon et al., 2011); the layout is documented in CKernels' `philox.h`.
///
/// A stream is a value. `position` moves on by what was drawn; setting it jumps.
public struct RandomStream: Sendable, Hashable {
    public let seed: UInt64
    public let stream: UInt64
    /// Number of the next element.
    public var position: UInt64

    public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
        self.position = position
    }

    /// Uniform numbers in [0, 1).
    /// - Throws: `TensorError` for a negative extent, `AllocationError` where memory is refused.
    public mutating func uniform(_ shape: Shape, elementType: ElementType = .float64) throws -> Tensor {
        try draw(shape, elementType, float: nnx_philox_uniform_float, double: nnx_philox_uniform_double)
    }

    /// Numbers of the standard normal distribution (Box-Muller).
    /// - Throws: `TensorError` for a negative extent, `AllocationError` where memory is refused.
    public mutating func normal(_ shape: Shape, elementType: ElementType = .float64) throws -> Tensor {
        try draw(shape, elementType, float: nnx_philox_normal_float, double: nnx_philox_normal_double)
    }

    private mutating func draw(
        _ shape: Shape, _ elementType: ElementType,
        float: (UInt64, UInt64, UInt64, Int, UnsafeMutablePointer<Float>?) -> Void,
        double: (UInt64, UInt64, UInt64, Int, UnsafeMutablePointer<Double>?) -> Void
    ) throws -> Tensor {
        try shape.requireExtents()
        let result = try Tensor(uninitialized: TensorType(elementType, shape))
        switch elementType {
        case .float32:
            float(seed, stream, position, result.count, result.pointer.assumingMemoryBound(to: Float.self))
        case .float64:
            double(seed, stream, position, result.count, result.pointer.assumingMemoryBound(to: Double.self))
        }
        position &+= UInt64(result.count)
        return result
    }

    /// The next `count` words as the generator gives them.
    public mutating func words(_ count: Int) -> [UInt32] {
        let words = [UInt32](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
            if let start = buffer.baseAddress { nnx_philox_words(seed, stream, position, max(0, count), start) }
            initialized = max(0, count)
        }
        position &+= UInt64(words.count)
        return words
    }
}
