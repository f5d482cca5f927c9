import Foundation
import Interpreter
import Language
import Testing

@Suite("Schedules of the standard library")
struct ScheduleTests {
    /// Written by Tests/Reference/schedules.py.
    struct Reference: Decodable, Sendable {
        struct Rates: Decodable, Sendable, CustomTestStringConvertible {
            let schedule: String
            let rates: [Double]
            var testDescription: String { schedule }
        }

        struct Plateau: Decodable, Sendable {
            let patience: Int
            let cooldown: Int
            let floor: Double
            let losses: [Double]
            let rates: [Double]
        }

        let rates: [Rates]
        let plateaus: [Plateau]
    }

    static func reference() throws -> Reference { try ReferenceRuns.read("schedules") }

    /// A run of 8 epochs of 5 steps.
    private func run(_ optimizer: String) -> String {
        "let run = fit dense(2) on moons(n: 100).train { optimizer: \(optimizer), batch: 20, epochs: 8, "
            + "validate: moons(n: 100).test }\n"
    }

    @Test("each gives PyTorch's rates", arguments: try reference().rates)
    func rates(expected: Reference.Rates) throws {
        let found = try ReferenceRuns.numbers(
            run("sgd(\(expected.schedule))") + "for rate in run.history.learning_rate { print(\"\\(rate)\") }")
        try #require(found.count == 40 && expected.rates.count == 40)
        for (step, (rate, wanted)) in zip(found, expected.rates).enumerated() {
            #expect(abs(rate - wanted) < 1e-12, "step \(step + 1): \(rate) is not \(wanted)")
        }
    }

    /// ReduceLROnPlateau: the rate after each loss.
    private func plateau(_ losses: [Double], _ patience: Int, _ cooldown: Int, _ floor: Double) -> [Double] {
        var (rate, best, bad, rest) = (0.1, Double.infinity, 0, 0)
        return losses.map { loss in
            if loss < best * (1 - 1e-4) { (best, bad) = (loss, 0) } else { bad += 1 }
            if rest > 0 { (rest, bad) = (rest - 1, 0) }
            if bad > patience { (rate, rest, bad) = (max(rate * 0.3, floor), cooldown, 0) }
            return rate
        }
    }

    @Test("plateau falls as PyTorch's does")
    func plateaus() throws {
        for expected in try Self.reference().plateaus {
            let formula = plateau(expected.losses, expected.patience, expected.cooldown, expected.floor)
            #expect(zip(formula, expected.rates).allSatisfy { abs($0 - $1) < 1e-12 })
            let script = """
                let run = fit dense(2) on moons(n: 100).train {
                    optimizer: momentum(plateau(0.1, factor: 0.3, patience: \(expected.patience) epochs,
                        cooldown: \(5 * expected.cooldown) steps, floor: \(expected.floor)), mu: 0.99)
                    batch: 20, epochs: 20, validate: moons(n: 100).test
                }
                for loss in run.history.val_loss { print("\\(loss)") }
                for rate in run.history.learning_rate { print("\\(rate)") }
                """
            let found = try ReferenceRuns.numbers(script)
            try #require(found.count == 120)
            let rates = [0.1] + plateau(Array(found[..<20]), expected.patience, expected.cooldown, expected.floor)
            #expect(Set(rates).count > 1)
            for step in 0..<100 { #expect(abs(found[20 + step] - rates[step / 5]) < 1e-12) }
        }
    }

    @Test("no schedule of the library is left out")
    func everyOne() throws {
        let declared = try Folders.declared("schedule", in: "schedule")
        let checked = try Self.reference().rates.map { $0.schedule.prefix { $0.isLetter || $0 == "_" } }.map(
            String.init)
        #expect(Set(declared) == Set(checked + ["plateau"]))
    }

    @Test("own ones read the course of the run, and any setting takes one")
    func own() throws {
        let script = """
            schedule halves(peak, every: 1 epochs) = t -> if t > total / 2 then peak / 2 else peak * min(1, every / 5)
            optimizer two(eta: 0.1, mu: 0.9) { state v = 0; v = mu * v + g; theta -= eta * v }
            \(run("two(halves(0.4), mu: t -> 0.5 + t / 100)"))
            expect run.history.learning_rate.shape == [40]
            expect run.history.learning_rate[19] == 0.4 and run.history.learning_rate[20] == 0.2
            expect run.schedule.rates == run.history.learning_rate
            plot(run.schedule)
            plot([cosine(0.1), constant(0.2)], steps: 5000)
            optimizer still(c: 0) { theta -= c * g }
            let ruleless = fit dense(2) on moons(n: 20).train { optimizer: still(), epochs: 1 }
            expect ruleless.history.learning_rate.size == 0
            let plain = fit dense(2) on moons(n: 20).train { optimizer: adam, epochs: 1, batch: 10 }
            expect plain.history.learning_rate == [0.001, 0.001]
            """
        #expect(try ReferenceRuns.lines(script).count { $0.hasPrefix("figure") } == 2)
    }
}
