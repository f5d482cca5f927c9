import Foundation
import Interpreter
import Language
import Testing

@Suite struct CheckTests {
    /// Scripts with nothing wrong: the check before running must not say otherwise.
    @Test(arguments: try Folders.scripts("Checked"))
    func checkFindsNothingWrongWhereNothingIs(_ file: URL) throws {
        let host = RecordingHost()
        let session = try Folders.session(host)
        let source = SourceFile(name: file.lastPathComponent, text: try String(contentsOf: file, encoding: .utf8))
        #expect(session.check(source).isEmpty)
        #expect(host.output.isEmpty && host.figures == 0)
        do {
            let result = try session.run(source, mode: .script)
            #expect(result.failedExpectations == 0, "\(host.output)")
        } catch let errors as Diagnostics {
            Issue.record("\(DiagnosticRenderer().render(errors))")
        }
    }

    /// What `check` finds, as messages.
    private func messages(_ text: String) throws -> [String] {
        try Folders.session(RecordingHost()).check(SourceFile(name: "script", text: text)).map(\.message)
    }

    @Test func shapeErrorInTheLastLineIsFound() throws {
        let found = try messages(
            """
            let x = randn([8, 784])
            for step in 1...1000 { print(step) }
            let y = x @ randn([784, 10])
            y @ randn([11, 2])
            """)
        #expect(found.count == 1)
        #expect(found.first?.contains("'@'") == true)
    }

    @Test func severalStatementsWithMistakesAreAllTold() throws {
        let found = try messages("[1, 2] + [1, 2, 3]\nlet a = [1][4]\na + 1\nzeros([3])[7]\n")
        #expect(found.count == 3)
    }

    @Test func checkLeavesNoTrace() throws {
        let host = RecordingHost()
        let session = try Folders.session(host)
        _ = try session.run(SourceFile(name: "1", text: "var x = 1\nseed 3\nlet before = randn([2])"), mode: .cell)
        #expect(session.check(SourceFile(name: "2", text: "x = 2\nlet y = randn([3])\nprint(y)\n")).isEmpty)
        #expect(session.check(SourceFile(name: "3", text: "let y = randn([3])\nprint(y)\n")).isEmpty)
        let echo = try session.run(SourceFile(name: "4", text: "x"), mode: .cell).echo
        #expect(echo == "1")
        #expect(throws: Diagnostics.self) { try session.run(SourceFile(name: "5", text: "y"), mode: .cell) }
        #expect(host.output.isEmpty)
    }

    @Test func endlessScriptIsCheckedInBoundedTime() throws {
        #expect(try messages("var i = 0\nwhile true { i += 1 }\n").isEmpty)
        #expect(try messages("fn f(n) { for i in 0..<10 { for j in 0..<10 { f(n + 1) } } }\nfn g(n) = g(n)\n").isEmpty)
        #expect(try messages("fn a(n) { if n > 40 { return 0 }; a(n + 1) + a(n + 1) }\na(0)\n").isEmpty)
    }
}
