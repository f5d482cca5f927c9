import Foundation
import Language
import Testing

@Suite("Formatter")
struct FormatterTests {
    static func formatted(_ text: String) throws -> String {
        try format(SourceFile(name: "test", text: text))
    }

    @Test(
        "lays out",
        arguments: [
            ("let  x=3", "let x = 3\n"),
            ("f( 1,2 ,k:3 )", "f(1, 2, k: 3)\n"),
            ("a+b*c-d ^ 2", "a + b*c - d^2\n"),
            ("a*b + c * d", "a*b + c * d\n"),
            ("a* b", "a * b\n"),
            ("x [0,:,1 ..< 3]", "x[0, :, 1..<3]\n"),
            ("x[ 2 ... , ... 3,..< -1 ]", "x[2..., ...3, ..<-1]\n"),
            ("let r={ a:1,b : 2 }", "let r = {a: 1, b: 2}\n"),
            ("if a{b}else{c}", "if a { b } else { c }\n"),
            ("net A{\nrelu\n  dense( 2 )\n}", "net A {\n    relu\n    dense(2)\n}\n"),
            ("fit (x) on d{epochs:1}", "fit (x) on d { epochs: 1 }\n"),
            ("let a = f (x)", "let a = f(x)\n"),
            ("return -1", "return -1\n"),
            ("seed -1", "seed -1\n"),
            ("a - -b", "a - -b\n"),
            ("15deg", "15 deg\n"),
            ("x\n|> f\n|> g", "x\n    |> f\n    |> g\n"),
            ("let own     = 1\nlet other   = 2", "let own     = 1\nlet other   = 2\n"),
            ("f(1,\n2)", "f(1,\n    2)\n"),
            ("f(x -> {\na\n})", "f(x -> {\n    a\n})\n"),
            ("a   # why\n\n\n\n\n# what\nb  ", "a   # why\n\n\n# what\nb\n"),
            (
                "net A {\n# inside\nrelu # beside\n# last\n}\n# end",
                "net A {\n    # inside\n    relu # beside\n    # last\n}\n# end\n"
            ),
            ("a\r\nb\r\n", "a\nb\n"),
            ("x -> x ^ 2", "x -> x^2\n"),
            ("f(x,on:d) . if (y)", "f(x, on: d).if(y)\n"),
            ("", ""),
        ])
    func layout(text: String, expected: String) throws {
        let result = try Self.formatted(text)
        #expect(result == expected)
        #expect(try Self.formatted(result) == result)
        #expect(try dump(result) == dump(text))
    }

    @Test(
        "keeps the tree and the comments of every script, and formats to itself",
        arguments: try TestFiles.scripts(in: "Corpus"))
    func corpus(script: URL) throws {
        let file = try TestFiles.source(script)
        let once = try format(file)
        #expect(try dump(once) == parse(file).dump)
        #expect(try Self.formatted(once) == once)
        #expect(once.filter { $0 == "#" } == file.text.filter { $0 == "#" })
        #expect(cells(of: SourceFile(name: "a", text: once)).map(\.title) == cells(of: file).map(\.title))
    }

    @Test("leaves a text with errors alone")
    func errors() {
        #expect(throws: Diagnostics.self) { try Self.formatted("let = 1") }
    }
}
