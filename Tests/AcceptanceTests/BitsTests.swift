import Foundation
import ProgramHarness
import Testing

/// The same bits for any number of threads and in any run.
@Suite("Bits of LeNet", .serialized, .enabled(if: Project.hasFashionMNIST))
struct BitsTests {
    private static let script = """
        use optim
        use nets.lenet
        let data = fashion_mnist()
        let run = fit LeNet() on data.train {
            loss: cross_entropy
            optimizer: adam(1e-3)
            steps: 200, batch: 64, seed: 1
        }
        expect run.steps == 200
        print(fingerprint(run.net))

        """

    /// The SHA-256 of the weights after 200 steps.
    private func fingerprint(_ program: BuiltProgram, threads: Int) throws -> String {
        let script = try program.write(Self.script, to: "bits.nnx")
        let outcome = try program.run(["run", script, "--threads", "\(threads)", "--quiet"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    @Test("weights after 200 steps are the same for 1, 2, 3 and 8 threads, and in two runs")
    func threads() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let first = try fingerprint(program, threads: 1)
        #expect(first.count == 65)
        for threads in [1, 2, 3, 8] { #expect(try fingerprint(program, threads: threads) == first) }
    }
}
