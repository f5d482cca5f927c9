/// The order in which an epoch visits `count` samples: a permutation of `0..<count` that is a pure function of the seed and
/// the epoch.
///
/// Fisher and Yates's shuffle from the end: for `i` from `count - 1` down to 1, place `i` swaps with place
/// `⌊r · (i + 1) / 2⁶⁴⌋`, where `r` is the first 64 bits of the Philox block at counter (i, 0, epoch, 1) under the seed as
/// key. The choice among `i + 1` places is uneven by less than 2⁻³³.
///
/// - Parameters:
///   - count: Number of samples, at most 2³¹ - 1; 0 or less gives an empty order.
///   - seed: Any number.
///   - epoch: Counted from 0; only its low 32 bits count.
public func epochOrder(count: Int, seed: UInt64, epoch: Int) -> [Int32] {
    randomOrder(count: count, seed: seed, epoch: epoch, stream: .epochOrder)
}

/// As `epochOrder`, from a stream of one's choice.
func randomOrder(count: Int, seed: UInt64, epoch: Int, stream: Philox.Stream) -> [Int32] {
    guard count > 0 else { return [] }
    let random = Philox(seed: seed, stream: stream)
    let part = UInt32(truncatingIfNeeded: epoch)
    var order = (0..<Int32(count)).map { $0 }
    order.withUnsafeMutableBufferPointer { order in
        for last in stride(from: count - 1, to: 0, by: -1) {
            let bits = random.bits(UInt64(last), part: part)
            order.swapAt(last, Int(bits.multipliedFullWidth(by: UInt64(last + 1)).high))
        }
    }
    return order
}
