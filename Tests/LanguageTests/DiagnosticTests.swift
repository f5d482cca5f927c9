import Foundation
import Language
import Testing

@Suite("Messages")
struct DiagnosticTests {
    /// `Golden/NAME.nnx` renders as `Golden/NAME.txt`. With `NNX_UPDATE_GOLDEN` set the texts are written anew.
    @Test("every message of the parser", arguments: try TestFiles.scripts(in: "Golden"))
    func golden(script: URL) throws {
        let result = parseWithRecovery(try TestFiles.source(script))
        let text =
            DiagnosticRenderer().render(Diagnostics(result.diagnostics)) + (result.isIncomplete ? "(incomplete)\n" : "")
        let golden = script.deletingPathExtension().appendingPathExtension("txt")
        if ProcessInfo.processInfo.environment["NNX_UPDATE_GOLDEN"] != nil {
            try text.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(!result.diagnostics.isEmpty)
        #expect(text == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test("what is right beside an error is read")
    func recovery() {
        let result = parseWithRecovery(
            SourceFile(name: "test", text: "let = 1\nlet b = 2\nnet A {\n  relu relu\n  dense(2)\n}\nlet c = )\nd"))
        #expect(result.program.dump == "(let b 2)\n(net A {relu; (call dense 2)})\nd")
        #expect(result.diagnostics.map { $0.span?.line } == [1, 4, 7])
    }

    @Test("notes show their own source, in another file too")
    func notes() {
        let snippet = SourceFile(name: "mine.nnx", text: "fn f(x) {\n    x @ 3\n}\n")
        let script = SourceFile(name: "main.nnx", text: "let y = f(2)\n")
        let diagnostic = Diagnostic(
            "'@' needs two tensors", at: SourceSpan(file: snippet, lower: 14, upper: 19), label: "here",
            expected: "[n, m] @ [m, k]", found: "2 @ 3", hint: "a product of numbers is '*'",
            notes: [
                Diagnostic.Note("in the call here", at: SourceSpan(file: script, lower: 8, upper: 12)),
                Diagnostic.Note("no place"),
            ])
        #expect(
            DiagnosticRenderer().render(diagnostic) == """
                mine.nnx:2:5: error: '@' needs two tensors
                  2 |     x @ 3
                    |     ^~~~~ here
                  expected: [n, m] @ [m, k]
                  found:    2 @ 3
                  hint: a product of numbers is '*'
                  main.nnx:1:9: note: in the call here
                  1 | let y = f(2)
                    |         ^~~~
                  note: no place

                """)
    }

    @Test("a span over several lines shows the first and the last")
    func severalLines() {
        let file = SourceFile(name: "a.nnx", text: "f(\n  1,\n  2\n) + 3\n")
        let text = DiagnosticRenderer().render(Diagnostic("bad", at: SourceSpan(file: file, lower: 0, upper: 13)))
        #expect(
            text == """
                a.nnx:1:1: error: bad
                  1 | f(
                    | ^~
                    …
                  4 | ) + 3
                    | ^

                """)
    }

    @Test("tabs, wide characters and line ends are measured as they are shown")
    func widths() {
        let file = SourceFile(name: "a.nnx", text: "\t日本é = x\r\nb")
        let place = file.bytes.firstIndex(of: UInt8(ascii: "x")) ?? 0
        let text = DiagnosticRenderer().render(
            Diagnostic("bad", at: SourceSpan(file: file, lower: place, upper: place + 1)))
        #expect(text == "a.nnx:1:8: error: bad\n  1 |     日本é = x\n    |             ^\n")
        #expect(displayWidth("é日👩‍👩‍👧") == 5)
    }

    @Test("a long line is a window around the caret", arguments: [0, 50, 5_000, 99_999])
    func longLine(place: Int) throws {
        let file = SourceFile(name: "a.nnx", text: String(repeating: "x", count: 100_000))
        let text = DiagnosticRenderer(width: 60).render(
            Diagnostic("bad", at: SourceSpan(file: file, lower: place, upper: place + 1)))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].count <= 6 + 62)
        let caret = try #require(lines[2].firstIndex(of: "^"))
        let column = lines[2].distance(from: lines[2].startIndex, to: caret)
        #expect(Array(lines[1])[column] == "x")
    }

    @Test("colour is added on request only")
    func color() {
        let file = SourceFile(name: "a.nnx", text: "x")
        let diagnostic = Diagnostic("bad", at: file.wholeSpan, hint: "better")
        #expect(DiagnosticRenderer(usesColor: true).render(diagnostic).contains("\u{1B}[1;31merror:\u{1B}[0m"))
        #expect(!DiagnosticRenderer().render(diagnostic).contains("\u{1B}"))
    }

    @Test("a place outside of its file is shown at its end")
    func placeOutside() {
        let file = SourceFile(name: "a.nnx", text: "x")
        let text = DiagnosticRenderer().render(Diagnostic("bad", at: SourceSpan(file: file, lower: 9, upper: 12)))
        #expect(text == "a.nnx:1:2: error: bad\n  1 | x\n    |  ^\n")
    }

    @Test(
        "did you mean",
        arguments: [
            ("leanring_rate", "learning_rate"), ("optimiser", "optimizer"), ("epohcs", "epochs"), ("Epochs", "epochs"),
            ("lr", nil), ("batchsize", "batch"), ("batch_size", "batch"), ("learning_rate", "lr"), ("x", nil),
            ("ls", "lr"), ("", nil),
        ] as [(String, String?)])
    func closest(name: String, expected: String?) {
        let names = ["learning_rate", "optimizer", "epochs", "batch", "lr"].filter { $0 != name }
        #expect(closestName(to: name, among: names) == expected)
    }
}
