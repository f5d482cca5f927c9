import Foundation
import Interpreter
import Language
import Testing
import Training

/// `compare` and `sweep`: what the table says, and that running side by side changes nothing.
@Suite("Trials")
struct TrialsTests {
    private static let net = """
        use optim
        net Small(hidden: 8) { dense(hidden); tanh; dense(2) }
        let data = moons(n: 120, noise: 0.2, seed: 2).split(40)

        """

    static let scripts = [
        """
        let table = compare {
            variant in {narrow: {net: Small(2), lr: 0.05}, wide: {net: Small(16), lr: 0.01}}
            seeds: 3
        } do {
            fit variant.net on data.train {
                optimizer: adam(variant.lr), epochs: variant.get("epochs", 4), batch: 20, validate: data.test
            }
        }
        expect table.names[0] == "narrow" and table.names[1] == "wide" and table.seeds == [0, 1, 2]
        let gap = table["wide"].gap
        expect gap.values.shape == [3]
        expect close(gap.mean, mean(gap.values)) and gap.std == gap.deviation
        expect close(gap.deviation^2, sum((gap.values - gap.mean)^2) / 2)
        expect close(table["wide"].train_accuracy.mean - table["wide"].test_accuracy.mean, gap.mean)
        expect table.gap.mean.shape == [2] and table.gap["wide"].mean == gap.mean and table.gap[1].mean == gap.mean
        expect table[-1].name == "wide" and table["narrow"].variant.lr == 0.05
        expect len(table.runs) == 6 and len(table["narrow"].runs) == 3 and len(table["narrow"].errors) == 0
        expect table.runs[0].steps == 8 and table.runs[0].seed == 0 and table.runs[5].seed == 2
        expect predict(table.runs[0].net, ones([2, 2])).shape == [2, 2]
        for row in table { expect row.loss.mean > 0 and row.seconds.mean > 0 }
        expect table.best.test_accuracy.mean == max(table.test_accuracy.mean)
        plot(table); plot(table.gap); plot(table.loss, scale: log, title: "loss")
        print(table, table.gap, gap, table.best)
        save(table, "table.csv"); save(table, "table.svg"); save(plot(table.gap), "gap.png")
        """,
        """
        let table = sweep { lr in log_range(1e-3, 1e-1, 3); hidden in [2, 4] } do {
            fit Small(hidden) on data.train { optimizer: adam(lr), epochs: 2, batch: 20 }
        }
        expect len(table.rows) == 6 and table[1].lr == 0.001 and table[1].hidden == 4 and table[2].lr == 0.01
        expect table["0.01", "4"].loss.mean == table[3].loss.mean and table["0.01, 4"].loss.mean == table[3].loss.mean
        expect table[0.01, 4].settings.hidden == 4
        expect table.best.loss.mean == min(table.loss.mean)
        plot(table.loss)
        let lines = sweep { lr in [0.001, 0.01, 0.1]; kind in ["a", "b"]; seeds: 2 } do {
            fit Small() on data.train { optimizer: adam(lr), epochs: 1 }
        }
        plot(lines); plot(lines.loss)
        """,
        """
        let alone = compare { seeds: [7, 9] } do { fit Small() on data.train { steps: 1 } }
        expect alone.seeds == [7, 9] and alone.runs[1].seed == 9 and alone["all"].loss.values.shape == [2]
        plot(alone)
        let more = resume alone { seeds: [7, 9, 11] }
        expect len(more.runs) == 3 and fingerprint(more.runs[0].net) == fingerprint(alone.runs[0].net)
        let own = compare { optimizer in [sgd(0.1), adam] } do {
            fit Small() on data.train { optimizer: optimizer, epochs: 1, seed: 5 }
        }
        expect own.runs[0].seed == 5 and own.names[0] == "sgd(0.1)"
        let numbers = compare { loss in [mse, mae] } do {
            let set = polynomial(n: 40).split(0.5)
            fit dense(1) on set.train { loss: loss, epochs: 2, validate: set.test }
        }
        expect close(numbers["mse"].val_loss.mean - numbers["mse"].loss.mean, numbers["mse"].gap.mean)
        """,
        """
        let table = compare { lr in [0.01, 1e30]; seeds: 2 } do {
            fit Small() on data.train { optimizer: sgd(lr), epochs: 3, regularize: l2(1), batch: 20 }
        }
        expect len(table.runs) == 2 and len(table["1e+30"].errors) == 2
        expect table["0.01"].loss.values.shape == [2] and table["1e+30"].loss == none
        expect table.best.name == "0.01"
        plot(table); plot(table.loss); print(table)
        """,
        """
        fn many(sizes) = sweep { hidden in sizes } do { fit Small(hidden) on data.train { steps: 2 } }
        expect len(many([2, 3]).rows) == 2
        """,
    ]

    @Test("says what its runs say, and the check agrees", arguments: scripts)
    func table(script: String) throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        try NetworkScripts.record(Self.net + script, in: folder.path, isChecked: true)
    }

    /// Declared rules of every kind, so that whatever training calls back is called from several trials at once.
    private static let declared = """
        optimizer falling(lr) { state v = 0; v = 0.9 * v + g; theta -= lr * v }
        layer gated { weight a = fill([channels], 0.5); x * sigmoid(a * x) }
        loss squared(y, logits) { mean((one_hot(y) - logits)^2) }
        regularizer square(a) { a * sum(w^2) }
        net Own { dense(12); gated; dropout(0.1); dense(2) }
        fn trained(rate, seed_of_it) = fit Own() on data.train {
            optimizer: falling(t -> rate / (1 + 0.1 * t)), loss: (y, z) -> squared(y, z), regularize: square(1e-3)
            epochs: 3, batch: 16, validate: data.test, seed: seed_of_it
        }

        """

    private func output(_ script: String, threads: Int) throws -> [String] {
        try ReferenceRuns.lines(Self.net + Self.declared + script, threads: threads)
    }

    @Test("each trial has the bits that it has alone, on 1, 2, 3 and 8 threads")
    func bits() throws {
        let alone = try output(
            """
            for rate in [0.1, 0.01, 0.05] {
                for i in 0..<2 { print(fingerprint(trained(rate, i).net)) }
            }
            """, threads: 1)
        #expect(Set(alone).count == 6)
        let together = """
            let table = compare { rate in [0.1, 0.01, 0.05]; seeds: 2 } do {
                print("rate \\(rate)")
                print(uniform([1], 0, 1))
                fit Own() on data.train {
                    optimizer: falling(t -> rate / (1 + 0.1 * t)), loss: (y, z) -> squared(y, z)
                    regularize: square(1e-3), epochs: 3, batch: 16, validate: data.test
                }
            }
            for run in table.runs { print(fingerprint(run.net)) }
            """
        for threads in [1, 2, 3, 8] {
            let found = try output(together, threads: threads)
            // What the block prints comes in the order of the trials: all variants with the first seed, then the second.
            let prints = found.prefix(12)
            let rates = ["rate 0.1", "rate 0.01", "rate 0.05"]
            #expect(prints.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) == rates + rates)
            let drawn = prints.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            #expect(drawn[0] == drawn[1] && drawn[1] == drawn[2] && drawn[2] != drawn[3] && drawn[3] == drawn[5])
            #expect(Array(found.dropFirst(12)) == alone)
        }
    }

    /// Asks to stop when so many trials are done.
    private final class Stopper: InterpreterHost {
        var cancel: () -> Void = {}
        var tasks: [String] = []
        private let limit: Int

        init(after limit: Int) { self.limit = limit }

        func receive(_ event: HostEvent) {
            guard case .progress(let progress) = event, progress.kind == .finished, progress.isTrial else { return }
            tasks.append(progress.task)
            if tasks.count == limit { cancel() }
        }
    }

    @Test("what is done when it is stopped stays, and resuming ends with the same bits")
    func stopped() throws {
        let compare = """
            let table = compare { lr in [0.1, 0.01]; seeds: 3 } do {
                fit Small() on data.train { optimizer: sgd(lr), epochs: 20, batch: 4 }
            }

            """
        let prints = "for run in table.runs { print(fingerprint(run.net)) }"
        let stopper = Stopper(after: 2)
        var configuration = MessageScripts.configuration("/")
        configuration.threads = 2
        let session = try Interpreter(configuration: configuration, host: stopper)
        stopper.cancel = { [weak session] in session?.cancellation.cancel() }
        func run(_ text: String) throws -> String? {
            try session.run(SourceFile(name: "cell", text: text), mode: .cell).echo
        }
        _ = try run(Self.net)
        let interruption = #expect(throws: Interruption.self) { try run(compare) }
        #expect(interruption?.message.contains("of 6 trials of 'compare' are done") == true)
        session.cancellation.reset()
        let done = try #require(try run("len(table.runs)").flatMap(Int.init))
        #expect((2...4).contains(done))
        #expect(try run("table")?.contains("not run") == true)
        #expect(stopper.tasks.allSatisfy { $0.hasPrefix("trial ") && $0.contains("/6 0.") && $0.contains(", seed ") })

        let whole = try ReferenceRuns.lines(Self.net + compare + prints)
        _ = try run("let whole = resume table")
        #expect(try run("len(whole.runs)") == "6")
        for (index, mark) in whole.enumerated() {
            #expect(try run("fingerprint(whole.runs[\(index)].net) == \"\(mark)\"") == "true")
        }
    }

    @Test("a script that was stopped goes on where it was, and leaves nothing behind")
    func stoppedScript() throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let script = """
            let table = compare { lr in [0.1, 0.01]; seeds: 2 } do {
                let first = fit Small() on data.train { optimizer: sgd(lr), epochs: 2, batch: 4 }
                fit first.net on data.train {
                    optimizer: momentum(lr), epochs: 30, batch: 4, validate: data.test, stop: early(patience: 4)
                }
            }
            print(table.runs |> map(run -> fingerprint(run.net)), table.runs |> map(run -> run.steps))
            print(table.test_accuracy.values, table.train_accuracy.values)

            """
        let source = SourceFile(name: "stopped.nnx", text: Self.net + script)
        func session(_ host: any InterpreterHost) throws -> Interpreter {
            try Interpreter(configuration: MessageScripts.configuration(folder.path), host: host)
        }
        let whole = EventRecorder()
        _ = try session(whole).run(source, mode: .script)
        let trials = folder.path + "/build/trials"
        #expect((try? FileManager.default.contentsOfDirectory(atPath: trials)) ?? [] == [])

        // Stopped after the third of the fits, then run again.
        let stopper = Stopper(after: 3)
        let stopped = try session(stopper)
        stopper.cancel = { [weak stopped] in stopped?.cancellation.cancel() }
        let interruption = #expect(throws: Interruption.self) { try stopped.run(source, mode: .script) }
        #expect(interruption?.message.contains("goes on there when it is run again") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: trials).count >= 3)
        let again = EventRecorder()
        _ = try session(again).run(source, mode: .script)
        func printed(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("(epoch") } }
        #expect(printed(again.text) == printed(whole.text))
        #expect(printed(whole.text).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: trials) == [])
    }
}
