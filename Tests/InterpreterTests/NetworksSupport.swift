import Interpreter
import Language
import Testing

/// Scripts whose `expect` lines say what is to come out.
enum NetworkScripts {
    /// Runs a script and gives what it printed; an expectation that fails or an error is an issue of the test.
    @discardableResult
    static func run(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try record(script, sourceLocation: sourceLocation).text
    }

    /// Runs a script, in `folder`, and gives all that it said. With `isChecked`, what the check before finds is an issue,
    /// too.
    @discardableResult
    static func record(
        _ script: String, in folder: String = "/", isChecked: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> EventRecorder {
        let recorder = EventRecorder()
        let session = try Interpreter(configuration: MessageScripts.configuration(folder), host: recorder)
        let source = SourceFile(name: "script.nnx", text: script)
        if isChecked {
            let complaints = DiagnosticRenderer().render(Diagnostics(session.check(source)))
            #expect(complaints == "", sourceLocation: sourceLocation)
        }
        do {
            let result = try session.run(source, mode: .script)
            #expect(result.failedExpectations == 0, "\(recorder.text)", sourceLocation: sourceLocation)
        } catch let errors as Diagnostics {
            let text = errors.all.map { DiagnosticRenderer().render($0) }.joined()
            Issue.record("\(text)", sourceLocation: sourceLocation)
        }
        return recorder
    }
}
