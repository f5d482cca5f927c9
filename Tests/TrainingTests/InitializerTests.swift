import Networks
import Tensors
import Testing

@Suite struct InitializerTests {
    private func make(_ initializer: Initializer, _ shape: Shape, name: String = "conv1.W", seed: UInt64 = 1) throws
        -> [Double]
    {
        try initializer.makeTensor(name: name, type: TensorType(.float64, shape), seed: seed).doubles
    }

    private func moments(_ numbers: [Double]) -> (mean: Double, variance: Double) {
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count))
    }

    @Test func fansCountTheKernel() {
        #expect(Initializer.fans(of: [784, 120]) == (784, 120))
        #expect(Initializer.fans(of: [5, 5, 6, 16]) == (150, 400))
        #expect(Initializer.fans(of: [7]) == (7, 7))
        #expect(Initializer.fans(of: []) == (1, 1))
    }

    @Test func glorotIsUniformWithItsLimit() throws {
        let numbers = try make(.glorot, [100, 200])
        let limit = (6.0 / 300).squareRoot()
        let (mean, variance) = moments(numbers)
        #expect(numbers.allSatisfy { abs($0) <= limit })
        #expect(abs(mean) < 0.002)
        #expect(abs(variance / (limit * limit / 3) - 1) < 0.03)
    }

    @Test func heHasItsDeviation() throws {
        let (mean, variance) = moments(try make(.he, [5, 5, 8, 100]))
        #expect(abs(mean) < 0.003)
        #expect(abs(variance / (2.0 / 200) - 1) < 0.03)
    }

    @Test func normalAndUniformTakeTheirSettings() throws {
        #expect(abs(moments(try make(.normal(standardDeviation: 3), [20_000])).variance / 9 - 1) < 0.05)
        #expect(try make(.uniform(limit: 0.5), [1000]).allSatisfy { abs($0) <= 0.5 })
        #expect(try make(.constant(0.25), [3]) == [0.25, 0.25, 0.25])
    }

    @Test(arguments: [(6, 4), (4, 6), (5, 5), (1, 3)])
    func orthogonalHasOrthonormalRowsOrColumns(_ rows: Int, _ columns: Int) throws {
        let numbers = try make(.orthogonal, [rows, columns])
        let isWide = rows < columns
        for first in 0..<min(rows, columns) {
            for second in 0...first {
                let product = (0..<max(rows, columns)).reduce(0.0) { sum, index in
                    isWide
                        ? sum + numbers[first * columns + index] * numbers[second * columns + index]
                        : sum + numbers[index * columns + first] * numbers[index * columns + second]
                }
                #expect(abs(product - (first == second ? 1 : 0)) < 1e-12)
            }
        }
    }

    @Test func dependsOnSeedAndNameOnly() throws {
        let numbers = try make(.he, [40])
        #expect(try make(.he, [40]) == numbers)
        #expect(try make(.he, [40], name: "conv2.W") != numbers)
        #expect(try make(.he, [40], seed: 2) != numbers)
    }

    @Test func valuesAreKeptAndTheirShapeIsChecked() throws {
        let tensor = try Tensor([1, 2, 3, 4], shape: [2, 2])
        #expect(try make(.values(tensor), [2, 2]) == [1, 2, 3, 4])
        #expect(refusal { _ = try make(.values(tensor), [4]) }.contains("[4] | [2, 2]"))
    }
}
