import CKernels

/// Random numbers as a pure function of (seed, stream, part, position): Philox4x32-10 of the kernels.
struct Philox {
    /// What random numbers of one seed are for, so that no two uses share any.
    enum Stream: UInt32 {
        case epochOrder = 1
        case selection = 2
        case syntheticTrain = 3
        case syntheticTest = 4
        case syntheticCoefficients = 5
    }

    let seed: UInt64
    let stream: Stream

    /// 64 random bits at `position` of part `part` of the stream.
    ///
    /// They are the first two words of the block at the counter (position low, position high, part, stream) with the seed as
    /// key.
    func bits(_ position: UInt64, part: UInt32 = 0) -> UInt64 {
        let counter = nnx_philox_block(
            words: (
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32), part, stream.rawValue
            ))
        let block = nnx_philox4x32(seed, counter)
        return UInt64(block.words.0) << 32 | UInt64(block.words.1)
    }

    /// Two independent numbers, uniform in [0, 1), at `position` of part `part`.
    func uniforms(_ position: Int, part: UInt32) -> (Double, Double) {
        var pair = (0.0, 0.0)
        withUnsafeMutableBytes(of: &pair) { bytes in
            nnx_philox_uniform_double(
                seed, kernelStream(part), UInt64(2 * position), 2,
                bytes.assumingMemoryBound(to: Double.self).baseAddress)
        }
        return pair
    }

    /// Two independent numbers of the standard normal distribution at `position` of part `part`.
    func normals(_ position: Int, part: UInt32) -> (Double, Double) {
        var pair = (0.0, 0.0)
        withUnsafeMutableBytes(of: &pair) { bytes in
            nnx_philox_normal_double(
                seed, kernelStream(part), UInt64(2 * position), 2,
                bytes.assumingMemoryBound(to: Double.self).baseAddress)
        }
        return pair
    }

    /// The kernels' 64-bit stream holds the part in its lower half.
    private func kernelStream(_ part: UInt32) -> UInt64 { UInt64(stream.rawValue) << 32 | UInt64(part) }
}
