/// Damages bytes at random, the same for the same seed.
struct Mutation {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// The bytes with one to four changes: a byte more, fewer, another one, another bit, or an end cut off.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...random.below(4) {
            switch random.below(5) {
            case 0: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count + 1))
            case 1 where !bytes.isEmpty: bytes.remove(at: random.below(bytes.count))
            case 2: bytes.removeLast(min(random.below(8), bytes.count))
            case 3 where !bytes.isEmpty: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            default: if !bytes.isEmpty { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            }
        }
        return bytes
    }
}

/// A small generator for choosing mutations (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators").
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
