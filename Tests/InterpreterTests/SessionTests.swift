import Dispatch
import Foundation
import Interpreter
import Language
import Testing

@Suite struct SessionTests {
    private func cell(_ text: String) -> SourceFile { SourceFile(name: "[1]", text: text) }

    @Test func namesPersistAndASecondLetReplaces() throws {
        let session = try Folders.session(RecordingHost())
        _ = try session.run(cell("let x = 1; fn f() = x"), mode: .cell)
        _ = try session.run(cell("let x = 5"), mode: .cell)
        #expect(try session.run(cell("f()"), mode: .cell).echo == "5")
        #expect(session.names().map(\.name) == ["f", "x"])
        #expect(session.names().last?.summary == "5")
        try session.reset()
        #expect(session.names().isEmpty)
    }

    @Test func cellThatFailsHalfwayKeepsWhatWasBound() throws {
        let session = try Folders.session(RecordingHost())
        #expect(throws: Diagnostics.self) {
            try session.run(cell("let a = 7\nif randn([]) < 100 { error(\"stop\") }\nlet b = 8"), mode: .cell)
        }
        #expect(try session.run(cell("a"), mode: .cell).echo == "7")
        #expect(throws: Diagnostics.self) { try session.run(cell("b"), mode: .cell) }
    }

    @Test func cellWithAnUnknownNameBindsNothing() throws {
        let session = try Folders.session(RecordingHost())
        #expect(throws: Diagnostics.self) { try session.run(cell("let a = 7\nlet b = unknown_name"), mode: .cell) }
        #expect(session.names().isEmpty)
        #expect(throws: Diagnostics.self) { try session.run(cell("a"), mode: .cell) }
    }

    @Test func endlessLoopIsInterrupted() throws {
        let session = try Folders.session(RecordingHost())
        let token = session.cancellation
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { token.cancel() }
        #expect(throws: Interruption.self) { try session.run(cell("while true { }"), mode: .cell) }
        token.reset()
        #expect(try session.run(cell("1 + 1"), mode: .cell).echo == "2")
    }

    @Test func endlessLoopInAFunctionCallIsInterrupted() throws {
        let session = try Folders.session(RecordingHost())
        let token = session.cancellation
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { token.cancel() }
        #expect(throws: Interruption.self) {
            try session.run(cell("map(1...10, x -> { for i in 0..<1_000_000_000_000 { } })"), mode: .cell)
        }
    }

    @Test func parametersAreOverridden() throws {
        let host = RecordingHost()
        let session = try Folders.session(host, parameters: ["epochs": "2", "name": "b c"])
        _ = try session.run(
            cell("param epochs = 5\nparam name = \"a\"\nparam lr = 0.1\nprint(epochs + 1, name, lr)"), mode: .script)
        #expect(host.output == "3 b c 0.1\n")
    }

    @Test func unknownParameterIsRefused() throws {
        let session = try Folders.session(RecordingHost(), parameters: ["epoch": "2"])
        do {
            _ = try session.run(cell("param epochs = 5"), mode: .script)
            Issue.record("the parameter was taken")
        } catch let errors as Diagnostics {
            #expect(errors.all.first?.hint == "did you mean 'epochs'?")
        }
    }

    @Test func parameterOfAnotherKindIsRefused() throws {
        let session = try Folders.session(RecordingHost(), parameters: ["epochs": "\"many\""])
        #expect(throws: Diagnostics.self) { try session.run(cell("param epochs = 5"), mode: .script) }
    }

    @Test func seedGivesTheSameNumbersAgain() throws {
        let session = try Folders.session(RecordingHost())
        let first = try session.run(cell("seed 7; [randn([3]), uniform([2]), randint(0, 10, [2])]"), mode: .cell).echo
        let other = try session.run(cell("seed 8; [randn([3]), uniform([2]), randint(0, 10, [2])]"), mode: .cell).echo
        let again = try session.run(cell("seed 7; [randn([3]), uniform([2]), randint(0, 10, [2])]"), mode: .cell).echo
        #expect(first == again)
        #expect(first != other)
    }

    @Test func completionKnowsWhereItStands() throws {
        let session = try Folders.session(RecordingHost())
        _ = try session.run(cell("let record = {alpha: 1, beta: {gamma: 2}}; fn clip(x, low: 0) = x"), mode: .cell)
        func candidates(_ line: String) -> [String] {
            session.completions(in: line, cursor: line.utf8.count).candidates
        }
        #expect(candidates("recor") == ["record"])
        #expect(candidates("record.") == ["alpha", "beta"])
        #expect(candidates("record.beta.g") == ["gamma"])
        #expect(candidates("clip(1, l").first == "low: ")
        #expect(candidates("conv2d(x, w, st").contains("stride: "))
        #expect(candidates("softm") == ["softmax"])
        #expect(candidates("use opt") == ["optim"])
        #expect(candidates("use nets.le") == ["nets.lenet"])
        #expect(candidates("save(x, \"Golden/modules/sh") == ["Golden/modules/shapes.nnx"])
        #expect(session.completions(in: "1 + recor", cursor: 9).replaceFrom == 4)
        #expect(candidates("whi").contains("while"))
    }

    @Test func helpShowsSignatureFormulaShapesAndExample() throws {
        let session = try Folders.session(RecordingHost())
        _ = try session.run(cell("# The double.\nfn twice(x) = 2 * x"), mode: .cell)
        #expect(session.help("twice")?.contains("The double.") == true)
        let help = try #require(session.help("conv2d"))
        for part in ["conv2d(x, w", "stride: 1", "formula:", "shapes:", "example:"] {
            #expect(help.contains(part))
        }
        #expect(session.help("map")?.contains("map(values, f)") == true)
        #expect(session.help("while")?.contains("condition") == true)
        #expect(session.help("no_such_topic") == nil)
    }

    @Test func savedTensorHasNumPysFormat() throws {
        let session = try Folders.session(RecordingHost())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("deep/x.npy").path
        _ = try session.run(cell("save([[1, 2], [3, 4]], \"\(path)\")"), mode: .cell)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(Array(bytes.prefix(6)) == [0x93] + Array("NUMPY".utf8))
        #expect(bytes.count == 128 + 32)
        let svg = folder.appendingPathComponent("f.svg").path
        _ = try session.run(cell("save(plot(x -> x^2, x in -1...1), \"\(svg)\")"), mode: .cell)
        #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("<svg"))
        #expect(throws: Diagnostics.self) { try session.run(cell("save([1], \"\(folder.path)/x.txt\")"), mode: .cell) }
    }
}
