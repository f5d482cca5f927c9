import ArgumentParser
import Notebook

/// `nnx run FILE`: a script from its first to its last line.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run a script.")

    @Argument(help: "The script.")
    var file: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Give a parameter of the script (`param NAME = …`) another value.", valueName: "name=value"))
    var parameters: [String] = []

    @OptionGroup var options: SessionOptions

    @Flag(help: "Print nothing but errors and what the script prints.")
    var quiet = false

    @Flag(help: "Print each event as a line of JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write each figure to this folder, as .svg and .png.", valueName: "folder"))
    var figures: String?

    func validate() throws {
        if quiet && json { throw ValidationError("--quiet and --json exclude one another") }
        for parameter in parameters where parameter.first == "=" || !parameter.contains("=") {
            throw ValidationError("--set takes NAME=VALUE, not '\(parameter)'")
        }
    }

    func run() throws {
        var front: any NotebookFront = json ? JSONFront() : TextFront(isQuiet: quiet)
        let files = figures.map { FigureFiles(folder: $0, script: file, beside: front) }
        if let files { front = files }
        Interrupts.install()
        Interrupts.exitAtThird()
        var values: [String: String] = [:]
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = String(parts[1])
        }
        let session = try makeSession(front: front, options: options, parameters: values)
        let report = Interrupts.during(session.engine.cancellation) { session.run(file: file, mode: .script) }
        throw ExitCode(report.exitStatus == 0 && files?.hasFailed == true ? 1 : report.exitStatus)
    }
}
