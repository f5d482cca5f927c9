import Foundation
import Testing

/// Freezing between parts of a run, weights from files, and surgery on the nets of the library.
@Suite("Transfer learning")
struct NetworksTransferTests {
    @Test("what resume freezes stays, and what it thaws moves")
    func freezingBetweenParts() throws {
        try NetworkScripts.run(
            """
            use optim
            let data = moons(n: 60).train
            net N { dense(8); batch_norm; relu; dense(2) }
            let settings = {rate: 0.05}
            let a = fit N() on data {
                optimizer: momentum(settings.rate, mu: 0.9), regularize: l2(1e-2), freeze: "dense1", epochs: 2, batch: 20
            }
            let b = resume a { epochs: 2, freeze: ["dense2", "batch_norm1"], unfreeze: "dense1" }
            let c = resume b { epochs: 2 }
            let d = resume c { epochs: 2, unfreeze: "**" }
            expect a.net["dense1.W"] != b.net["dense1.W"] and b.net["dense1.W"] != c.net["dense1.W"]
            for name in ["dense2.W", "dense2.b", "batch_norm1.scale", "batch_norm1.shift", "batch_norm1.running_mean",
                "batch_norm1.running_variance"] {
                # Neither decay nor momentum nor statistics, through two resumes.
                expect a.net[name] == b.net[name] and b.net[name] == c.net[name]
                expect c.net[name] != d.net[name]
            }
            expect_error "selects none" { resume a { epochs: 1, unfreeze: "conv*" } }
            """)
    }

    @Test("what is thawed begins with first states of the optimizer, the rest keeps its own")
    func statesOfTheOptimizer() throws {
        try NetworkScripts.run(
            """
            use optim
            let data = moons(n: 40).train
            let a = fit dense(2) on data {
                optimizer: momentum(0.1, mu: 0.9), freeze: "*.b", steps: 3, batch: data.size, precision: "float64"
            }
            # One step more of everything: W goes on with its velocity, b moves by the gradient alone.
            let b = resume a { steps: 1, unfreeze: "*.b" }
            let before = resume a { steps: 1 }
            expect b.net["dense1.W"] == before.net["dense1.W"]
            let plain = fit a.net |> unfreeze on data {
                optimizer: sgd(0.1), steps: 1, batch: data.size, precision: "float64"
            }
            expect close(b.net["dense1.b"], plain.net["dense1.b"], tol: 1e-12)
            expect b.net["dense1.W"] != plain.net["dense1.W"]
            """)
    }

    @Test("a frozen normalisation uses its running statistics while the rest trains")
    func frozenStatisticsAreUsed() throws {
        try NetworkScripts.run(
            """
            use optim
            let data = moons(n: 40).train
            net N { batch_norm; dense(2) }
            let a = fit N() on data { epochs: 3, batch: 20, precision: "float64" }
            fn first_loss(net) = (fit net on data {
                optimizer: sgd(0.0), steps: 1, batch: data.size, precision: "float64"
            }).history.step_loss[0]
            let running = evaluate(a.net, data).loss
            expect close(first_loss(a.net |> freeze("batch_norm1")), running, tol: 1e-6)
            # Its own weights may train on while its statistics are frozen, and the other way round.
            expect close(first_loss(a.net |> freeze("*.running_*")), running, tol: 1e-6)
            expect not close(first_loss(a.net |> freeze("*.scale")), running, tol: 1e-6)
            # So a single sample is enough.
            let one = fit (a.net |> freeze("batch_norm1")) on data.take(1) { epochs: 1, precision: "float64" }
            expect one.net["batch_norm1.running_mean"] == a.net["batch_norm1.running_mean"]
            """)
    }

    @Test("a file is loaded by renamed names, in part, with a report")
    func loading() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-load-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try NetworkScripts.run(
            """
            net Old { dense(6); relu; dense(4) }
            net New { conv(6, 1, bias: false); relu; flatten; dense(6); dense(3) }
            let old = initialize(Old(), input: [5], seed: 3)
            save(old, "\(folder)/old.safetensors")
            let new = initialize(New(), input: [1, 1, 5], seed: 4)
            let map = [["dense2.", "dense3."], ["dense1.b", "dense1.b"], ["dense1.", "dense2."]]
            let got = load("\(folder)/old.safetensors", into: new, map: map, partial: true)
            expect got["dense1.b"] == old["dense1.b"] and got["dense1.W"] == new["dense1.W"]
            expect got["dense2.W"] == new["dense2.W"] and got["conv1.W"] == new["conv1.W"]
            expect_error "do not fit the net" { load("\(folder)/old.safetensors", into: new) }
            expect_error "two weights for" {
                load("\(folder)/old.safetensors", into: new, map: [["dense1.b", "dense2.b"]], partial: true)
            }
            expect_error "do not fit the net" {
                load("\(folder)/old.safetensors", into: new, map: [["dense", "other"]], partial: true)
            }
            expect_error "pairs of texts" { load("\(folder)/old.safetensors", into: new, map: ["dense1"]) }
            let same = load("\(folder)/old.safetensors", into: Old(), map: [["dense1.", "dense1."]])
            expect fingerprint(same) == fingerprint(old)
            """)
        #expect(
            report == """
                took 1 of 5 weights from \(folder)/old.safetensors
                  dense2.W: [6, 3] here, [5, 6] in the file
                  not in the file: conv1.W, dense1.W, dense2.b
                  not in the net: dense3.W, dense3.b

                """)
    }

    @Test("heads of the library's nets are exchanged")
    func surgery() throws {
        try NetworkScripts.run(
            """
            use nets.resnet
            use nets.vgg
            let base = initialize(resnet18(), input: [32, 32, 3], seed: 1)
            let tuned = base |> drop_last |> append(dense(7)) |> freeze("** except dense1")
            expect tuned["dense1.W"].shape == [512, 7]
            let kept = "stage3.basic1.residual1.conv1.W"
            expect tuned[kept] == base[kept]
            expect predict(tuned, ones([1, 32, 32, 3])).shape == [1, 7]
            let other = base |> replace("dense1", dense(3))
            expect other["dense1.W"].shape == [512, 3] and other[kept] == base[kept]
            let body = base |> take("stage2")
            expect predict(body, ones([1, 32, 32, 3])).shape == [1, 4, 4, 128]
            let small = initialize(VGG([1, 1], 10, widths: [4, 8], hidden: 16), input: [28, 28, 1], seed: 1)
            let few = small |> drop_last |> append(dense(2))
            expect few["dense3.W"].shape == [16, 2] and few["conv2.W"] == small["conv2.W"]
            expect_error "did you mean 'stage2'" { base |> take("stage22") }
            """)
    }
}
