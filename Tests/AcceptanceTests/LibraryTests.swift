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
        /// Whether a comment stands right above it, or above the lines of its kind that it follows.
        var isDocumented: Bool

        var testDescription: String { "\(module).\(name)" }
    }

    static let modules: [String] = {
        let files = FileManager.default.enumerator(atPath: Project.path("stdlib"))?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".nnx") }.sorted()
    }()

    static let declarations: [Declared] = modules.flatMap { file in
        let text = (try? String(contentsOfFile: Project.path("stdlib/" + file), encoding: .utf8)) ?? ""
        let lines = text.components(separatedBy: "\n")
        let module = file.dropLast(4).replacingOccurrences(of: "/", with: ".")
        return lines.indices.compactMap { index -> Declared? in
            let words = lines[index].split(separator: " ", maxSplits: 1).map(String.init)
            let kinds = [
                "layer", "block", "net", "loss", "metric", "regularizer", "optimizer", "schedule", "augment", "fn",
            ]
            guard words.count == 2, kinds.contains(words[0]) else { return nil }
            return Declared(
                module: module, kind: words[0],
                name: String(words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }),
                isDocumented: lines[..<index].last { !$0.hasPrefix("\(words[0]) ") }?.hasPrefix("#") ?? false)
        }
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

    /// The lines `# Example: …` above the declarations that need no `use`.
    static let examples: [String] = modules.filter { !$0.contains("/") }.flatMap { file -> [String] in
        let text = (try? String(contentsOfFile: Project.path("stdlib/" + file), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            line.hasPrefix("# Example: ") ? String(line.dropFirst("# Example: ".count)) : nil
        }
    }

    @Test("an example runs", arguments: examples)
    func runs(example: String) throws {
        let session = try Interpreter(
            configuration: InterpreterConfiguration(workingDirectory: "/", standardLibrary: Project.path("stdlib")),
            host: OutputRecorder())
        let result = try session.run(SourceFile(name: "[1]", text: example), mode: .cell)
        #expect(result.echo != nil || result.figure != nil)
    }

    @Test("every declaration that needs no use has an example")
    func haveExamples() {
        let kinds = ["layer", "block", "loss", "metric", "regularizer", "optimizer", "schedule", "augment"]
        let wanted = Self.declarations.filter { kinds.contains($0.kind) && !$0.module.contains(".") }
        #expect(wanted.count == Self.examples.count)
    }

    @Test("a declaration is explained, shown and found by help", arguments: declarations)
    func shown(declared: Declared) throws {
        #expect(declared.isDocumented)
        let recorder = OutputRecorder()
        let session = try Interpreter(
            configuration: InterpreterConfiguration(workingDirectory: "/", standardLibrary: Project.path("stdlib")),
            host: recorder)
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
