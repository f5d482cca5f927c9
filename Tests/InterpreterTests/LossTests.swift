import Testing

@Suite("Losses of the standard library")
struct LossTests {
    /// Written by Tests/Reference/losses.py.
    struct Reference: Decodable, Sendable, CustomTestStringConvertible {
        let call: String
        let outputs: [[Double]]
        let targets: [Double]
        let value: Double
        let gradient: [Double]
        var testDescription: String { call }
    }

    static func references() throws -> [Reference] { try ReferenceRuns.read("losses") }

    @Test("each has PyTorch's value and gradient", arguments: try references())
    func pytorch(expected: Reference) throws {
        let found = try ReferenceRuns.numbers(
            """
            let y = \(expected.targets)
            fn f(z) = \(expected.call)
            print("\\(f(\(expected.outputs)))")
            for g in reshape(grad(f)(\(expected.outputs)), [-1]) { print("\\(g)") }
            """)
        try #require(found.count == 1 + expected.gradient.count)
        for (number, wanted) in zip(found, [expected.value] + expected.gradient) {
            #expect(abs(number - wanted) <= 1e-12 * max(1, abs(wanted)))
        }
    }

    @Test("one output tells two classes apart")
    func binary() throws {
        _ = try ReferenceRuns.lines(
            """
            let data = moons(n: 200, noise: 0.1, seed: 1)
            net One { dense(16); tanh; dense(1) }
            for (name, loss) in {bce: binary_cross_entropy, hinge: hinge} {
                let run = fit One() on data.train {
                    loss: loss, optimizer: adam(0.02), epochs: 30, validate: data.test, metrics: [accuracy, auc, f1]
                }
                expect run.test_accuracy > 0.85
                expect close(last(run.history.val_accuracy), run.test_accuracy, tol: 1e-9)
                expect last(run.history.val_auc) > 0.9 and last(run.history.val_f1) > 0.8
                expect sum(confusion(run.net, data.test).counts) == data.test.size
            }
            expect hinge([1, -1], [[0.5], [0.5]]) == 1
            """)
    }
}
