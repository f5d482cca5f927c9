import Datasets
import Foundation
import Testing

@Suite struct SyntheticSetTests {
    /// Points and their classes.
    private func points(_ dataset: Dataset) -> [(x: Double, y: Double, label: Int)] {
        let (values, labels) = contents(dataset)
        return labels.indices.map { (Double(values[2 * $0]), Double(values[2 * $0 + 1]), Int(labels[$0])) }
    }

    @Test func xorIsTheSignOfTheProduct() throws {
        let data = try SyntheticSets.xor(n: 400, seed: 1)
        for split in [data.train, data.test] {
            #expect(split.size == 400)
            for point in points(split) {
                #expect((point.label == 1) == (point.x * point.y < 0))
                #expect(min(abs(point.x), abs(point.y)) >= 0.0999)
                #expect(max(abs(point.x), abs(point.y)) <= 1)
            }
            // All four quadrants alike.
            #expect(points(split).count { $0.x > 0 && $0.y > 0 } == 100)
            #expect(points(split).count { $0.x < 0 && $0.y > 0 } == 100)
        }
    }

    @Test func circlesHaveTheirRadii() throws {
        for point in points(try SyntheticSets.circles(n: 100, noise: 0, factor: 0.3).train) {
            #expect(abs(hypot(point.x, point.y) - (point.label == 0 ? 1 : 0.3)) < 1e-5)
        }
    }

    @Test func moonsAreHalfCircles() throws {
        for point in points(try SyntheticSets.moons(n: 100, noise: 0).train) {
            if point.label == 0 {
                #expect(abs(hypot(point.x, point.y) - 1) < 1e-5 && point.y >= -1e-6)
            } else {
                #expect(abs(hypot(point.x - 1, point.y - 0.5) - 1) < 1e-5 && point.y <= 0.5 + 1e-6)
            }
        }
    }

    @Test func spiralsTurnWithTheRadius() throws {
        let data = try SyntheticSets.spirals(n: 90, noise: 0, arms: 3, turns: 1)
        #expect(data.classCount == 3)
        for point in points(data.train) {
            let angle = 2 * Double.pi * (hypot(point.x, point.y) + Double(point.label) / 3)
            #expect(cos(atan2(point.y, point.x) - angle) > 0.9999)
        }
    }

    @Test func stripesAlternate() throws {
        for count in [2, 3, 4, 7] {
            let found = points(try SyntheticSets.stripes(n: 200, count: count).train)
            for point in found { #expect(Int((point.x + 1) / 2 * Double(count)) % 2 == point.label) }
            #expect(Set(found.map { Int(($0.x + 1) / 2 * Double(count)) }).count == count)
        }
    }

    @Test func polynomialsFollowTheirCoefficients() throws {
        let data = try SyntheticSets.polynomial(degree: 2, n: 50, noise: 0, seed: 4)
        let c = try SyntheticSets.polynomialCoefficients(degree: 2, seed: 4)
        #expect(data.train.target == .values(width: 1))
        #expect(data.train.labels == nil)
        for split in [data.train, data.test] {
            let (values, labels) = contents(split)
            for (x, y) in zip(values.map { Double($0) }, labels) {
                #expect(abs(Double(y) - (c[0] + c[1] * x + c[2] * x * x)) < 1e-5)
            }
        }
    }

    @Test func sameSeedSamePointsAndSplitsDiffer() throws {
        let one = try SyntheticSets.moons(n: 50, seed: 3)
        #expect(contents(one.train).values == contents(try SyntheticSets.moons(n: 50, seed: 3).train).values)
        #expect(contents(one.train).values != contents(try SyntheticSets.moons(n: 50, seed: 4).train).values)
        #expect(contents(one.train).values != contents(one.test).values)
        // A longer set begins with the shorter one.
        #expect(
            Array(contents(try SyntheticSets.moons(n: 60, seed: 3).train).values.prefix(100))
                == contents(one.train).values)
        #expect(try SyntheticSets.moons(n: 50, testCount: 7).test.size == 7)
    }

    @Test func noiseHasItsDeviation() throws {
        let data = try SyntheticSets.polynomial(degree: 0, n: 20_000, noise: 0.5, seed: 2)
        let c = try SyntheticSets.polynomialCoefficients(degree: 0, seed: 2)
        let errors = contents(data.train).labels.map { Double($0) - c[0] }
        let mean = errors.reduce(0, +) / 20_000
        let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000).squareRoot()
        #expect(abs(mean) < 0.02)
        #expect(abs(deviation - 0.5) < 0.02)
    }

    @Test func refusesWhatMakesNoSet() {
        #expect(throws: DatasetError.self) { try SyntheticSets.xor(n: 0) }
        #expect(throws: DatasetError.self) { try SyntheticSets.xor(n: Int.max) }
        #expect(throws: DatasetError.self) { try SyntheticSets.xor(n: 4, testCount: -1) }
        #expect(throws: DatasetError.self) { try SyntheticSets.moons(noise: -0.1) }
        #expect(throws: DatasetError.self) { try SyntheticSets.moons(noise: .nan) }
        #expect(throws: DatasetError.self) { try SyntheticSets.circles(factor: 1) }
        #expect(throws: DatasetError.self) { try SyntheticSets.spirals(arms: 0) }
        #expect(throws: DatasetError.self) { try SyntheticSets.spirals(turns: .nan) }
        #expect(throws: DatasetError.self) { try SyntheticSets.stripes(count: 1) }
        #expect(throws: DatasetError.self) { try SyntheticSets.polynomial(degree: -1) }
    }
}
