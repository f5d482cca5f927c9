import Foundation
import Notebook
import Testing

@Suite struct PromptCommandTests {
    @Test func readsCommands() throws {
        #expect(try PromptCommand(parsing: ":help") == .help(topic: nil))
        #expect(try PromptCommand(parsing: " :help conv ") == .help(topic: "conv"))
        #expect(try PromptCommand(parsing: "?conv") == .help(topic: "conv"))
        #expect(try PromptCommand(parsing: "??") == .help(topic: nil))
        #expect(try PromptCommand(parsing: ":load \"my file.nnx\"") == .load(path: "my file.nnx"))
        #expect(try PromptCommand(parsing: ":save out.nnx") == .save(path: "out.nnx"))
        #expect(try PromptCommand(parsing: ":time all") == .time(.all))
        #expect(try PromptCommand(parsing: ":quit") == .quit)
    }

    @Test(arguments: [
        (":hlep", ":help"), (":laod x", ":load"), (":qiut", ":quit"), (":load", "needs a file"),
        (":reset all", "no argument"), (":time sometimes", "on, off or all"), (":zzzzzzz", ":help lists"),
    ])
    func refusesWithAHint(line: String, part: String) throws {
        let diagnostic = try #require(throws: (any Error).self) { try PromptCommand(parsing: line) }
        #expect("\(diagnostic)".contains(part))
    }

    @Test func knowsACommandFromACell() {
        #expect(PromptCommand.isCommand(":help"))
        #expect(PromptCommand.isCommand("  ?x"))
        #expect(!PromptCommand.isCommand("x[:, 1]"))
        #expect(!PromptCommand.isCommand(""))
    }
}

@Suite struct CellReaderTests {
    @Test func collectsUntilTheCellIsWhole() {
        var reader = CellReader()
        #expect(reader.add("") == nil)
        #expect(reader.isEmpty)
        #expect(reader.add("let x = [") == nil)
        #expect(reader.add("") == nil)
        #expect(reader.add("1]") == "let x = [\n\n1]")
        #expect(reader.isEmpty)
        #expect(reader.add("x", continues: true) == nil)
        #expect(reader.add("  |> f") == "x\n  |> f")
    }

    @Test func givesUpOrTakesTheRest() {
        var reader = CellReader()
        #expect(reader.add("f(") == nil)
        reader.abandon()
        #expect(reader.take() == nil)
        #expect(reader.add("f(") == nil)
        #expect(reader.take() == "f(")
    }

    @Test func seesALineThatCarriesOn() {
        #expect(CellReader.continuesCell("   |> relu"))
        #expect(!CellReader.continuesCell("relu |> x"))
    }
}

@Suite struct HistoryTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-history-\(UUID())").path

    @Test func keepsEntriesOfSeveralLines() throws {
        let path = folder + "/deep/er/history"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var history = History(path: path)
        let entries = ["1 + 1", "let x = [\n  1,\n]", "\"a\\n\\\\b\"", "größe"]
        for entry in entries { try history.add(entry) }
        try history.add("größe")
        try history.add("")
        #expect(History(path: path).entries == entries)
    }

    @Test func sessionsSideBySideKeepEachOthersEntries() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var first = History(path: folder + "/history")
        var second = History(path: folder + "/history")
        try first.add("one")
        try second.add("two")
        try first.add("three")
        #expect(History(path: folder + "/history").entries == ["one", "two", "three"])
    }

    @Test func staysWithinItsCapacity() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = (0..<(2 * History.capacity + 10)).map { "cell \($0)\n" }.joined()
        try text.write(toFile: folder + "/history", atomically: true, encoding: .utf8)
        let history = History(path: folder + "/history")
        #expect(history.entries.count == History.capacity)
        #expect(history.entries.last == "cell \(2 * History.capacity + 9)")
        let kept = try String(contentsOfFile: folder + "/history", encoding: .utf8)
        #expect(kept.split(separator: "\n").count == History.capacity)
    }

    @Test func tellsOnceThatTheDiskDoesNotTakeIt() throws {
        var history = History(path: "/dev/null/history")
        #expect(throws: (any Error).self) { try history.add("a") }
        try history.add("b")
        #expect(history.entries == ["a", "b"])
    }
}

@Suite struct LayoutTests {
    @Test func laysColumnsOutDownwards() {
        #expect(columnLayout(["a", "bb", "ccc", "d", "e"], width: 12) == "a    d\nbb   e\nccc\n")
        #expect(columnLayout(["abc", "def"], width: 2) == "abc\ndef\n")
        #expect(columnLayout([], width: 80) == "")
    }

    @Test(arguments: [
        (0.0004, "0.4 ms"), (0.25, "250 ms"), (1.234, "1.23 s"), (59.99, "1m 00s"), (83.2, "1m 23s"),
        (7380, "2h 03m"), (Double.infinity, "-"), (Double.nan, "-"), (-1, "0.0 ms"),
    ])
    func writesDurations(seconds: Double, text: String) {
        #expect(durationText(seconds: seconds) == text)
    }
}

@Suite struct JSONValueTests {
    @Test func writesWhatAParserReadsBack() throws {
        let value = JSONValue.object([
            ("text", .string("quote \" back \\ line \n tab \t bell \u{7} é 🙂")),
            ("numbers", .array([.integer(-3), .number(0.1), .number(1e-7), .number(1e300)])),
            ("not numbers", .array([.number(.nan), .number(.infinity), .number(-.infinity), .null])),
            ("yes", .bool(true)),
        ])
        #expect(!value.text.contains("\n"))
        let parsed = try #require(JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? [String: Any])
        #expect(parsed["text"] as? String == "quote \" back \\ line \n tab \t bell \u{7} é 🙂")
        #expect(parsed["numbers"] as? [Double] == [-3, 0.1, 1e-7, 1e300])
        #expect((parsed["not numbers"] as? [Any])?.allSatisfy { $0 is NSNull } == true)
        #expect(parsed["yes"] as? Bool == true)
    }
}
