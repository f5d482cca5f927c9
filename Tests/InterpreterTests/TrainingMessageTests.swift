import Figures
import Foundation
import Interpreter
import Language
import Testing

/// What nets, data, `fit`, `minimize` and files answer to mistakes: `TrainingMessages/NAME.nnx` runs as a script and as a
/// cell, and says what stands in `NAME.txt`.
///
/// `NNX_UPDATE_GOLDEN=1 swift test --filter TrainingMessageTests` writes the texts anew; read the difference before it is
/// kept.
@Suite("Messages of training")
struct TrainingMessageTests {
    @Test("a mistake is told, and the session goes on", arguments: try Folders.scripts("TrainingMessages"))
    func message(script: URL) throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let said = try MessageScripts.run(script, mode: .script, in: folder)
        let golden = script.deletingPathExtension().appendingPathExtension("txt")
        if ProcessInfo.processInfo.environment["NNX_UPDATE_GOLDEN"] != nil {
            try said.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(said == (try String(contentsOf: golden, encoding: .utf8)))
        #expect(said.contains("error: "))
        #expect(!said.contains("exit 0"))
    }

    @Test("the prompt says the same, and goes on", arguments: try Folders.scripts("TrainingMessages"))
    func cell(script: URL) throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let said = try MessageScripts.run(script, mode: .cell, in: folder)
        #expect(said.contains("error: "))
    }

    /// Texts too long for a file beside this one.
    @Test(
        "brackets without end are refused",
        arguments: [
            String(repeating: "[", count: 100_000), String(repeating: "(", count: 100_000) + "1",
            String(repeating: "-", count: 100_000) + "1", String(repeating: "net A { ", count: 100_000),
            String(repeating: "1 |> dense(", count: 100_000),
        ])
    func brackets(text: String) throws {
        let recorder = EventRecorder()
        let session = try Interpreter(configuration: MessageScripts.configuration("/"), host: recorder)
        let errors = #expect(throws: Diagnostics.self) {
            try session.run(SourceFile(name: "brackets.nnx", text: text), mode: .script)
        }
        #expect(errors?.all.isEmpty == false)
        #expect(errors?.all.allSatisfy { $0.span?.line == 1 } == true)
        #expect(try session.run(SourceFile(name: "[2]", text: "1 + 1"), mode: .cell).echo == "2")
    }

    @Test("a parameter that the script does not have is refused")
    func unknownParameter() throws {
        var configuration = MessageScripts.configuration("/")
        configuration.parameters = ["epoch": "1"]
        let session = try Interpreter(configuration: configuration, host: EventRecorder())
        let errors = #expect(throws: Diagnostics.self) {
            try session.run(SourceFile(name: "p.nnx", text: "param epochs = 5\nprint(epochs)"), mode: .script)
        }
        let error = try #require(errors?.all.first)
        #expect(error.message == "the script has no parameter 'epoch'")
        #expect(error.expected == "epochs")
        #expect(error.hint == "did you mean 'epochs'?")
    }
}

/// The scripts beside this file and how one is run.
enum MessageScripts {
    /// A session in `folder` with the library of this source tree.
    static func configuration(_ folder: String) -> InterpreterConfiguration {
        InterpreterConfiguration(
            workingDirectory: folder, standardLibrary: Folders.project.appendingPathComponent("stdlib").path)
    }

    /// Everything that a script writes, its messages, and its exit status; afterwards the session must still compute.
    static func run(_ script: URL, mode: RunMode, in folder: DamagedFiles) throws -> String {
        let recorder = EventRecorder()
        let session = try Interpreter(configuration: configuration(folder.path), host: recorder)
        let source = SourceFile(
            name: script.lastPathComponent, text: try String(contentsOf: script, encoding: .utf8))
        var failed = 1
        do {
            failed = min(1, try session.run(source, mode: mode).failedExpectations)
        } catch let errors as Diagnostics {
            // The user's own line comes first; where the library computes is said, but not its lines, which may change.
            #expect(errors.all.allSatisfy { !isOfLibrary($0.span) })
            recorder.text += DiagnosticRenderer().render(Diagnostics(errors.all.map(withoutLibraryLines)))
        }
        recorder.text += "exit \(failed)\n"
        let next = try session.run(SourceFile(name: "[2]", text: "1 + 1"), mode: .cell)
        #expect(next.echo == "2")
        return recorder.text.replacingOccurrences(of: folder.path, with: "FOLDER")
    }

    private static func isOfLibrary(_ span: SourceSpan?) -> Bool { span?.file.name.hasPrefix("stdlib/") ?? false }

    private static func withoutLibraryLines(_ diagnostic: Diagnostic) -> Diagnostic {
        var copy = diagnostic
        copy.notes = copy.notes.map { note in
            guard let span = note.span, isOfLibrary(span) else { return note }
            return Diagnostic.Note("\(span.file.name): \(note.message)")
        }
        return copy
    }
}

/// Keeps what a session says as text, and its figures; of training only what does not depend on the machine's speed.
final class EventRecorder: InterpreterHost {
    var text = ""
    private(set) var figures: [Figure] = []

    func receive(_ event: HostEvent) {
        switch event {
        case .output(let output): text += output
        case .figure(let figure):
            figures.append(figure)
            text += "figure \(figure.title)\n"
        case .note(let note): text += DiagnosticRenderer().render(note)
        case .progress(let progress):
            if progress.kind == .epoch {
                text += "(epoch \(progress.epoch) of \(progress.epochs))\n"
            }
        }
    }
}
