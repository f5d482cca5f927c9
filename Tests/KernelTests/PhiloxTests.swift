import CKernels
import Testing

@Suite struct PhiloxTests {
    private func words(_ block: nnx_philox_block) -> [UInt32] {
        [block.words.0, block.words.1, block.words.2, block.words.3]
    }

    @Test("known answers of the Random123 distribution")
    func knownAnswers() {
        let ones = UInt32.max
        let zero = nnx_philox4x32(0, nnx_philox_block(words: (0, 0, 0, 0)))
        #expect(words(zero) == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
        let full = nnx_philox4x32(.max, nnx_philox_block(words: (ones, ones, ones, ones)))
        #expect(words(full) == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
        let pi = nnx_philox4x32(
            0x299F_31D0_A409_3822, nnx_philox_block(words: (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344)))
        #expect(words(pi) == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
    }

    @Test("the words of a stream are those of its blocks, counters beyond 32 bits included")
    func wordsAreBlocks() {
        let blocks: [UInt64] = [0, 5, 0xFFFF_FFFE, 1 << 40]
        for block in blocks {
            var stream = [UInt32](repeating: 0, count: 12)
            nnx_philox_words(77, 0x1_0000_0002, block * 4, 12, &stream)
            for i in 0..<3 {
                let index = block + UInt64(i)
                let counter = nnx_philox_block(words: (UInt32(truncatingIfNeeded: index), UInt32(index >> 32), 2, 1))
                #expect(Array(stream[(4 * i)..<(4 * i + 4)]) == words(nnx_philox4x32(77, counter)))
            }
        }
    }

    @Test("an element depends on its place only, however the fill is cut")
    func cutsDoNotMatter() {
        let count = 1000
        func check<Element: Equatable>(
            _ zero: Element, _ fill: (UInt64, UInt64, UInt64, Int, UnsafeMutablePointer<Element>?) -> Void
        ) {
            var whole = [Element](repeating: zero, count: count)
            fill(1, 2, 0, count, &whole)
            for (offset, length) in [(0, 1), (1, 2), (3, 255), (130, 257), (511, 489), (999, 1), (7, 0)] {
                var part = [Element](repeating: zero, count: length)
                fill(1, 2, UInt64(offset), length, &part)
                #expect(part == Array(whole[offset..<(offset + length)]))
            }
        }
        check(Float(0), nnx_philox_uniform_float)
        check(Double(0), nnx_philox_uniform_double)
        check(Float(0), nnx_philox_normal_float)
        check(Double(0), nnx_philox_normal_double)
    }

    @Test("moments of the uniform and the normal distribution")
    func moments() {
        let count = 200_000
        var (uniform, normal) = ([Float](repeating: 0, count: count), [Double](repeating: 0, count: count))
        nnx_philox_uniform_float(3, 0, 0, count, &uniform)
        nnx_philox_normal_double(3, 1, 0, count, &normal)
        #expect(uniform.allSatisfy { 0 <= $0 && $0 < 1 })
        #expect(abs(uniform.doubles.reduce(0, +) / Double(count) - 0.5) < 0.003)
        func moment(_ power: Int) -> Double {
            normal.reduce(0) { sum, x in sum + (0..<power).reduce(1.0) { product, _ in product * x } } / Double(count)
        }
        #expect(abs(moment(1)) < 0.01 && abs(moment(2) - 1) < 0.02 && abs(moment(3)) < 0.04 && abs(moment(4) - 3) < 0.1)
        let neighbours = zip(normal, normal.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
        #expect(abs(neighbours) < 0.01)
    }

    @Test("seeds and streams give different sequences")
    func seedsDiffer() {
        var values: Set<Float> = []
        for (seed, stream) in [(0, 0), (1, 0), (0, 1), (1 << 40, 0), (0, 1 << 40)] as [(UInt64, UInt64)] {
            var first: Float = 0
            nnx_philox_uniform_float(seed, stream, 0, 1, &first)
            values.insert(first)
        }
        #expect(values.count == 5)
    }
}
