import Foundation
import Testing

/// Clipping, accumulation, learning-rate factors, decay and constraints, against PyTorch.
@Suite("Rules of training")
struct TrainingRuleTests {
    /// Written by Tests/Reference/training_rules.py: W and b after 20 steps.
    struct Reference: Decodable, Sendable, CustomTestStringConvertible {
        let settings: String
        let weights: [Double]
        var testDescription: String { settings }
    }

    static func references() throws -> [Reference] { try ReferenceRuns.read("training_rules") }

    private static let net = """
        layer line {
            weight W = fill([features, 2], 0.3)
            weight b = zeros([2])
            x @ W + b
        }
        let data = moons(n: 16, noise: 0.2, seed: 3).train

        """

    @Test("each stands where PyTorch's does", arguments: try references())
    func pytorch(expected: Reference) throws {
        let batch = expected.settings.contains("batch: ") ? "" : ", batch: 16"
        let found = try ReferenceRuns.numbers(
            Self.net + """
                let run = fit line() on data { \(expected.settings)\(batch), steps: 20, precision: "float64" }
                for w in reshape(run.net["line1.W"], [-1]) { print("\\(w)") }
                for b in run.net["line1.b"] { print("\\(b)") }
                """)
        try #require(found.count == 6 && expected.weights.count == 6)
        for (number, wanted) in zip(found, expected.weights) { #expect(abs(number - wanted) < 1e-9) }
    }

    @Test("no two references are alike but those that have to be")
    func differ() throws {
        let all = try Self.references()
        let different = Set(all.map { $0.weights.map { ($0 * 1e9).rounded() } })
        // A bound that is never reached changes nothing, adamw is adam with decay for all, and gathered batches are the
        // whole one.
        #expect(different.count == all.count - 3)
    }

    @Test("an epoch's last step has what is left of the batches")
    func accumulation() throws {
        _ = try ReferenceRuns.lines(
            Self.net + """
                let three = fit line() on data { optimizer: sgd(0.1), batch: 4, accumulate: 3, epochs: 5 }
                expect three.steps == 10 and three.history.step_loss.shape == [10] and three.history.loss.shape == [5]
                let all = fit line() on data { optimizer: sgd(0.1), batch: 4, accumulate: 99, epochs: 5 }
                let whole = fit line() on data { optimizer: sgd(0.1), batch: 16, epochs: 5 }
                expect all.steps == 5
                expect close(all.net["line1.W"], whole.net["line1.W"], tol: 1e-6)
                expect close(all.history.loss, whole.history.loss, tol: 1e-6)
                """)
    }

    @Test("a constraint of one's own holds after each step, and may penalise too")
    func constraint() throws {
        _ = try ReferenceRuns.lines(
            Self.net + """
                regularizer positive { w = max(0, w) }
                regularizer both(a) { w = min(w, 0.4); a * sum(w^2) }
                let run = fit line() on data { optimizer: adam(0.1), regularize: positive on "*.W", epochs: 20 }
                expect min(run.net["line1.W"]) == 0
                let second = fit line() on data { optimizer: adam(0.1), regularize: [both(0.01) on "*.W", max_norm(0.3)], epochs: 20 }
                expect max(second.net["line1.W"]) <= 0.4
                expect max(norm(second.net["line1.W"], axis: 0)) < 0.3 + 1e-6
                expect max(abs(second.net["line1.b"])) < 0.3 + 1e-6
                """)
    }

    @Test("find_lr leaves no trace on the net, and says a rate between the two")
    func rateSearch() throws {
        _ = try ReferenceRuns.lines(
            """
            let data = moons(n: 200, seed: 1).train
            net Small { dense(16); tanh; dense(2) }
            let run = fit Small() on data { epochs: 1 }
            let before = fingerprint(run.net)
            let found = find_lr(run.net, data, optimizer: momentum(mu: 0.9), from: 1e-4, to: 100, steps: 80)
            expect fingerprint(run.net) == before
            expect found.suggestion > 1e-4 and found.suggestion < 100
            expect found.rates.shape == found.losses.shape and found.rates.size <= 80
            expect close(found.rates[1] / found.rates[0], 1e6^(1 / 79), tol: 1e-9)
            let again = find_lr(run.net, data, optimizer: momentum(mu: 0.9), from: 1e-4, to: 100, steps: 80)
            expect again.losses == found.losses
            let after = fit Small() on data { epochs: 1 }
            expect fingerprint(after.net) == before
            """)
    }
}
