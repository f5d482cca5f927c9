import ArgumentParser
import CLibEdit
import Notebook

/// The command line: `nnx`, `nnx run`, `nnx check`, `nnx bench`, `nnx help`.
@main
struct Nnx: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nnx",
        abstract: "A notebook-style language and prompt for neural-network experiments.",
        usage: """
            nnx [--threads N] [--seed N]
            nnx -e EXPRESSION
            nnx run FILE [--set NAME=VALUE]... [--threads N] [--seed N] [--quiet | --json] [--figures FOLDER] [--profile]
            nnx check FILE
            nnx bench WORKLOAD [--batch N] [--steps N] [--inference] [--json | --explain] [--threads N]
            nnx help TOPIC
            """,
        discussion: """
            Without a terminal on standard input, nnx reads a program from there.
            Exit status: 0 fine, 1 an error or a failed expectation, 2 wrong usage, 130 interrupted.
            """,
        version: "nnx \(nnxVersion)",
        subcommands: [Prompt.self, Run.self, Check.self, Bench.self, Help.self],
        defaultSubcommand: Prompt.self)

    static func main() {
        nnx_guard_standard_descriptors()
        nnx_use_utf8_locale()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// Prints what the argument parser has to say and ends with the exit status that this program promises.
    private static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        guard code != .success else {
            StandardOutput.write(message.isEmpty ? "" : message + "\n")
            endProcess(status: 0)
        }
        if !message.isEmpty { StandardError.write(message + "\n") }
        if code == .validationFailure, let file = CommandLine.arguments.dropFirst().first, file.hasSuffix(".nnx") {
            StandardError.write("  A script is run by 'nnx run \(file)'.\n")
        }
        endProcess(status: code == .validationFailure ? 2 : code.rawValue)
    }
}
