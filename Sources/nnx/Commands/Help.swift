import ArgumentParser
import Notebook

/// `nnx help TOPIC`: the help text of a command, an operation, a declaration or a statement.
struct Help: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain a command or anything of the language: nnx help run, nnx help conv.")

    @Argument(help: "A command, an operation, a layer, an optimizer, a statement, …")
    var topic: String?

    func run() throws {
        guard let topic else { throw CleanExit.helpRequest(Nnx.self) }
        if let command = Nnx.configuration.subcommands.first(where: {
            $0.configuration.commandName ?? "\($0)".lowercased() == topic
        }) {
            throw CleanExit.helpRequest(command)
        }
        let front = TextFront()
        let session = try makeSession(front: front)
        throw ExitCode(session.help(on: topic) == .succeeded ? 0 : 1)
    }
}
