import Datasets
import Testing

/// Every mutation of a small file is read or refused with a message; a crash would end the test run.
@Test func mutatedFilesAreReadOrRefused() throws {
    let plain = idx([3, 2, 2], Array(1...12))
    let floats = idx([2], [0x3F, 0xC0, 0, 0, 0x40, 0, 0, 0], type: 0x0D)
    let seeds = try [plain, floats, gzip(plain), gzip(floats), gzip(idx([200], [UInt8](repeating: 5, count: 200)))]
    var random = SplitMix(state: 20_240_517)
    var read = 0
    var refused = 0
    for round in 0..<20_000 {
        var bytes = seeds[round % seeds.count]
        for _ in 0...random.below(4) {
            switch random.below(5) {
            case 0: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count + 1))
            case 1 where !bytes.isEmpty: bytes.remove(at: random.below(bytes.count))
            case 2: bytes.removeLast(min(random.below(8), bytes.count))
            case 3 where !bytes.isEmpty: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            default: if !bytes.isEmpty { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            }
        }
        do {
            let array = try IdxFile.decode(bytes, path: round % 2 == 0 ? "mutated" : "mutated.gz")
            #expect(array.count == array.shape.reduce(1, *))
            read += 1
        } catch let error as DatasetError {
            #expect(!error.message.isEmpty)
            refused += 1
        }
    }
    #expect(read > 100)
    #expect(refused > 10_000)
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
