import Foundation
import Interpreter
import Language
import Testing

/// Scripts with all that they write and all messages, as texts beside them.
///
/// `NNX_UPDATE_GOLDEN=1 swift test --filter GoldenTests` writes the texts anew; read the difference before it is kept.
@Suite struct GoldenTests {
    @Test(arguments: try Folders.scripts("Golden"))
    func scriptWritesItsGoldenText(_ file: URL) throws {
        let host = RecordingHost()
        let session = try Folders.session(host)
        let source = SourceFile(name: file.lastPathComponent, text: try String(contentsOf: file, encoding: .utf8))
        do {
            let result = try session.run(source, mode: .script)
            if result.failedExpectations > 0 { host.output += "failed expectations: \(result.failedExpectations)\n" }
        } catch let errors as Diagnostics {
            host.output += DiagnosticRenderer().render(errors)
        }
        let golden = file.deletingPathExtension().appendingPathExtension("txt")
        if ProcessInfo.processInfo.environment["NNX_UPDATE_GOLDEN"] != nil {
            try host.output.write(to: golden, atomically: true, encoding: .utf8)
        }
        let wanted = (try? String(contentsOf: golden, encoding: .utf8)) ?? ""
        #expect(host.output == wanted)
        #expect(!host.output.isEmpty)
        // Whatever went wrong, the session goes on.
        let after = try session.run(SourceFile(name: "after", text: "1 + 1"), mode: .cell)
        #expect(after.echo == "2")
    }
}
