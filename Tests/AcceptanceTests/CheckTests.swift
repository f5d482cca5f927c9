import ProgramHarness
import Testing

/// `nnx check`, and the check that precedes every run: what is wrong is told before a step is taken.
@Suite("Check before running")
struct CheckTests {
    private static let training = """
        use optim
        let data = moons(n: 60)
        print("begins")
        let run = fit dense(2) on data.train { epochs: 3, validate: data.test }

        """

    /// Last lines that cannot work, with a part of what is told.
    static let lastLines = [
        ("predict(run.net, ones([4, 7]))", "trained on samples of another shape"),
        ("let y = ones([2, 3]) @ ones([4, 5])", "'@' needs as many columns"),
        ("dense(3, biass: true)", "unknown setting 'biass'"),
        ("print(run.acuracy)", "has no field 'acuracy'"),
        ("fit dense(3) on data.train { epochs: 1 }", "does not fit the 2 classes"),
        ("fit dense(2) on data.train { optimizer: sgd(-1) }", "'lr' of sgd is -1.0"),
        ("fit conv(4, 3) on data.train { epochs: 1 }", "'conv2d' works on 4 axes"),
        ("evaluate(run.net, polynomial(n: 20).test)", "trained on samples of another shape"),
        ("print(missing)", "unknown name 'missing'"),
    ]

    @Test("a mistake in the last line is found before training", arguments: lastLines)
    func lastLine(line: String, message: String) throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = try program.write(Self.training + line + "\n", to: "last.nnx")
        for command in ["check", "run"] {
            let outcome = try program.run([command, script])
            let said = outcome.output + outcome.errors
            #expect(outcome.status == 1, "\(command)")
            #expect(said.contains(message), "\(command): \(said)")
            #expect(said.contains("last.nnx:5:"))
            #expect(!said.contains("epoch 1/3"))
            #expect(!said.contains("begins"))
        }
    }

    @Test("what is right is neither run nor complained about")
    func right() throws {
        let program = try BuiltProgram()
        defer { program.remove() }
        let script = try program.write(
            Self.training + "print(predict(run.net, ones([4, 2])).shape)\nexpect run.train_accuracy > 2\n",
            to: "right.nnx")
        let outcome = try program.run(["check", script])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(!outcome.output.contains("begins"))
    }
}
