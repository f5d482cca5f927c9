import Foundation
import ProgramHarness
import Testing

/// The commands as a script or another program uses them: without a terminal.
@Suite(.serialized) struct CommandLineTests {
    let program: BuiltProgram

    init() throws { program = try BuiltProgram() }

    @Test func printsTheValueOfAnExpression() throws {
        defer { program.remove() }
        let outcome = try program.run(["-e", "1 + 1"])
        #expect(outcome.output == "2\n")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
        #expect(try program.run(["-e", "-3 + 1"]).output == "-2\n")
    }

    @Test func readsAProgramFromAPipeCellByCell() throws {
        defer { program.remove() }
        let input = """
            let x = [
              1,
              2
            ]

            sum(x)
            # a comment
            x[1]
              |> sqrt
            print("last")
            """
        let outcome = try program.run([], input: input)
        #expect(outcome.output == "3\n1.4142135623730951\nlast\n")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
    }

    @Test func goesOnAfterAnErrorInAPipeAndTellsIt() throws {
        defer { program.remove() }
        let outcome = try program.run([], input: "let seen = 1\nsen + 1\nseen + 1\n")
        #expect(outcome.output == "2\n")
        #expect(outcome.errors.contains("sen"))
        #expect(outcome.errors.contains("seen"))
        #expect(outcome.errors.contains("^"))
        #expect(outcome.status == 1)
    }

    @Test func writesNoEscapesWithoutATerminal() throws {
        defer { program.remove() }
        let script = try program.write(
            "print(\"a\")\nplot([1, 2, 3], [1, 4, 9])\nwrong_name\n", to: "figure.nnx")
        for arguments in [["run", script], ["run", "--json", script], [], ["check", script]] {
            let outcome = try program.run(
                arguments, input: "1 + 1\nwrong_name\n?conv\n:help\n", environment: ["NO_COLOR": ""])
            #expect(!outcome.output.utf8.contains(0x1B))
            #expect(!outcome.errors.utf8.contains(0x1B))
        }
    }

    @Test func exitStatusTellsHowItEnded() throws {
        defer { program.remove() }
        let fine = try program.write("expect 1 + 1 == 2\n", to: "fine.nnx")
        let failing = try program.write("expect 1 + 1 == 3\nprint(\"after\")\n", to: "failing.nnx")
        let broken = try program.write("let x = (1 +\n", to: "broken.nnx")
        #expect(try program.run(["run", fine]).status == 0)
        let failed = try program.run(["run", failing])
        #expect(failed.status == 1)
        #expect(failed.output == "after\n")
        #expect(try program.run(["run", broken]).status == 1)
        #expect(try program.run(["run", "nowhere.nnx"]).errors.contains("No such file or directory"))
        #expect(try program.run(["run", "nowhere.nnx"]).status == 1)
        #expect(try program.run(["check", fine]).status == 0)
        #expect(try program.run(["check", broken]).status == 1)
        #expect(try program.run(["-e", "1 +* 2"]).status == 1)
        #expect(try program.run(["help", "conv"]).status == 0)
        #expect(try program.run(["help", "cnov"]).status == 1)
        for usage in [
            ["run"], ["--bogus"], ["run", fine, "--threads", "0"], ["run", fine, "--quiet", "--json"],
            ["run", fine, "--set", "epochs"], ["run", fine, "--seed", "x"], ["--threads", "2", "run", fine], [fine],
        ] {
            let outcome = try program.run(usage)
            #expect(outcome.status == 2, "\(usage)")
            #expect(outcome.errors.contains("Error:"), "\(usage)")
            #expect(outcome.output == "", "\(usage)")
        }
        #expect(try program.run([fine]).errors.contains("nnx run \(fine)"))
    }

    @Test func interruptOfAScriptEndsWith130() throws {
        defer { program.remove() }
        let script = try program.write("print(\"off\")\nwhile true { }\n", to: "endless.nnx")
        let outcome = try program.shell(
            """
            "$0" run "$1" > out & process=$!
            until grep -q off out; do sleep 0.05; done
            kill -INT $process; sleep 0.5; kill -0 $process && echo "goes on"; kill -KILL $process
            """, [BuiltProgram.path, script])
        // A background job of a shell without job control ignores SIGINT; nohup and the like rely on that.
        #expect(outcome.output.contains("goes on"))
        let terminal = try PseudoTerminal(
            [BuiltProgram.path, "run", script], environment: program.environment(), folder: program.folder)
        try terminal.wait(for: "off\n")
        terminal.type("\u{3}")
        try terminal.wait(for: "interrupted")
        #expect(try terminal.waitForExit() == 130)
    }

    @Test func givesParametersAndSeed() throws {
        defer { program.remove() }
        let script = try program.write("param size = 3\nprint(size + 1)\nprint(randn([1])[0])\n", to: "parameters.nnx")
        #expect(try program.run(["run", script]).output.hasPrefix("4\n"))
        #expect(try program.run(["run", script, "--set", "size=10"]).output.hasPrefix("11\n"))
        let unknown = try program.run(["run", script, "--set", "sise=10"])
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("size"))
        let seeded = try ["1", "1", "2"].map { try program.run(["run", script, "--seed", $0]).output }
        #expect(seeded[0] == seeded[1])
        #expect(seeded[0] != seeded[2])
    }

    @Test func quietPrintsOnlyWhatTheScriptPrints() throws {
        defer { program.remove() }
        let script = try program.write(
            """
            print("printed")
            fn J(theta) = sum((theta - 3)^2)
            minimize(J, from: zeros([2]), optimizer: sgd(0.1), steps: 3)
            """, to: "quiet.nnx")
        #expect(try program.run(["run", "--quiet", script]).output == "printed\n")
    }

    @Test func everyLineOfJSONIsAnEvent() throws {
        defer { program.remove() }
        let script = try program.write(
            "print(\"a \\\"quoted\\\" line\")\nexpect 1 == 2\nprint(0 / 0)\n", to: "events.nnx")
        let outcome = try program.run(["run", "--json", script])
        #expect(outcome.status == 1)
        #expect(outcome.errors == "")
        let events = try outcome.output.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(events.first?["event"] as? String == "output")
        #expect(events.first?["text"] as? String == "a \"quoted\" line\n")
        let diagnostic = try #require(events.first { $0["event"] as? String == "diagnostic" })
        #expect(diagnostic["line"] as? Int == 2)
        #expect(events.last?["event"] as? String == "finished")
        #expect(events.last?["status"] as? Int == 1)
        #expect(events.last?["failed_expectations"] as? Int == 1)
    }

    @Test func aReaderThatGoesAwayEndsItQuietly() throws {
        defer { program.remove() }
        let script = try program.write("for i in 1...100000 { print(i) }\n", to: "long.nnx")
        let ended = try program.shell("\"$0\" run \"$1\" | head -n 2", [BuiltProgram.path, script])
        #expect(ended.output == "1\n2\n")
        #expect(ended.errors == "")
        let ignoring = try program.shell("trap '' PIPE; \"$0\" run \"$1\" | head -n 2", [BuiltProgram.path, script])
        #expect(ignoring.output == "1\n2\n")
        #expect(ignoring.errors == "")
    }

    @Test func outputThatCannotBeWrittenIsAMessage() throws {
        defer { program.remove() }
        let closed = try program.shell("\"$0\" -e '1 + 1' >&-", [BuiltProgram.path])
        #expect(closed.status == 1)
        #expect(closed.errors.contains("cannot write to standard output"))
        #if os(Linux)
        let full = try program.shell("\"$0\" -e '1 + 1' > /dev/full", [BuiltProgram.path])
        #expect(full.status == 1)
        #expect(full.errors.contains("No space left on device"))
        #endif
        // No file that is opened later may take the place of a closed stream.
        let all = try program.shell("\"$0\" -e '1 + 1' <&- >&- 2>&-", [BuiltProgram.path])
        #expect(all.status == 1)
    }

    @Test func answersAProgramThatWaitsForEachValue() throws {
        defer { program.remove() }
        let outcome = try program.shell(
            """
            mkfifo ask answer
            "$0" < ask > answer &
            exec 3> ask 4< answer
            echo '20 + 1' >&3; read first <&4
            echo "$first * 2" >&3; read second <&4
            exec 3>&-; wait; echo "$second"
            """, [BuiltProgram.path])
        #expect(outcome.output == "42\n")
    }

    @Test func tellsVersionAndHelp() throws {
        defer { program.remove() }
        let version = try program.run(["--version"])
        #expect(version.output.hasPrefix("nnx 0."))
        #expect(version.status == 0)
        for arguments in [["--help"], ["help"], ["help", "run"], ["run", "--help"]] {
            let help = try program.run(arguments)
            #expect(help.output.contains("USAGE: nnx"), "\(arguments)")
            #expect(help.status == 0)
        }
    }
}
