import Interpreter
import Language
import Testing

/// Forms of nets, losses and runs that are right: they run, and the check before running has nothing against them.
@Suite("Forms of training")
struct TrainingFormTests {
    static let scripts: [String] = [
        """
        let data = moons(n: 40)
        let two = fit dense(2) on data.train { epochs: 1 }
        boundary(two.net, data)
        let three = fit dense(3) on spirals(n: 60, arms: 3).train { epochs: 1 }
        let regions = boundary(three.net, spirals(n: 60, arms: 3).train, title: "three arms")
        expect type(regions) == "figure"
        save(regions, "regions.svg")
        save(regions, "regions.png")
        """,
        """
        let few = moons(n: 40).train
        expect (fit dense(2) on few { steps: 33, batch: 20 }).steps == 33
        expect (fit dense(2) on few { steps: 33 }).steps == 33
        expect (fit dense(2) on few { steps: 33, epochs: 2, batch: 20 }).steps == 4
        """,
        """
        net Plain(x, width: 4) = x |> dense(width) |> relu |> dense(2)
        let run = fit Plain(width: 3) on moons(n: 40).train { epochs: 1 }
        expect run.steps == 2
        expect run.net.parameters == 2 * 3 + 3 + 3 * 2 + 2
        """,
        """
        expect relu([[-1, 2], [3, -4]]) == [[0, 2], [3, 0]]
        expect dense(ones([2, 3]), 4).shape == [2, 4]
        """,
        """
        loss weighted(y, logits, w) { w * cross_entropy(y, logits) }
        let data = moons(n: 40).train
        let plain = fit dense(2) on data { epochs: 1, batch: 40 }
        let double = fit dense(2) on data { loss: weighted(w: 2), epochs: 1, batch: 40 }
        expect close(double.history.loss[0], 2 * plain.history.loss[0], tol: 1e-6)
        """,
        """
        let run = fit dense(2) on moons(n: 40).train { epochs: 2, batch: 20 }
        expect run.net["dense1.W"].shape == [2, 2]
        expect run.net.parameters + 1 == 7
        expect run.net.weights[0] == "dense1.W"
        save(run.net, "net.safetensors")
        let loaded = load("net.safetensors", into: dense(2))
        expect loaded["dense1.b"] == run.net["dense1.b"]
        expect fingerprint(loaded) == fingerprint(run.net)
        expect run.history.loss.shape == [2] and run.history.step_loss.shape == [4]
        expect run.steps + 1 == 5 and run.stopped + "" == "finished"
        let frozen = freeze(run.net, "*.W")
        expect predict(frozen, ones([3, 2])).shape == [3, 2]
        expect evaluate(frozen, moons(n: 40).test).loss > 0
        expect sum(confusion(run.net, moons(n: 40).test).counts) == moons(n: 40).test.size
        expect (ones([4, 2]) |> run.net).shape == [4, 2]
        expect run.net(ones([4, 2])).shape == [4, 2]
        """,
        """
        net Anywhere(classes: 10) { conv(3, 3, pad: same); relu; global_avg_pool; dense(classes) }
        let run = fit Anywhere() on mnist("digits").train { epochs: 1 }
        expect predict(run.net, ones([2, 9, 7, 1])).shape == [2, 10]     # convolutions fit images of any size
        """,
        """
        let data = moons(n: 100)
        let run = fit dense(2) on data.train {
            validate: data.test, stop: early(patience: 1 epoch), checkpoint: every(2 epochs, path: "c.safetensors")
            epochs: 4 epochs, batch: 25
        }
        expect run.steps <= 16
        """,
        """
        # What a script writes it can read, and what it writes anew it reads anew.
        use optim
        let data = moons(n: 40)
        fn table(rates) = compare { lr in rates } do { fit dense(2) on data.train { optimizer: sgd(lr), epochs: 1 } }
        save(table([0.1]), "t.csv")
        expect csv("t.csv", target: "loss", without: ["error"]).size == 1
        save(table([0.1, 0.2]), "t.csv")
        expect csv("t.csv", target: "loss", without: ["error"]).size == 2
        for i in 1...2 {
            save(zeros([4, 4]) + i / 3, "shades/a/\\(i).png")
            save(zeros([4, 4]), "shades/b/\\(i).png")
        }
        expect images("shades").size == 4
        """,
        """
        use optim
        let data = moons(n: 40)
        expect_error "nothing to train" { find_lr(freeze(dense(2), "**"), data.train, optimizer: sgd) }
        """,
        """
        use optim
        let frozen = fit dense(2) on moons(n: 40).train { freeze: "*.b", optimizer: sgd(0.5), epochs: 2 }
        expect frozen.net["dense1.b"] == [0, 0]
        fn trained(rules) = fit dense(2) on moons(n: 40).train { regularize: rules, optimizer: sgd(0.05), epochs: 4 }
        let penalised = trained([l2(5) on "*.W", l1(0.001)])
        expect norm(penalised.net["dense1.W"]) < 0.2 * norm(trained(none).net["dense1.W"])
        """,
    ]

    @Test("runs, and the check agrees", arguments: scripts)
    func runs(script: String) throws {
        let folder = try DamagedFiles()
        defer { folder.remove() }
        try NetworkScripts.record(script, in: folder.path, isChecked: true)
    }
}
