import Figures
import Foundation
import Testing

@Suite struct ContourTests {
    let bowl = SampledGrid(x: -2...2, y: -2...2, columns: 81, rows: 81) { x, y in x * x + y * y }

    @Test func theContourOfABowlIsACircle() throws {
        let lines = bowl.contour(at: 1)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.level == 1)
        #expect(line.x.first == line.x.last && line.y.first == line.y.last)
        #expect(line.x.count > 100)
        for (x, y) in zip(line.x, line.y) { #expect(abs(hypot(x, y) - 1) < 1e-3) }
        let length = zip(zip(line.x, line.y), zip(line.x.dropFirst(), line.y.dropFirst()))
            .reduce(0) { $0 + hypot($1.0.0 - $1.1.0, $1.0.1 - $1.1.1) }
        #expect(abs(length - 2 * .pi) < 0.01)
    }

    @Test func aContourThatLeavesTheMapIsOpen() {
        // Radius 2.4 cuts off the four corners of the square.
        let lines = bowl.contour(at: 2.4 * 2.4)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.x.first != $0.x.last || $0.y.first != $0.y.last })
        #expect(bowl.contour(at: 9).isEmpty)
        #expect(bowl.contour(at: -1).isEmpty)
        #expect(bowl.contour(at: .nan).isEmpty)
    }

    @Test func aSaddleHasTwoBranches() {
        let saddle = SampledGrid(x: -1...1, y: -1...1, columns: 2, rows: 2, values: [1, -1, -1, 1])
        let lines = saddle.contour(at: 0)
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.x.count == 2 })
    }

    @Test func holesAreLeftOut() {
        let holed = SampledGrid(x: -2...2, y: -2...2, columns: 81, rows: 81) { x, y in
            x > 0 ? .nan : x * x + y * y
        }
        let lines = holed.contour(at: 1)
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.x.allSatisfy { $0 <= 0 } })
    }

    @Test func levelsLieInsideTheValues() {
        let linear = ContourLevels.automatic(count: 8, scale: .linear).levels(for: bowl)
        #expect(linear == [1, 2, 3, 4, 5, 6, 7])
        let logarithmic = ContourLevels.automatic(count: 5, scale: .log).levels(for: bowl)
        #expect(logarithmic.count == 5)
        let ratios = zip(logarithmic, logarithmic.dropFirst()).map { $1 / $0 }
        #expect(ratios.allSatisfy { abs($0 - ratios[0]) < 1e-9 })
        #expect(ContourLevels.values([3, .nan, 1]).levels(for: bowl) == [1, 3])
        let flat = SampledGrid(x: 0...1, y: 0...1, columns: 3, rows: 3) { _, _ in 2 }
        #expect(ContourLevels.automatic(count: 5, scale: .linear).levels(for: flat).isEmpty)
        #expect(ContourLevels.automatic(count: 5, scale: .log).levels(for: flat).isEmpty)
    }
}
