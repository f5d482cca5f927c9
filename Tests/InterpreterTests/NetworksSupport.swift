import Interpreter
import Language
import Testing

/// Scripts about nets whose `expect` lines say what is to come out.
enum NetworkScripts {
    /// Runs a script and gives what it printed; an expectation that fails or an error is an issue of the test.
    @discardableResult
    static func run(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let recorder = EventRecorder()
        let session = try Interpreter(configuration: MessageScripts.configuration("/"), host: recorder)
        do {
            let result = try session.run(SourceFile(name: "networks.nnx", text: script), mode: .script)
            #expect(result.failedExpectations == 0, "\(recorder.text)", sourceLocation: sourceLocation)
        } catch let errors as Diagnostics {
            let text = errors.all.map { DiagnosticRenderer().render($0) }.joined()
            Issue.record("\(text)", sourceLocation: sourceLocation)
        }
        return recorder.text
    }
}
