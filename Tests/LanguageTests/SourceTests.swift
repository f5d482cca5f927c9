import Language
import Testing

@Suite("Texts, cells and the prompt")
struct SourceTests {
    @Test("lines and columns count from one, columns in characters")
    func places() {
        let file = SourceFile(name: "a", text: "ab\n\n👩‍👩‍👧é x")
        #expect(file.line(at: 0) == 1)
        #expect(file.line(at: 3) == 2)
        #expect(file.line(at: 4) == 3)
        #expect(file.column(at: file.bytes.count - 1) == 4)
        #expect(file.column(at: file.bytes.count) == 5)
        #expect(SourceFile(name: "b", text: "").line(at: 0) == 1)
    }

    @Test("bytes that are not UTF-8 are replaced")
    func invalidBytes() {
        #expect(SourceFile(name: "a", bytes: [0x61, 0xFF, 0x62]).text == "a\u{FFFD}b")
    }

    @Test("markers cut a script into cells")
    func cellMarkers() {
        let file = SourceFile(
            name: "a", text: "let a = 1\n# %% First one \nb\n# %% [markdown] Prose\n# Some *text*.\n#\n# More.\n#%%\nc")
        let found = cells(of: file)
        #expect(found.map(\.title) == [nil, "First one", "Prose", nil])
        #expect(found.map(\.isMarkdown) == [false, false, true, false])
        #expect(found.map(\.span.text) == ["let a = 1\n", "b\n", "# Some *text*.\n#\n# More.\n", "c"])
        #expect(found[2].prose == "Some *text*.\n\nMore.\n")
    }

    @Test("a file without markers is one cell, and nothing before the first marker is none")
    func plainCells() {
        #expect(cells(of: SourceFile(name: "a", text: "x\ny")).map(\.span.text) == ["x\ny"])
        #expect(cells(of: SourceFile(name: "a", text: "\n# %% A\nx")).map(\.title) == ["A"])
        #expect(cells(of: SourceFile(name: "a", text: "")).isEmpty)
    }

    @Test(
        "the prompt asks for more where more can mend it",
        arguments: [
            "f(", "[1,\n2", "net A {", "net A {\n relu", "let x =", "a +", "x |>", "fn f(x)", "fn f(x) =", "if a",
            "if a { b } else", "let x = if a then b", "compare { seeds: 1 }", "for i in xs", "x ->", "a and", "not",
            "fit a on", "match x {", "print(\"a\",", "f(x) {", "let r = {a: 1,", "optimizer o(lr: 1)", "x[0,",
        ])
    func incomplete(text: String) {
        #expect(isIncomplete(text))
        #expect(isIncomplete(text + "\n"))
    }

    @Test(
        "and does not where it cannot, or need not",
        arguments: [
            "", "# comment", "a", "f()", "let", "let x", "\"abc", "print(\"abc", "fit LeNet()", "a b", ")",
            "let = (", "use nets.", "param epochs", "1.2.3 +", "if a { b }", "loss",
        ])
    func complete(text: String) {
        #expect(!isIncomplete(text))
    }
}
