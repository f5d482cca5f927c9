/// Philox4x32-10: four random words as a pure function of a counter and a key.
///
/// J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011).
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

    /// The block of four words at `position` of part `part` of the stream.
    ///
    /// Counter words: position low, position high, part, stream; key words: seed low, seed high.
    func block(_ position: UInt64, part: UInt32 = 0) -> SIMD4<UInt32> {
        Philox.block(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32), part,
                stream.rawValue),
            key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }

    /// Ten rounds of the paper's bijection.
    static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter
        var key = key
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) * UInt64(counter[0])
            let second = UInt64(0xCD9E_8D57) * UInt64(counter[2])
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
                UInt32(truncatingIfNeeded: first))
            key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }
}
