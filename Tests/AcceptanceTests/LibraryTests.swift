import Foundation
import Interpreter
import Language
import Testing

/// Every declaration of `stdlib/` is explained, and can be shown and looked up.
@Suite("Standard library")
struct LibraryTests {
    /// A declaration of a module.
    struct Declared: CustomTestStringConvertible, Sendable {
        /// `optim`, `nets.lenet`.
        var module: String
        var kind: String
        var name: String
        /// The line right above it, or above the lines of its kind that it follows.
        var lineAbove: String

        var testDescription: String { "\(module).\(name)" }
    }

    static let modules: [String] = {
        let files = FileManager.default.enumerator(atPath: Project.path("stdlib"))?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".nnx") }.sorted()
    }()

    /// Each module by its name, `nets.lenet`, with its lines.
    private static let sources: [(module: String, lines: [String])] = modules.map { file in
        let text = (try? String(contentsOfFile: Project.path("stdlib/" + file), encoding: .utf8)) ?? ""
        return (file.dropLast(4).replacingOccurrences(of: "/", with: "."), text.components(separatedBy: "\n"))
    }

    static let declarations: [Declared] = sources.flatMap { module, lines in
        lines.indices.compactMap { index -> Declared? in
            let words = lines[index].split(separator: " ", maxSplits: 1).map(String.init)
            let kinds = [
                "layer", "block", "net", "loss", "metric", "regularizer", "optimizer", "schedule", "augment", "fn",
            ]
            guard words.count == 2, kinds.contains(words[0]) else { return nil }
            return Declared(
                module: module, kind: words[0],
                name: String(words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }),
                lineAbove: lines[..<index].last { !$0.hasPrefix("\(words[0]) ") } ?? "")
        }
    }

    private static func session(_ host: OutputRecorder) throws -> Interpreter {
        try Interpreter(
            configuration: InterpreterConfiguration(workingDirectory: "/", standardLibrary: Project.path("stdlib")),
            host: host)
    }

    @Test("there is a library")
    func isThere() {
        #expect(Self.modules.contains("optim.nnx"))
        #expect(Self.declarations.count >= 30)
    }

    @Test("a module reads without a mistake", arguments: modules)
    func parses(file: String) throws {
        let text = try String(contentsOfFile: Project.path("stdlib/" + file), encoding: .utf8)
        let result = parseWithRecovery(SourceFile(name: file, text: text))
        #expect(result.diagnostics.isEmpty)
        #expect(!result.program.statements.isEmpty)
    }

    /// A line `# Example: …` with the module that it stands in.
    struct Example: CustomTestStringConvertible, Sendable {
        var module: String
        var text: String

        var testDescription: String { "\(module): \(text)" }
    }

    static let examples: [Example] = sources.flatMap { module, lines in
        lines.compactMap { line in
            line.hasPrefix("# Example: ")
                ? Example(module: module, text: String(line.dropFirst("# Example: ".count))) : nil
        }
    }

    @Test("an example runs", arguments: examples)
    func runs(example: Example) throws {
        let recorder = OutputRecorder()
        let session = try Self.session(recorder)
        let cell = "use \(example.module)\n\(example.text)"
        let result = try session.run(SourceFile(name: "[1]", text: cell), mode: .cell)
        #expect(result.echo != nil || result.figure != nil || !recorder.text.isEmpty)
    }

    @Test("every declaration but plain functions has an example right above it")
    func haveExamples() {
        for declared in Self.declarations where declared.kind != "fn" {
            #expect(declared.lineAbove.hasPrefix("# Example: "), "\(declared.testDescription)")
        }
    }

    @Test("a declaration is explained, shown and found by help", arguments: declarations)
    func shown(declared: Declared) throws {
        #expect(declared.lineAbove.hasPrefix("#"))
        let recorder = OutputRecorder()
        let session = try Self.session(recorder)
        _ = try session.run(SourceFile(name: "[1]", text: "use \(declared.module)"), mode: .cell)
        let help = try #require(session.help(declared.name))
        #expect(help.contains(declared.name))
        guard declared.kind != "fn" else { return }
        let result = try session.run(SourceFile(name: "[2]", text: "show \(declared.name)"), mode: .cell)
        let said = recorder.text + (result.echo ?? "")
        #expect(said.contains("\(declared.kind) \(declared.name)"))
    }
}

/// Keeps the text that a session writes.
private final class OutputRecorder: InterpreterHost {
    var text = ""

    func receive(_ event: HostEvent) {
        if case .output(let output) = event { text += output }
    }
}
