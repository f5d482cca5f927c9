import Foundation
import Testing

/// Metrics against their definitions, counted sample by sample.
@Suite("Metrics of the standard library")
struct MetricTests {
    private static let classes = 4

    /// Outputs in steps of a half, so that there are ties, and a class that is never a target.
    private static let samples: [(target: Int, outputs: [Double])] = (0..<60).map { index in
        let outputs = (0..<classes).map { Double((index * 7 + $0 * $0 * 5 + index * index * ($0 + 2)) % 9) / 2 }
        return (target: (index * index + index / 5) % 3, outputs: outputs)
    }

    private func said(_ outputs: [Double]) -> Int { outputs.indices.first { outputs[$0] == outputs.max() } ?? 0 }

    private func count(_ isCounted: (Int, [Double]) -> Bool) -> Double {
        Double(Self.samples.count { isCounted($0.target, $0.outputs) })
    }

    private func value(_ call: String) throws -> [Double] {
        try ReferenceRuns.numbers(
            """
            let y = \(Self.samples.map(\.target))
            let z = \(Self.samples.map(\.outputs))
            for value in reshape(\(call), [-1]) { print("\\(value)") }
            """)
    }

    private func isClose(_ found: [Double], _ wanted: [Double]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    @Test func accuracyAndTopK() throws {
        let all = Double(Self.samples.count)
        #expect(isClose(try value("[accuracy(y, z)]"), [count { $0 == said($1) } / all]))
        for k in 1...Self.classes {
            let right = count { target, outputs in outputs.count { $0 > outputs[target] } < k }
            #expect(isClose(try value("[top_k(y, z, k: \(k))]"), [right / all]))
        }
    }

    @Test func confusion() throws {
        let wanted = (0..<Self.classes).flatMap { row in
            (0..<Self.classes).map { column in count { $0 == row && said($1) == column } }
        }
        #expect(isClose(try value("confusion_matrix(y, z)"), wanted))
    }

    @Test func precisionRecallF1() throws {
        let classes = 0..<Self.classes
        let right = classes.map { each in count { $0 == each && said($1) == each } }
        let told = classes.map { each in count { _, outputs in said(outputs) == each } }
        let there = classes.map { each in count { target, _ in target == each } }
        let precision = classes.map { told[$0] == 0 ? 0 : right[$0] / told[$0] }
        let recall = classes.map { there[$0] == 0 ? 0 : right[$0] / there[$0] }
        let f1 = classes.map { told[$0] + there[$0] == 0 ? 0 : 2 * right[$0] / (told[$0] + there[$0]) }
        let present = classes.filter { told[$0] + there[$0] > 0 }
        #expect(there.contains(0) && !present.isEmpty)
        for (name, rates) in [("precision", precision), ("recall", recall), ("f1", f1)] {
            #expect(isClose(try value("\(name)(y, z, per_class: true)"), rates))
            let mean = present.map { rates[$0] }.reduce(0, +) / Double(present.count)
            #expect(isClose(try value("[\(name)(y, z)]"), [mean]))
        }
    }

    /// How often a score of the class is higher than one of another.
    private func area(_ isOfClass: [Bool], _ scores: [Double]) -> Double {
        var (wins, pairs) = (0.0, 0.0)
        for first in scores.indices where isOfClass[first] {
            for second in scores.indices where !isOfClass[second] {
                pairs += 1
                wins += scores[first] > scores[second] ? 1 : scores[first] == scores[second] ? 0.5 : 0
            }
        }
        return wins / pairs
    }

    @Test func areaUnderTheCurve() throws {
        // No ties: whether two sums of exponentials are equal is a matter of rounding.
        let shift = Self.samples.indices.map { index in (0..<Self.classes).map { sin(Double(index * 13 + $0)) / 100 } }
        let outputs = zip(Self.samples, shift).map { sample, shift in zip(sample.outputs, shift).map { $0 + $1 } }
        let areas = (0..<3).map { each in
            area(
                Self.samples.map { $0.target == each },
                outputs.map { exp($0[each]) / $0.map { exp($0) }.reduce(0, +) })
        }
        #expect(isClose(try value("[auc(y, z + \(shift))]"), [areas.reduce(0, +) / 3]))
        let single = area(Self.samples.map { $0.target > 0 }, Self.samples.map { $0.outputs[2] })
        #expect(isClose(try value("[auc(y > 0, z[:, 2])]"), [single]))
    }

    @Test func shareOfTheVariance() throws {
        let targets = Self.samples.map { Double($0.target) }
        let mean = targets.reduce(0, +) / Double(targets.count)
        let spread = targets.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        let rest = Self.samples.map { pow(Double($0.target) - $0.outputs[0], 2) }.reduce(0, +)
        #expect(isClose(try value("[r2(y, z[:, 0])]"), [1 - rest / spread]))
    }

    @Test("metrics of a split are those of all its samples, in fit and in evaluate")
    func wholeSplits() throws {
        _ = try ReferenceRuns.lines(
            """
            let data = moons(n: 700, noise: 0.3, seed: 2)
            metric half(y, logits) { 0.5 }
            metric f1_each(y, logits) { f1(y, logits, per_class: true) }
            let run = fit dense(2) on data.train {
                epochs: 2, validate: data.test, metrics: {best: top_k(1), auc: auc, f1: f1(), half: half, loss2: cross_entropy}
            }
            let scores = evaluate(run.net, data.test, metrics: [auc, f1, f1_each(), confusion_matrix])
            expect last(run.history.val_auc) == scores.auc and last(run.history.val_f1) == scores.f1
            expect scores.f1_each.shape == [2] and close(mean(scores.f1_each), scores.f1, tol: 1e-12)
            expect scores.confusion_matrix == confusion(run.net, data.test).counts
            expect close(last(run.history.val_best), run.test_accuracy, tol: 1e-12)
            expect close(last(run.history.val_loss2), last(run.history.val_loss), tol: 1e-6)
            expect run.history.val_half == [0.5, 0.5]
            expect fit_r2() > 0.5
            fn fit_r2() {
                let points = polynomial(degree: 1, n: 200, seed: 2)
                let line = fit dense(1) on points.train { optimizer: adam(0.1), epochs: 40, validate: points.test, metrics: r2 }
                last(line.history.val_r2)
            }
            """)
    }
}
