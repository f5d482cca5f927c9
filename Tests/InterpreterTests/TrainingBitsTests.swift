import Foundation
import Interpreter
import Language
import Testing

/// The same source gives the same weights, bit for bit.
@Suite("Bits of training")
struct TrainingBitsTests {
    private let net = """
        use optim
        net Small {
            dense(16); relu
            dense(16); relu
            dense(2)
        }
        let data = moons(n: 300)

        """

    @Test("two sessions agree, another seed does not")
    func sessions() throws {
        let script = net + "print(fingerprint((fit Small() on data.train { epochs: 3, batch: 32 }).net))"
        let first = try ReferenceRuns.lines(script)
        #expect(first.count == 1)
        #expect(first.first?.count == 64)
        #expect(try ReferenceRuns.lines(script) == first)
        #expect(try ReferenceRuns.lines(script, seed: 1) != first)
    }

    @Test(
        "a run from its checkpoint is the run in one, with schedules, clipping and accumulation",
        arguments: [
            "optimizer: adam(lr: cosine(0.02, warmup: 3 steps)), clip_norm: 0.3",
            "optimizer: momentum(lr: plateau(0.3, factor: 0.5, patience: 0 epochs), mu: t -> min(0.9, t / 20))",
            "optimizer: adam(one_cycle(0.05)), accumulate: 3, clip_value: 0.05, decay: 0.01 on \"*.W\", metrics: [auc, f1]",
            "optimizer: sgd(0.5), accumulate: 4, rate_factors: 0.3 on \"dense1\", regularize: max_norm(0.5) on \"*.W\"",
        ])
    func fromCheckpoint(settings: String) throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        let first = try ReferenceRuns.lines(
            net + """
                let whole = fit Small() on data.train { epochs: 6, batch: 32, seed: 4, validate: data.test, \(settings) }
                let kept = fit Small() on data.train {
                    epochs: 6, batch: 32, seed: 4, validate: data.test, \(settings)
                    checkpoint: every(4 epochs, path: "run.safetensors")
                }
                print(fingerprint(whole.net))
                print(fingerprint(kept.net))
                expect whole.history.learning_rate.size == whole.steps
                print("\\(sum(whole.history.learning_rate)) \\(sum(whole.history.step_loss)) \\(sum(whole.history.val_loss))")
                """, in: folder.path)
        // Another script: what is checked before a script runs needs the file.
        let second = try ReferenceRuns.lines(
            net + """
                let resumed = fit Small() on data.train {
                    epochs: 6, batch: 32, seed: 4, validate: data.test, from: "run.safetensors", \(settings)
                }
                print(fingerprint(resumed.net))
                print("\\(sum(resumed.history.learning_rate)) \\(sum(resumed.history.step_loss)) \\(sum(resumed.history.val_loss))")
                """, in: folder.path)
        try #require(first.count == 3 && second.count == 2)
        #expect(first[1] == first[0])
        #expect(second == [first[0], first[2]])
    }

    @Test(
        "a run that was cut and resumed is the run in one",
        arguments: ["sgd(0.1)", "momentum(0.05)", "adam(0.01)", "nadam(0.01)", "amsgrad(0.01)", "adamw(0.01)"])
    func resumed(optimizer: String) throws {
        let settings = "optimizer: \(optimizer), batch: 32, seed: 4"
        let found = try ReferenceRuns.lines(
            net + """
                let whole = fit Small() on data.train { epochs: 4, \(settings) }
                let cut = fit Small() on data.train { epochs: 1, \(settings) }
                let second = resume cut { epochs: 1 }
                let resumed = resume second { epochs: 2 }
                let steps = fit Small() on data.train { steps: 13, \(settings) }
                let went_on = resume steps { steps: 27 }
                print(fingerprint(whole.net))
                print(fingerprint(resumed.net))
                print(fingerprint(went_on.net))
                print(whole.steps, resumed.steps, went_on.steps)
                print(whole.history.loss == resumed.history.loss)
                print(fingerprint(cut.net) == fingerprint(whole.net))
                """)
        try #require(found.count == 6)
        #expect(found[1] == found[0])
        #expect(found[2] == found[0])
        #expect(found[3] == "40 40 40")
        #expect(found[4] == "true")
        #expect(found[5] == "false")
    }

    /// Nets whose steps take every kind of kernel, with random changes of images and layers.
    struct Convolutional: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var net: String
        var image: String
        var batch: Int
        var settings: String
    }

    static let convolutional = [
        Convolutional(
            testDescription: "lenet", net: "LeNet()", image: "[28, 28, 1]", batch: 64,
            settings: "optimizer: adam(1e-3), augment: moved"),
        Convolutional(
            testDescription: "resnet20", net: "ResNet20()", image: "[32, 32, 3]", batch: 16,
            settings: "optimizer: momentum(0.05, mu: 0.9), regularize: l2(5e-5), augment: moved"),
        Convolutional(
            testDescription: "a block of DenseNet", net: "Dense()", image: "[17, 19, 3]", batch: 16,
            settings: "optimizer: adamw(1e-3), clip_norm: 1"),
    ]

    @Test("no number of threads changes a bit, in one run or two", arguments: convolutional)
    func threads(of one: Convolutional) throws {
        func run(threads: Int) throws -> [String] {
            try ReferenceRuns.lines(
                """
                use augment
                use nets.densenet
                use nets.lenet
                use workloads
                net Dense {
                    conv(24, 3, pad: 1, bias: false); batch_norm; relu
                    repeat 2 { DenseUnit(12) }
                    dropout(0.2)
                    Transition
                    global_avg_pool
                    dense(10)
                }
                let data = noise(\(one.image), n: \(2 * one.batch), classes: 10).train
                let moved = [shift(x: 2 px, y: 2 px), flip(), gaussian_noise(0.05)]
                let first = fit \(one.net) on data {
                    \(one.settings), steps: 2, batch: \(one.batch), seed: 3
                }
                print(fingerprint(first.net))
                print(fingerprint((resume first { steps: 1 }).net))
                let whole = fit \(one.net) on data {
                    \(one.settings), steps: 3, batch: \(one.batch), seed: 3
                }
                print(fingerprint(whole.net))
                """, threads: threads)
        }
        let expected = try run(threads: 1)
        try #require(expected.count == 3)
        #expect(expected[1] == expected[2] && expected[0] != expected[1])
        for threads in [2, 3, 8] { #expect(try run(threads: threads) == expected, "\(threads) threads") }
    }
}
