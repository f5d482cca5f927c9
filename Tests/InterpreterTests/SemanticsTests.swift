import Foundation
import Interpreter
import Language
import Testing

/// What a session writes, kept for a test.
final class RecordingHost: InterpreterHost {
    var output = ""
    var figures = 0

    func receive(_ event: HostEvent) {
        switch event {
        case .output(let text): output += text
        case .note(let diagnostic): output += DiagnosticRenderer().render(diagnostic)
        case .figure: figures += 1
        case .progress: break
        }
    }
}

/// Folders of this test target and of the project.
enum Folders {
    static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let project = tests.deletingLastPathComponent().deletingLastPathComponent()

    static func scripts(_ folder: String) throws -> [URL] {
        let url = tests.appendingPathComponent(folder)
        let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        return files.filter { $0.pathExtension == "nnx" }.sorted { $0.path < $1.path }
    }

    /// Names that a module of the standard library declares as `kind name`.
    static func declared(_ kind: String, in module: String) throws -> [String] {
        let file = project.appendingPathComponent("stdlib/\(module).nnx")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix(kind + " ") }
            .map { line in String(line.dropFirst(kind.count + 1).prefix { $0.isLetter || $0 == "_" }) }
    }

    static func session(_ host: RecordingHost, parameters: [String: String] = [:]) throws -> Interpreter {
        try Interpreter(
            configuration: InterpreterConfiguration(
                threads: 2, parameters: parameters, workingDirectory: tests.path,
                standardLibrary: project.appendingPathComponent("stdlib").path), host: host)
    }
}

/// Whether two values are written alike, or are numbers that differ by rounding only.
func isSame(_ shown: String, _ wanted: String) -> Bool {
    if let a = Double(shown), let b = Double(wanted) { return abs(a - b) <= 1e-12 }
    return shown == wanted
}

/// A cell with what its comment says about it: `# -> value` or `# error: part of the message`.
struct AnnotatedCell {
    var source: String
    var value: String?
    var error: String?

    /// The cells of a script: as many lines each as its brackets need.
    static func cells(of text: String) -> [AnnotatedCell] {
        var cells: [AnnotatedCell] = []
        var pending = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            pending += line + "\n"
            guard !isIncomplete(pending) else { continue }
            cells.append(AnnotatedCell(pending))
            pending = ""
        }
        return cells
    }

    init(_ source: String) {
        self.source = source
        value = Self.comment("# -> ", in: source)
        error = Self.comment("# error: ", in: source)
    }

    private static func comment(_ mark: String, in source: String) -> String? {
        guard let range = source.range(of: mark) else { return nil }
        return source[range.upperBound...].split(separator: "\n").first.map(String.init)?.collapsed
            ?? ""
    }
}

extension String {
    /// Every stretch of white space as one blank.
    var collapsed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

@Suite struct SemanticsTests {
    @Test(arguments: try Folders.scripts("Semantics"))
    func everyLineDoesWhatItsCommentSays(_ file: URL) throws {
        let host = RecordingHost()
        let session = try Folders.session(host)
        let cells = AnnotatedCell.cells(of: try String(contentsOf: file, encoding: .utf8))
        #expect(!cells.isEmpty)
        for cell in cells {
            do {
                let result = try session.run(SourceFile(name: file.lastPathComponent, text: cell.source), mode: .cell)
                #expect(cell.error == nil, "no error in: \(cell.source)")
                if let value = cell.value { #expect(result.echo?.collapsed == value, "\(cell.source)") }
                #expect(result.failedExpectations == 0, "\(cell.source) \(host.output)")
            } catch let errors as Diagnostics {
                let text = DiagnosticRenderer().render(errors)
                guard let wanted = cell.error else {
                    Issue.record("\(cell.source): \(text)")
                    continue
                }
                #expect(text.contains(wanted), "\(cell.source): \(text)")
            }
        }
    }

    @Test func everyDocumentedExampleRuns() throws {
        let examples = Interpreter.documentedExamples
        #expect(examples.count > 100)
        for (name, example) in examples {
            let host = RecordingHost()
            let session = try Folders.session(host)
            let cell = AnnotatedCell(example + "\n")
            do {
                let result = try session.run(SourceFile(name: name, text: cell.source), mode: .cell)
                if let value = cell.value {
                    let shown = result.echo ?? host.output
                    #expect(isSame(shown.collapsed, value), "\(name): \(example) gives \(shown)")
                }
            } catch let errors as Diagnostics {
                Issue.record("\(name): \(DiagnosticRenderer().render(errors))")
            }
        }
    }
}
