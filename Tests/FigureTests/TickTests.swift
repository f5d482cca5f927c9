import Figures
import Testing

@Suite struct TickTests {
    @Test func roundNumbersOnALinearAxis() {
        let ticks = Ticks.linear(0...1, count: 5)
        #expect(ticks.labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(Ticks.linear(-2...8, count: 5).labels == ["-2", "0", "2", "4", "6", "8"])
        #expect(Ticks.linear(0...5_000_000, count: 2).labels == ["0", "5e+06"])
        #expect(Ticks.linear(0...3, count: 10, wholeNumbers: true).labels == ["0", "1", "2", "3"])
    }

    private static let ranges: [ClosedRange<Double>] = [
        0...1, -1...1, 3...3.0001, 0.1...0.7, -1e300...1e300, -1.7e308...1.7e308, 1e-300...2e-300, 5...5,
        1e16...1.0000000000000004e16, 123_456.7...123_456.9,
    ]

    @Test(arguments: ranges)
    func ticksLieInsideInOrder(_ range: ClosedRange<Double>) {
        for count in [0, 1, 2, 5, 10, 40] {
            let ticks = Ticks.linear(range, count: count)
            #expect(ticks.values.count == ticks.labels.count)
            #expect(!ticks.values.isEmpty)
            #expect(ticks.values.count <= max(count, 1) + 1)
            #expect(ticks.values.allSatisfy { range.contains($0) })
            #expect(zip(ticks.values, ticks.values.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func stepsAreOneTwoOrFiveTimesAPowerOfTen() {
        for span in stride(from: 0.1, to: 100, by: 0.7) {
            let values = Ticks.linear(0...span, count: 6).values
            var step = values.count > 1 ? values[1] - values[0] : 1
            while step < 0.999 { step *= 10 }
            while step > 9.99 { step /= 10 }
            #expect([1, 2, 5].contains { abs($0 - step) < 1e-6 })
        }
    }

    @Test func powersOfTenOnALogarithmicAxis() {
        #expect(Ticks.logarithmic(0.01...100, count: 8).labels == ["0.01", "0.1", "1", "10", "100"])
        #expect(Ticks.logarithmic(1e-6...1, count: 3).labels == ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"])
        #expect(Ticks.logarithmic(0.5...3, count: 4).labels == ["0.5", "1", "2"])
        #expect(Ticks.logarithmic(3...4, count: 2).labels == ["3.0", "3.5", "4.0"])
        #expect(Ticks.logarithmic(-1...1, count: 4).values.isEmpty)
    }

    @Test func nothingForWhatIsNotFinite() {
        #expect(Ticks.linear(0...Double.infinity, count: 4).values.isEmpty)
        #expect(Ticks.logarithmic(1...Double.infinity, count: 4).values.isEmpty)
    }
}
