import Foundation
import ProgramHarness
import Testing

/// What does not fit into memory is refused before it is allocated.
@Suite("Memory")
struct MemoryTests {
    private static let script = """
        use nets.resnet
        let data = noise([64, 64, 3], n: 600, classes: 10).train
        fit cifar_resnet(20) on data {
            batch: 600
            epochs: 1
        }

        """

    @Test(
        "a training is refused by check and run, with the largest results and the batch that fits",
        arguments: ["check", "run"])
    func refused(command: String) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let file = try program.write(Self.script, to: "large.nnx")
        let outcome = try program.run([command, file], environment: ["NNX_MAX_MEMORY_BYTES": "400000000"])
        #expect(outcome.status == 1)
        let text = outcome.errors
        #expect(text.contains("training cifar_resnet with batch 600 needs "), "\(text)")
        #expect(text.contains("at most 381.5 MiB") && text.contains("the largest are "))
        #expect(text.contains("[600, 64, 64, 16] 150.0 MiB"))
        let fitting = try #require(text.firstMatch(of: /batch: (\d+) fits/).flatMap { Int($0.1) })
        #expect((10..<200).contains(fitting))

        // The batch that is said to fit does, and a few more do not.
        for (batch, status) in [(fitting, 0), (fitting + fitting / 4, 1)] {
            let script = Self.script.replacing("batch: 600", with: "batch: \(batch)")
            let outcome = try program.run(
                ["check", program.write(script, to: "fitting.nnx")], environment: ["NNX_MAX_MEMORY_BYTES": "400000000"])
            #expect(outcome.status == status, "\(batch) \(outcome.errors)")
        }
    }

    @Test("where not even one sample fits, that is said")
    func none() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let file = try program.write(Self.script, to: "large.nnx")
        let outcome = try program.run(["check", file], environment: ["NNX_MAX_MEMORY_BYTES": "4000000"])
        #expect(outcome.status == 1 && outcome.errors.contains("not even one sample fits"), "\(outcome.errors)")
    }

    @Test("the peak that is told is the one that is measured")
    func measured() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = """
            use nets.resnet
            use optim
            let told = memory(resnet18(), input: [96, 96, 3], batch: 32, optimizer: momentum(0.01))
            let data = noise([96, 96, 3], n: 32, classes: 1000).train
            let idle = time_function(x -> x, [1.0], runs: 1).peak_bytes
            let run = fit resnet18() on data { optimizer: momentum(0.01), steps: 1, batch: 32 }
            let peak = time_function(x -> x, [1.0], runs: 1).peak_bytes
            print(told)
            let ratio = told.total / (peak - idle)
            print(ratio)
            expect ratio > 0.9 and ratio < 1.1
            """
        let outcome = try program.run(["run", program.write(script, to: "measured.nnx")])
        #expect(outcome.status == 0, "\(outcome.errors) \(outcome.output)")
        #expect(outcome.output.contains("activations") && outcome.output.contains("largest: "))
    }
}
