import Foundation
import Language
import Testing

@Suite("Programs and their trees")
struct TreeTests {
    @Test(
        "operators bind as in formulas",
        arguments: [
            ("-2^2", "(- (^ 2 2))"),
            ("2^-1", "(^ 2 (- 1))"),
            ("2^3^2", "(^ 2 (^ 3 2))"),
            ("a - b - c", "(- (- a b) c)"),
            ("a + b * c / d @ e", "(+ a (@ (/ (* b c) d) e))"),
            ("-a * b", "(* (- a) b)"),
            ("not a == b and c or d", "(or (and (not (== a b)) c) d)"),
            ("a < b + 1 and b + 1 >= c", "(and (< a (+ b 1)) (>= (+ b 1) c))"),
            ("0..<n + 1", "(..< 0 (+ n 1))"),
            ("x[2...]", "(index x (... 2 _))"),
            ("x[n + 1..., ...3, :]", "(index x (... (+ n 1) _) (... _ 3) :)"),
            ("x[..<-1, 1..<3]", "(index x (..< _ (- 1)) (..< 1 3))"),
            ("x[f(1)...].y", "(. (index x (... (call f 1) _)) y)"),
            ("-1...1 == r", "(== (... (- 1) 1) r)"),
            ("x |> f |> g(1)", "(|> (|> x f) (call g 1))"),
            ("a or b |> f", "(|> (or a b) f)"),
            ("x -> x |> f", "(-> (x) (|> x f))"),
            ("(x, y) -> x -> y", "(-> (x y) (-> (x) y))"),
            ("if a then b else c + 1", "(if a {b} else {(+ c 1)})"),
            ("1 + if a then b else c", "(+ 1 (if a {b} else {c}))"),
            ("l2(1e-2) on \"*.W\"", "(on (call l2 0.01) \"*.W\")"),
            ("grad(grad(J))(0.0)", "(call (call grad (call grad J)) 0.0)"),
            ("-x.f(1)[0]", "(- (index (call (. x f) 1) 0))"),
            ("a.if.net", "(. (. a if) net)"),
        ])
    func precedence(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test(
        "words that open a form stay names elsewhere",
        arguments: [
            (
                "fn train(optimizer, loss) = f(optimizer: optimizer, loss)",
                "(fn train (optimizer, loss) = (call f optimizer: optimizer loss))"
            ),
            ("let loss = net", "(let loss net)"),
            ("loss = loss + 1", "(= loss (+ loss 1))"),
            ("loss ce(y) { y }", "(loss ce (y) {y})"),
            ("loss", "loss"),
            ("seed 1", "(seed 1)"),
            ("seed = 1", "(= seed 1)"),
            ("seed(1)", "(call seed 1)"),
            ("show adam", "(show adam)"),
            ("show(image)", "(call show image)"),
            ("show - 1", "(- show 1)"),
            ("expect -1 < x", "(expect (< (- 1) x))"),
            ("expect (a).b == c", "(expect (== (. a b) c))"),
            ("expect = 2", "(= expect 2)"),
            ("fit(x)", "(call fit x)"),
            ("fit (x) on d", "(fit x d)"),
            ("fit.x", "(. fit x)"),
            ("compare(a, b)", "(call compare a b)"),
            ("match(a)", "(call match a)"),
            ("match = 3", "(= match 3)"),
            ("use = 3", "(= use 3)"),
            ("state[0] = 1", "(= (index state 0) 1)"),
            ("weight W = a if b", "(weight W a if b)"),
            ("weight |> f", "(|> weight f)"),
            ("repeat n { relu }", "(repeat n {relu})"),
            ("repeat(3) { relu }", "(repeat 3 {relu})"),
            ("show(jitter, on: d)", "(call show jitter on: d)"),
            ("net\nLinear { dense(2) }", "net\n(call Linear {(call dense 2)})"),
        ])
    func contextualWords(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test(
        "braces are what their place makes them",
        arguments: [
            ("{}", "(record)"),
            ("{a: 1, b: 2,}", "(record a: 1 b: 2)"),
            ("{a, b}", "(record a: a b: b)"),
            ("{\n  a: 1\n  b: 2\n}", "(record a: 1 b: 2)"),
            ("{ a }", "{a}"),
            ("{ let a = 1; a }", "{(let a 1); a}"),
            ("if a { b }", "(if a {b})"),
            ("if a { b } else if c { d }\nelse { e }", "(if a {b} c {d} else {e})"),
            ("for (k, v) in r { k }", "(for (k v) r {k})"),
            ("while f(x) { }", "(while (call f x) {})"),
            ("residual(shortcut: s) { relu }", "(call residual shortcut: s {relu})"),
            ("concat { a } { b }", "(call concat {a} {b})"),
            ("x |> concat { a } { b } |> f", "(|> (|> x (call concat {a} {b})) f)"),
            ("x -> { x }", "(-> (x) {x})"),
            ("fit n on d { epochs: 1, seed }", "(fit n d epochs: 1 seed: seed)"),
            ("fit n on d", "(fit n d)"),
            ("resume r { epochs: 5 }", "(resume r epochs: 5)"),
            ("sweep { lr in a; w in [1] } do { lr }", "(sweep lr in a w in (list 1) {lr})"),
            ("compare { a: 1 }\ndo { }", "(compare a: 1 {})"),
        ])
    func braces(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test(
        "a line goes on only where it must",
        arguments: [
            ("a\n-b", "a\n(- b)"),
            ("a -\nb", "(- a b)"),
            ("(a\n-b)", "(- a b)"),
            ("f\n(x)", "f\nx"),
            ("x\n  |> f\n\n  # comment\n  |> g", "(|> (|> x f) g)"),
            ("state m = 0,\n  v = 0", "(state m: 0 v: 0)"),
            ("return\nx", "(return)\nx"),
            ("a; b;; c", "a\nb\nc"),
            ("a\r\nb\r\n", "a\nb"),
            ("[1,\n 2,\n]", "(list 1 2)"),
            ("f(x -> {\n a\n -b\n})", "(call f (-> (x) {a; (- b)}))"),
        ])
    func lines(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test(
        "literals",
        arguments: [
            ("1_000", "1000"), ("1e-3", "0.001"), ("2.5E2", "250.0"), ("3.shape", "(. 3 shape)"),
            ("5 epochs", "(5 epochs)"), ("1 epoch", "(1 epochs)"), ("0 steps", "(0 steps)"), ("15deg", "(15 deg)"),
            ("10 %", "(10 %)"), ("f(10 %, 2 px)", "(call f (10 %) (2 px))"), ("1...2", "(... 1 2)"),
            (#""a\tb\u{3B8}""#, #""a\tbθ""#), (#""\(a)""#, "(string a)"),
            (#""x \(f("y \(z)")) w""#, #"(string "x " (call f (string "y " z)) " w")"#),
            ("x[0, :, 1..<3]", "(index x 0 : (..< 1 3))"), ("none", "none"), ("[true, false]", "(list true false)"),
            ("𝛼 + 名前", "(+ 𝛼 名前)"),
        ])
    func literals(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test(
        "cases of match",
        arguments: [
            ("match x { 0 -> a; 1, 2 -> b }", "(match x (case 0 {a}) (case 1 2 {b}))"),
            (
                "match x { -1..<1 -> a\n n if n > b -> c\n else -> { d } }",
                "(match x (case (..< (- 1) 1) {a}) (case (bind n) if (> n b) {c}) (case _ {d}))"
            ),
            ("let y = match x { _ -> x += 1 }", "(let y (match x (case _ {(+= x 1)})))"),
        ])
    func matches(text: String, tree: String) throws {
        #expect(try dump(text) == tree)
    }

    @Test("every script of the corpus is read without an error", arguments: try TestFiles.scripts(in: "Corpus"))
    func corpus(script: URL) throws {
        let program = try parse(TestFiles.source(script))
        #expect(program.statements.count > 1)
    }

    @Test("comment lines directly above a declaration are its documentation")
    func documentation() throws {
        let text = """
            # %% A title
            # The first line.
            ## The second.
            fn f(x) = x

            # Apart.

            net A { }
              # Inside.
              param p = 1
            """
        let program = try parse(SourceFile(name: "test", text: text))
        guard case .declaration(let function) = program.statements[0].kind,
            case .declaration(let net) = program.statements[1].kind,
            case .parameter(let parameter) = program.statements[2].kind
        else {
            Issue.record("the statements are not what they should be")
            return
        }
        #expect(function.documentation == "The first line.\nThe second.")
        #expect(net.documentation == nil)
        #expect(parameter.documentation == "Inside.")
    }

    @Test("spans cover the source of a node")
    func spans() throws {
        let program = try parse(SourceFile(name: "test", text: "let a = (b + 1) * f(c) # end"))
        guard case .binding(let binding) = program.statements[0].kind,
            case .binary(_, let left, let right) = binding.value.kind
        else {
            Issue.record("not a binding of a product")
            return
        }
        #expect(program.statements[0].span.text == "let a = (b + 1) * f(c)")
        #expect(binding.value.span.text == "(b + 1) * f(c)")
        #expect(left.span.text == "(b + 1)")
        #expect(right.span.text == "f(c)")
    }
}
