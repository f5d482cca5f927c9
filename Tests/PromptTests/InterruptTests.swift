import Foundation
import ProgramHarness
import Testing

/// Ctrl-C during a training: once, twice, and what is left in hand.
@Suite(.serialized) struct TrainingInterruptTests {
    let program: BuiltProgram

    init() throws { program = try BuiltProgram() }

    /// A training of thousands of quick steps that needs no file.
    static let training = """
        use optim
        use layers
        let data = circles(2000)
        net Small() { dense(16); relu; dense(2) }
        """
    static let fit = "let run = fit Small() on data.train { epochs: 100000, batch: 32, seed: 1 }"

    private func start() throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            [BuiltProgram.path], environment: program.environment(), folder: program.folder)
        try terminal.wait(for: "[1]> ")
        for (index, line) in Self.training.split(separator: "\n").enumerated() {
            terminal.type(line + "\r")
            try terminal.wait(for: "[\(index + 2)]> ")
        }
        return terminal
    }

    @Test func firstInterruptKeepsTheRun() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type(Self.fit + "\r")
        try terminal.wait(for: "epoch")
        try terminal.wait(for: "loss")
        terminal.type("\u{3}")
        try terminal.wait(for: "resume")
        try terminal.wait(for: "[6]> ")
        terminal.type("evaluate(run.net, data.test)\r")
        try terminal.wait(for: "[7]> ")
        #expect(!terminal.screen.text.contains("error"))
    }

    @Test func secondInterruptAborts() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type(Self.fit + "\r")
        try terminal.wait(for: "loss")
        terminal.type("\u{3}")
        terminal.type("\u{3}")
        try terminal.wait(for: "[6]> ")
        terminal.type("1 + 1\r")
        try terminal.wait(for: "\n2\n")
    }

    @Test func interruptOfAScriptSavesAndEndsWith130() throws {
        defer { program.remove() }
        let script = try program.write(Self.training + "\n" + Self.fit + "\n", to: "training.nnx")
        let terminal = try PseudoTerminal(
            [BuiltProgram.path, "run", script], environment: program.environment(), folder: program.folder)
        try terminal.wait(for: "loss")
        terminal.type("\u{3}")
        try terminal.wait(for: "saved")
        #expect(try terminal.waitForExit() == 130)
        let saved = program.folder + "/build/Small.interrupted.safetensors"
        #expect(FileManager.default.fileExists(atPath: saved))

        let resumed = Self.fit.replacingOccurrences(
            of: "seed: 1", with: "seed: 1, from: \"build/Small.interrupted.safetensors\"")
        let checked = try program.write(Self.training + "\n" + resumed + "\n", to: "resumed.nnx")
        #expect(try program.run(["check", checked]).status == 0)
    }
}

/// Every interrupt brings the prompt back; how fast is printed and judged by `scripts/interrupt-latency`.
@Suite(.serialized) struct InterruptLatencyTests {
    /// How many interrupts to send in all; few in an ordinary run of the tests.
    private var count: Int { ProcessInfo.processInfo.environment["NNX_INTERRUPTS"].flatMap(Int.init) ?? 20 }

    @Test(arguments: [
        ("a loop", "", "print(\"off\"); while true { }"),
        ("a huge sum", "", "print(\"off\"); for i in 1...1000000000 { i * 2 }"),
        ("a training", TrainingInterruptTests.training, "print(\"off\"); " + TrainingInterruptTests.fit),
    ])
    func everyInterruptReturnsToThePrompt(name: String, preparation: String, cell: String) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let terminal = try PseudoTerminal(
            [BuiltProgram.path], environment: program.environment(), folder: program.folder)
        try terminal.wait(for: "[1]> ")
        var number = 1
        for line in preparation.split(separator: "\n") {
            terminal.type(line + "\r")
            number += 1
            try terminal.wait(for: "[\(number)]> ")
        }
        var milliseconds: [Double] = []
        for index in 0..<max(1, count / 3) {
            terminal.type(cell + "\r")
            try terminal.wait(for: "\noff\n")
            // At different moments of a step; the same ones in every run.
            usleep(UInt32(20_000 + index * 7919 % 50_000))
            let start = Date()
            terminal.type("\u{3}")
            number += 1
            try terminal.wait(for: "[\(number)]> ")
            milliseconds.append(Date().timeIntervalSince(start) * 1000)
        }
        milliseconds.sort()
        func percentile(_ share: Double) -> String {
            String(format: "%.1f", milliseconds[min(milliseconds.count - 1, Int(share * Double(milliseconds.count)))])
        }
        print(
            "\(milliseconds.count) interrupts of \(name): 50 % within \(percentile(0.5)) ms,",
            "90 % within \(percentile(0.9)) ms, 99 % within \(percentile(0.99)) ms, slowest \(percentile(1)) ms")
        #expect(milliseconds.count == max(1, count / 3))
    }
}
