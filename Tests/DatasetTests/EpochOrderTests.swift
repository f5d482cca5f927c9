import Datasets
import Testing

@Suite struct EpochOrderTests {
    @Test func isAPermutationOfSeedAndEpoch() {
        for count in [0, 1, 2, 3, 1000] {
            let order = epochOrder(count: count, seed: 1, epoch: 0)
            #expect(order.sorted() == (0..<Int32(count)).map { $0 })
        }
        let order = epochOrder(count: 100, seed: 1, epoch: 0)
        #expect(order == epochOrder(count: 100, seed: 1, epoch: 0))
        #expect(order != epochOrder(count: 100, seed: 1, epoch: 1))
        #expect(order != epochOrder(count: 100, seed: 2, epoch: 0))
        #expect(epochOrder(count: -1, seed: 1, epoch: 0).isEmpty)
    }

    /// Changing these values changes every recorded run.
    @Test func keepsItsFirstValues() {
        #expect(epochOrder(count: 10, seed: 1, epoch: 0) == EpochOrderTests.first)
        #expect(epochOrder(count: 10, seed: 1, epoch: 1) == EpochOrderTests.second)
        #expect(Array(epochOrder(count: 60_000, seed: 7, epoch: 3).prefix(5)) == EpochOrderTests.large)
    }

    private static let first: [Int32] = [4, 2, 9, 7, 1, 6, 0, 3, 5, 8]
    private static let second: [Int32] = [2, 4, 9, 0, 3, 8, 7, 6, 5, 1]
    private static let large: [Int32] = [4117, 11762, 28574, 34019, 21547]

    /// Each place is equally likely for each sample: 24 000 shuffles of 4 samples, expected 6000 a place, deviation 67.
    @Test func isEven() {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 4), count: 4)
        for epoch in 0..<24_000 {
            for (place, sample) in epochOrder(count: 4, seed: 5, epoch: epoch).enumerated() {
                counts[place][Int(sample)] += 1
            }
        }
        #expect(counts.allSatisfy { $0.allSatisfy { abs($0 - 6000) < 350 } })
    }
}
