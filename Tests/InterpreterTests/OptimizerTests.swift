import Foundation
import Interpreter
import Language
import Testing

@Suite("Optimizers of the standard library")
struct OptimizerTests {
    /// Positions after 1, 10 and 50 steps, written by Tests/Reference/optimizers.py.
    struct Reference: Decodable, Sendable, CustomTestStringConvertible {
        let problem: String
        let optimizer: String
        let positions: [String: [Double]]

        var testDescription: String { "\(optimizer) on \(problem)" }
    }

    static func references() throws -> [Reference] { try ReferenceRuns.read("optimizers") }

    /// The positions of `minimize` from the start on.
    private func path(_ problem: OptimizerProblem, _ call: String, steps: Int) throws -> [[Double]] {
        let script = """
            use optim
            \(problem.source)
            let path = minimize(\(problem.name), from: \(problem.start), optimizer: \(call), steps: \(steps)).path
            for i in 0...\(steps) { print("\\(path[i, 0]) \\(path[i, 1])") }
            """
        return try ReferenceRuns.lines(script).map { line in line.split(separator: " ").compactMap { Double($0) } }
    }

    private func distance(_ left: [Double], _ right: [Double]) -> Double {
        left.count == right.count ? zip(left, right).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }

    @Test("each moves as its formula says", arguments: OptimizerProblem.all, OptimizerFormula.all.map(\.call))
    func formula(problem: OptimizerProblem, call: String) throws {
        let formula = try #require(OptimizerFormula.all.first { $0.call == call })
        let expected = formula.path(problem, steps: 50)
        let found = try path(problem, call, steps: 50)
        try #require(found.count == expected.count)
        let worst = zip(expected, found).map(distance).max() ?? .infinity
        #expect(worst < 1e-9)
        #expect(distance(expected[0], expected[50]) > 1e-3)
    }

    @Test("each stands where PyTorch's does", arguments: try references())
    func pytorch(reference: Reference) throws {
        let problem = try #require(OptimizerProblem.all.first { $0.name == reference.problem })
        let found = try path(problem, reference.optimizer, steps: 50)
        #expect(Set(reference.positions.keys) == ["1", "10", "50"])
        for (step, position) in reference.positions {
            let index = try #require(Int(step))
            #expect(distance(found[index], position) < 1e-9)
        }
    }

    @Test("no optimizer of the library is left out")
    func everyOne() throws {
        let declared = try Folders.declared("optimizer", in: "optim")
        let checked = Set(OptimizerFormula.all.compactMap { $0.call.split(separator: "(").first.map(String.init) })
        #expect(!declared.isEmpty)
        #expect(Set(declared).subtracting(checked).isEmpty)
        let referenced = Set(
            try Self.references().compactMap { $0.optimizer.split(separator: "(").first.map(String.init) })
        #expect(Set(declared).subtracting(referenced).isEmpty)
    }

    @Test("a schedule is a setting")
    func schedule() throws {
        let problem = OptimizerProblem.all[1]
        let formula = OptimizerFormula("scheduled") { theta, g, t, _ in theta -= 0.1 / t * g }
        let found = try path(problem, "sgd(t -> 0.1 / t)", steps: 50)
        let expected = formula.path(problem, steps: 50)
        #expect(zip(expected, found).map(distance).max() ?? .infinity < 1e-9)
    }
}
