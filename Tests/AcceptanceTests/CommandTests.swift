import Foundation
import ProgramHarness
import Testing

/// How the program ends, as a shell sees it.
@Suite("Exit statuses")
struct CommandTests {
    /// Arguments, the status that they end with, and a part of what is said.
    static let cases: [([String], Int32, String)] = [
        (["-e", "1 + 1"], 0, "2"),
        (["--version"], 0, "0"),
        (["help", "conv"], 0, "conv("),
        (["-e", "1 +"], 1, "error:"),
        (["-e", "nothing_of_this_name"], 1, "unknown name"),
        (["-e", "expect 1 == 2"], 1, "expectation failed"),
        (["-e", "let x = zeros([50_000, 50_000])"], 1, "too large"),
        (["run", "not-there.nnx"], 1, "not-there.nnx"),
        (["run", "script.nnx", "--set", "epoch=1"], 1, "did you mean 'epochs'?"),
        (["run", "script.nnx", "--set", "epochs=2"], 0, "epochs 2"),
        (["run"], 2, "Usage"),
        (["frobnicate", "script.nnx"], 2, "Usage"),
        (["run", "script.nnx", "--threads", "none"], 2, "threads"),
    ]

    @Test("tells how it went", arguments: cases)
    func status(arguments: [String], status: Int32, text: String) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        _ = try program.write("param epochs = 5\nprint(\"epochs \\(epochs)\")\n", to: "script.nnx")
        let outcome = try program.run(arguments)
        #expect(outcome.status == status, "\(outcome.output)\(outcome.errors)")
        #expect((outcome.output + outcome.errors).contains(text), "\(outcome.output)\(outcome.errors)")
    }

    @Test("writes each figure to a folder, and says so where it cannot")
    func figures() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = try program.write("plot([1, 2]); plot([2, 1])\n", to: "two.nnx")
        let outcome = try program.run(["run", script, "--figures", "shown"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: program.folder + "/shown").sorted()
        #expect(files == ["two-1.png", "two-1.svg", "two-2.png", "two-2.svg"])
        let refused = try program.run(["run", script, "--figures", script])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("figure 1 was not saved"))
    }

    @Test("prints the value of an expression and nothing else")
    func expression() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let outcome = try program.run(["-e", "1 + 1"])
        #expect(outcome.output == "2\n")
        #expect(outcome.errors.isEmpty)
    }
}
