import Foundation
import ProgramHarness
import Testing

/// The prompt as a person sees it: the built program on a terminal.
@Suite(.serialized) struct PromptTranscriptTests {
    let program: BuiltProgram

    init() throws { program = try BuiltProgram() }

    private func start(
        _ arguments: [String] = [], columns: Int = 80, environment: [String: String] = [:]
    ) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            [BuiltProgram.path] + arguments, environment: program.environment(environment), folder: program.folder,
            columns: columns)
        try terminal.wait(for: "[1]> ")
        return terminal
    }

    @Test func echoesValuesUnderNumberedPrompts() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("1 + 1\r")
        try terminal.wait(for: "\n2\n")
        try terminal.wait(for: "[2]> ")
        terminal.type("let x = 20\r")
        try terminal.wait(for: "[3]> ")
        terminal.type("x * 2\r")
        try terminal.wait(for: "\n40\n")
        try terminal.wait(for: "[4]> ")
        terminal.type("\u{4}")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func readsOnUntilBracketsClose() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("fn double(x) {\r")
        try terminal.wait(for: "\n ..> ")
        terminal.type("2 * x\r")
        try terminal.wait(for: "\n ..> ")
        terminal.type("}\r")
        try terminal.wait(for: "[2]> ")
        terminal.type("double(21)\r")
        try terminal.wait(for: "\n42\n")
        try terminal.wait(for: "[3]> ")
        // The whole function is one entry of the history.
        terminal.type("\u{1B}[A\u{1B}[A")
        try terminal.waitForScreen("the function on three rows") {
            $0.hasSuffix("[3]> fn double(x) {\n2 * x\n}")
        }
        terminal.type("\r")
        try terminal.wait(for: "[4]> ")
    }

    @Test func remembersHistoryInALaterSession() throws {
        defer { program.remove() }
        let first = try start()
        first.type("let answer = [\r42\r]\r")
        try first.wait(for: "[2]> ")
        first.type(":quit\r")
        #expect(try first.waitForExit() == 0)

        let second = try start()
        second.type("\u{1B}[A")
        try second.waitForScreen("the command") { $0.hasSuffix("[1]> :quit") }
        second.type("\u{1B}[A\r")
        try second.wait(for: "[2]> ")
        second.type("answer[0]\r")
        try second.wait(for: "\n42\n")
        let file = try String(contentsOfFile: program.folder + "/.local/state/nnx/history", encoding: .utf8)
        #expect(file == "let answer = [\\n42\\n]\n:quit\nlet answer = [\\n42\\n]\nanswer[0]\n")
    }

    @Test func keepsHistoryWhereTheEnvironmentSays() throws {
        defer { program.remove() }
        let terminal = try start(environment: ["XDG_STATE_HOME": program.folder + "/state"])
        terminal.type("1\r")
        try terminal.wait(for: "[2]> ")
        #expect(try String(contentsOfFile: program.folder + "/state/nnx/history", encoding: .utf8) == "1\n")
    }

    @Test func unwritableHistoryIsANoteAndOnlyOne() throws {
        defer { program.remove() }
        let terminal = try start(environment: ["NNX_HISTORY": "/dev/null/history"])
        terminal.type("1 + 1\r")
        try terminal.wait(for: "the history is not kept")
        try terminal.wait(for: "\n2\n")
        try terminal.wait(for: "[2]> ")
        terminal.type("2 + 2\r")
        try terminal.wait(for: "\n4\n")
        try terminal.wait(for: "[3]> ")
        terminal.type("\u{1B}[A\u{1B}[A")
        try terminal.waitForScreen("the first cell") { $0.hasSuffix("> 1 + 1") }
        #expect(terminal.screen.text.components(separatedBy: "not kept").count == 2)
    }

    @Test func tabCompletesNamesSettingsModulesPathsAndCommands() throws {
        defer { program.remove() }
        _ = try program.write("1\n", to: "my_experiment.nnx")
        let terminal = try start()
        terminal.type("let learning_speed = 1\r")
        try terminal.wait(for: "[2]> ")
        terminal.type("learning_s\t")
        try terminal.waitForScreen("the name") { $0.hasSuffix("[2]> learning_speed") }
        terminal.type("\u{15}conv(3, 5, strid\t")
        try terminal.waitForScreen("the setting") { $0.contains("conv(3, 5, stride") }
        terminal.type("\u{15}use opt\t")
        try terminal.waitForScreen("the module") { $0.hasSuffix("> use optim") }
        terminal.type("\u{15}:load my_e\t")
        try terminal.waitForScreen("the path") { $0.hasSuffix("> :load my_experiment.nnx") }
        terminal.type("\u{15}:h\t")
        try terminal.waitForScreen("the command") { $0.hasSuffix("> :help") }
        terminal.type("\u{15}?max_po\t")
        try terminal.waitForScreen("the topic") { $0.hasSuffix("> ?max_pool") }
        // Several candidates: first what they share, then a list.
        terminal.type("\u{15}let zeta_one = 1; let zeta_two = 2\r")
        try terminal.wait(for: "[3]> ")
        terminal.type("zet\t")
        try terminal.waitForScreen("what they share") { $0.hasSuffix("[3]> zeta_") }
        terminal.type("\t")
        try terminal.waitForScreen("the list and the input below") {
            $0.hasSuffix("[3]> zeta_\nzeta_one  zeta_two\n[3]> zeta_")
        }
        terminal.type("one\r")
        try terminal.wait(for: "\n1\n")
    }

    @Test func explainsATopic() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("?conv\r")
        try terminal.wait(for: "conv(")
        try terminal.wait(for: "[1]> ")
        terminal.type("?cnov\r")
        try terminal.wait(for: "no help on 'cnov'")
        try terminal.wait(for: "did you mean 'conv'?")
    }

    @Test func obeysEveryCommand() throws {
        defer { program.remove() }
        _ = try program.write("let loaded = 7\n", to: "part.nnx")
        let terminal = try start()
        terminal.type(":help\r")
        for name in [":help", ":load", ":save", ":reset", ":time", ":who", ":quit"] {
            try terminal.wait(for: "\n  \(name)")
        }
        terminal.type(":help conv\r")
        try terminal.wait(for: "conv(")
        terminal.type(":load part.nnx\r")
        try terminal.wait(for: "[1]> ")
        terminal.type("loaded + 1\r")
        try terminal.wait(for: "\n8\n")
        try terminal.wait(for: "[2]> ")
        terminal.type("let mine = 5\r")
        try terminal.wait(for: "[3]> ")
        terminal.type(":who\r")
        try terminal.wait(for: "loaded")
        try terminal.wait(for: "mine")
        terminal.type(":time\r")
        try terminal.wait(for: "last cell")
        terminal.type(":time all\r")
        try terminal.wait(for: "[3]> ")
        terminal.type("mine\r")
        try terminal.wait(for: "\n5\n")
        try terminal.wait(for: "ms\n")
        terminal.type(":save out.nnx\r")
        try terminal.wait(for: "3 cells written to out.nnx")
        #expect(
            try String(contentsOfFile: program.folder + "/out.nnx", encoding: .utf8)
                == "# %%\nloaded + 1\n\n# %%\nlet mine = 5\n\n# %%\nmine\n")
        terminal.type(":reset\r")
        try terminal.wait(for: "[1]> ")
        terminal.type("mine\r")
        try terminal.wait(for: "mine")
        try terminal.wait(for: "error")
        terminal.type(":hlep\r")
        try terminal.wait(for: "unknown command :hlep")
        try terminal.wait(for: "did you mean :help?")
        terminal.type(":load nowhere.nnx\r")
        try terminal.wait(for: "No such file or directory")
        terminal.type(":quit\r")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func takesUTF8() throws {
        defer { program.remove() }
        let terminal = try start(environment: ["LC_ALL": "C"])
        terminal.type("print(\"grüße, 数学 🙂x\u{7F}\")\r")
        try terminal.wait(for: "\ngrüße, 数学 🙂\n")
        try terminal.wait(for: "[2]> ")
        terminal.type("let größe = 3\r")
        try terminal.wait(for: "[3]> ")
    }

    @Test func takesAPasteOfManyLines() throws {
        defer { program.remove() }
        let terminal = try start()
        // Terminals that know bracketed paste mark where it begins and ends: all of it is one input.
        terminal.type("\u{1B}[200~let a = 1\rlet b = [\r\t2,\r\t3]\r\u{1B}[201~")
        try terminal.waitForScreen("the pasted lines") { $0.contains("let b = [") && $0.hasSuffix("3]") }
        terminal.type("\r")
        try terminal.wait(for: "[2]> ")
        terminal.type("a + b[1]\r")
        try terminal.wait(for: "\n4\n")
        try terminal.wait(for: "[3]> ")
        // Others send the lines as if they were typed.
        let lines = (1...40).map { "let v\($0) = \($0)\r" }.joined()
        terminal.type(lines)
        try terminal.wait(for: "[43]> ")
        terminal.type("v1 + v40\r")
        try terminal.wait(for: "\n41\n")
    }

    @Test func altEnterBreaksALine() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("let a = 2\u{1B}\ra * 3\r")
        try terminal.wait(for: "\n6\n")
    }

    @Test func followsTheWindowsSize() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("1000 + 2000 + 3000 + 4000 + 5000")
        try terminal.wait(for: "5000")
        terminal.resize(columns: 24, rows: 10)
        try terminal.waitForScreen("the line in the narrow window") {
            $0.hasSuffix("[1]> 1000 + 2000 + 3000\n+ 4000 + 5000")
        }
        terminal.type(" + 6000\r")
        try terminal.wait(for: "\n21000\n")
    }

    @Test func interruptAtThePromptGivesTheInputUp() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("1 + 2 + ")
        try terminal.wait(for: "2 + ")
        terminal.type("\u{3}")
        try terminal.wait(for: "^C")
        try terminal.wait(for: "[1]> ")
        terminal.type("let broken = [\r")
        try terminal.wait(for: " ..> ")
        terminal.type("\u{3}")
        try terminal.wait(for: "[1]> ")
        terminal.type("5 + 5\r")
        try terminal.wait(for: "\n10\n")
    }

    @Test func interruptStopsAnEndlessLoop() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("var laps = 0\r")
        try terminal.wait(for: "[2]> ")
        terminal.type("while true { laps += 1; if laps == 100 { print(\"off\") } }\r")
        try terminal.wait(for: "\noff\n")
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted")
        try terminal.wait(for: "[3]> ")
        terminal.type("laps >= 100\r")
        try terminal.wait(for: "\ntrue\n")
    }

    @Test func errorsShowTheirPlaceAndThePromptGoesOn() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("let height = 2\r")
        try terminal.wait(for: "[2]> ")
        terminal.type("heigth + 1\r")
        try terminal.wait(for: "heigth")
        try terminal.wait(for: "^")
        try terminal.wait(for: "height")
        try terminal.wait(for: "[3]> ")
        terminal.type("height + 1\r")
        try terminal.wait(for: "\n3\n")
    }

    @Test func stopsAndComesBackWithItsLine() throws {
        defer { program.remove() }
        let shell = try PseudoTerminal(
            ["/bin/bash", "--norc", "--noprofile", "-i"],
            environment: program.environment(["PS1": "shell$ "]), folder: program.folder)
        try shell.wait(for: "shell$ ")
        shell.type("'\(BuiltProgram.path)'\r")
        try shell.wait(for: "[1]> ")
        shell.type("40 + ")
        try shell.wait(for: "40 + ")
        shell.type("\u{1A}")
        try shell.wait(for: "Stopped")
        try shell.wait(for: "shell$ ")
        // The shell has its own terminal mode back: it echoes and reads lines.
        shell.type("echo shell is he''re\r")
        try shell.wait(for: "\nshell is here")
        try shell.wait(for: "shell$ ")
        shell.type("fg\r")
        try shell.wait(for: "[1]> 40 + ")
        shell.type("2\r")
        try shell.wait(for: "\n42\n")
        try shell.wait(for: "[2]> ")
        shell.type("\u{4}")
        try shell.wait(for: "shell$ ")
        shell.type("exit\r")
        _ = try shell.waitForExit()
    }

    @Test func endOfInputEndsTheSession() throws {
        defer { program.remove() }
        let terminal = try start()
        terminal.type("let broken = [\r")
        try terminal.wait(for: " ..> ")
        // Within a cell it gives up the cell only.
        terminal.type("\u{4}")
        try terminal.wait(for: "[1]> ")
        terminal.type("\u{4}")
        #expect(try terminal.waitForExit() == 0)
    }

    @Test func asksForNoEscapesOnADumbTerminal() throws {
        defer { program.remove() }
        let terminal = try start(environment: ["TERM": "dumb"])
        terminal.type("1 + 1\r")
        try terminal.wait(for: "\n2\n")
        try terminal.wait(for: "[2]> ")
        #expect(!terminal.transcript.contains(0x1B))
    }

    @Test func coloursOnlyWhereWanted() throws {
        defer { program.remove() }
        let plain = try start()
        #expect(!String(decoding: plain.transcript, as: UTF8.self).contains("\u{1B}[1;34m"))
        let coloured = try PseudoTerminal(
            [BuiltProgram.path], environment: program.environment(["NO_COLOR": ""]), folder: program.folder)
        try coloured.wait(for: "[1]> ")
        #expect(String(decoding: coloured.transcript, as: UTF8.self).contains("\u{1B}[1;34m[1]>\u{1B}[0m "))
    }

    @Test func endsRestoringTheTerminalWhenTerminated() throws {
        defer { program.remove() }
        let shell = try PseudoTerminal(
            ["/bin/bash", "--norc", "--noprofile", "-i"],
            environment: program.environment(["PS1": "shell$ "]), folder: program.folder)
        try shell.wait(for: "shell$ ")
        shell.type("stty -a > before; '\(BuiltProgram.path)' ; stty -a > after\r")
        try shell.wait(for: "[1]> ")
        shell.type("print(\"started\")\r")
        try shell.wait(for: "\nstarted\n")
        try shell.wait(for: "[2]> ")
        shell.type("\u{4}")
        try shell.wait(for: "shell$ ")
        #expect(
            try String(contentsOfFile: program.folder + "/before", encoding: .utf8)
                == String(contentsOfFile: program.folder + "/after", encoding: .utf8))
    }
}
