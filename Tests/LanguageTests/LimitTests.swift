import Language
import Testing

@Suite("Texts that would exhaust a stack")
struct LimitTests {
    static let count = 100_000

    static func many(_ text: String, _ times: Int = count) -> String { String(repeating: text, count: times) }

    /// Name, text, and how the first message begins; `nil` for a text that is correct.
    static let texts: [(name: String, text: String, message: String?)] = [
        ("parentheses", many("(") + "1" + many(")"), "this is nested too deeply"),
        ("open parentheses", many("("), "this is nested too deeply"),
        ("brackets", many("[") + many("]"), "this is nested too deeply"),
        ("braces", many("{") + many("}"), "this is nested too deeply"),
        ("records", many("{a: ") + "1" + many("}"), "this is nested too deeply"),
        ("not", many("not ") + "a", "this is nested too deeply"),
        ("minus", many("- ") + "a", "this is nested too deeply"),
        ("power", many("a^") + "a", "this is nested too deeply"),
        ("lambdas", many("x -> ") + "x", "this is nested too deeply"),
        ("then", many("if a then ") + "b", "this is nested too deeply"),
        ("blocks", many("if a { ") + many("}"), "this is nested too deeply"),
        ("nets", many("net a { ") + many("}"), "this is nested too deeply"),
        ("matches", many("match x { else -> ") + many("}"), "this is nested too deeply"),
        ("fits", many("fit a on "), "this is nested too deeply"),
        ("indices", "x" + many("[x") + many("]"), "this is nested too deeply"),
        ("sum", many("a + ") + "a", "this expression has too many parts in a row"),
        ("pipe", many("a |> ") + "a", "this expression has too many parts in a row"),
        ("and", many("a and ") + "a", "this expression has too many parts in a row"),
        ("calls", "f" + many("(1)"), "this expression has too many parts in a row"),
        ("fields", "a" + many(".b"), "this expression has too many parts in a row"),
        ("strings", "\"" + many("\\(\""), "this string is not closed"),
        ("closers", many(")"), "this ')' closes nothing"),
        ("mixed", many("(", count / 2) + many("}", count / 2), "this is nested too deeply"),
        ("errors", many("let let\n"), "'let' is a word of the language and cannot be a name"),
        ("else if", "if a { b }" + many(" else if a { b }"), nil),
        ("else if then", many("if a then b else ") + "c", nil),
        ("list", "[" + many("1, ") + "]", nil),
        ("statements", many("a;"), nil),
        ("trailing blocks", "f" + many(" { }"), nil),
        ("interpolations", "\"" + many("\\(a)") + "\"", nil),
    ]

    @Test("become a message or a flat tree", arguments: texts.map(\.name))
    func limits(name: String) throws {
        let entry = try #require(Self.texts.first { $0.name == name })
        let result = parseWithRecovery(SourceFile(name: "test", text: entry.text))
        #expect(result.diagnostics.first?.message == entry.message)
        #expect(result.diagnostics.count <= 20)
    }

    @Test(
        "what is just allowed can be walked",
        arguments: ["(", "[", "- ", "not ", "x -> ", "2^", "f(", "if a then 1 else "])
    func deepestTree(opening: String) throws {
        let closing = ["(": ")", "[": "]", "f(": ")"][opening] ?? ""
        let text = Self.many(opening, 250) + "1" + Self.many(closing, 250)
        #expect(try dump(text).contains("1"))
        #expect(try dump(Self.many("1 + ", 500) + "1").hasSuffix("1)"))
    }
}
