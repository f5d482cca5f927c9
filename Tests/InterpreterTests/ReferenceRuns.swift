import Foundation
import Interpreter
import Language
import Testing

/// Scripts whose numbers are held against those of Tests/Reference.
enum ReferenceRuns {
    static func read<Content: Decodable>(_ name: String) throws -> Content {
        try JSONDecoder().decode(
            Content.self,
            from: Data(contentsOf: Folders.project.appendingPathComponent("Tests/Reference/\(name).json")))
    }

    /// The lines that a script prints, without those about epochs.
    static func lines(
        _ script: String, in folder: String = "/", seed: UInt64? = nil, threads: Int? = nil
    ) throws -> [String] {
        let recorder = EventRecorder()
        var configuration = MessageScripts.configuration(folder)
        (configuration.seed, configuration.threads, configuration.threadLimit) = (seed, threads, threads)
        let session = try Interpreter(configuration: configuration, host: recorder)
        let result = try session.run(SourceFile(name: "script.nnx", text: script), mode: .script)
        #expect(result.failedExpectations == 0)
        return recorder.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("(") }
    }

    /// The numbers among them.
    static func numbers(_ script: String) throws -> [Double] { try lines(script).compactMap { Double($0) } }
}
