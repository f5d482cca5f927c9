import Testing

/// Running statistics, normalisation, dropout: values, derivatives and bits.
@Suite("Layers with state, and dropout")
struct NetworksStateTests {
    @Test("running statistics are those computed by hand, and evaluation uses them")
    func runningStatistics() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            layer keep_mean { state m = zeros([channels]); if training { m = mean(x, axis: 0) }; x }
            layer keep_var { state v = zeros([channels]); if training { v = variance(x, axis: 0, unbiased: true) }; x }
            net S { keep_mean; keep_var; batch_norm; dense(2) }
            let r = fit S() on data { optimizer: sgd(0.0), epochs: 2, batch: data.size, precision: "float64" }
            let m = r.net["keep_mean1.m"]
            let v = r.net["keep_var1.v"]
            expect close(r.net["batch_norm1.running_mean"], 0.19 * m, tol: 1e-6)
            expect close(r.net["batch_norm1.running_variance"], 0.81 + 0.19 * v, tol: 1e-6)
            # evaluation uses them
            let x = randn([5, 2])
            let y = predict(r.net |> take("batch_norm1"), x)
            expect close(y, (x - 0.19 * m) / sqrt(0.81 + 0.19 * v + 1e-5), tol: 1e-5)
            """)
    }

    @Test("derivatives through normalisation, residual and concat are the numeric ones")
    func derivatives() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            layer given(W0) { weight W = W0; x @ W }
            net G(W, kind) {
                given(W); if kind == "batch" { batch_norm } else { layer_norm }
                tanh
                residual(shortcut: given([[0.5, 0.1], [0.2, -0.3], [0.4, 0.9]])) { concat { dense(1) } { dense(1) } }
            }
            for kind in ["batch", "layer"] {
                let W0 = [[0.3, -0.2, 0.7], [0.5, 0.4, -0.6]]
                fn trained(W, lr) = fit G(W, kind) on data {
                    optimizer: sgd(lr), epochs: 1, batch: data.size, precision: "float64", seed: 3
                }
                fn at(i, j, h) { var W = W0; W[i, j] = W[i, j] + h; trained(W, 0).history.loss[0] }
                let step = trained(W0, 1)
                let gradient = W0 - step.net["given1.W"]
                for i in 0...1 {
                    for j in 0...2 {
                        let numeric = (at(i, j, 1e-5) - at(i, j, -1e-5)) / 2e-5
                        expect abs(gradient[i, j] - numeric) < 1e-6 * (1 + abs(numeric))
                    }
                }
            }
            """)
    }

    @Test("a frozen normalisation keeps its statistics")
    func frozenStatistics() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            net N { dense(6); batch_norm; relu; dense(2) }
            let a = fit N() on data { epochs: 2, batch: 16, seed: 1 }
            let still = a.net |> freeze("batch_norm1")
            let b = fit still on data { epochs: 2, batch: 16, seed: 1 }
            for name in ["scale", "shift", "running_mean", "running_variance"] {
                expect b.net["batch_norm1." + name] == a.net["batch_norm1." + name]
            }
            expect b.net["dense1.W"] != a.net["dense1.W"]
            let c = fit (b.net |> unfreeze) on data { epochs: 1, batch: 16, seed: 1 }
            expect c.net["batch_norm1.running_mean"] != b.net["batch_norm1.running_mean"]
            expect a.net.parameters == 2 * 6 + 6 + 6 + 6 + 6 * 2 + 2
            """)
    }

    @Test("dropout keeps the mean, drops its share, and is the identity in evaluation")
    func dropout() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            layer ones_of { x * 0 + 1 }
            layer kept {
                state share = 0; state zeros_share = 0
                if training { share = mean(x); zeros_share = mean(equal(x, 0)) }
                x
            }
            net D(p) { dense(300); ones_of; dropout(p); kept; dense(2) }
            let d = fit D(0.25) on data { optimizer: sgd(0.01), steps: 1, batch: 40, seed: 5 }
            expect abs(d.net["kept1.share"] - 1) < 0.03 and abs(d.net["kept1.zeros_share"] - 0.25) < 0.02
            expect predict(d.net |> take("dropout1"), zeros([5, 2])) == ones([5, 300])
            """)
    }

    @Test("dropout gives the same bits in two runs and in one that is resumed")
    func dropoutBits() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            net P(p) { dense(30); relu; dropout(p); dense(2) }
            fn mark(epochs, seed, p: 0.5) = fit P(p) on data { optimizer: adam(0.01), epochs: epochs, batch: 16, seed: seed }
            let whole = mark(4, 1)
            let cut = mark(2, 1)
            let rest = resume cut { epochs: 2 }
            expect fingerprint(rest.net) == fingerprint(whole.net)
            expect fingerprint(mark(4, 1).net) == fingerprint(whole.net)
            expect fingerprint(mark(4, 1, p: 0).net) != fingerprint(whole.net)
            """)
    }

    @Test("what a stateful layer cannot do is refused")
    func refusals() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            net P(p) { dense(30); relu; dropout(p); dense(2) }
            net S { batch_norm; dense(2) }
            expect_error "from 0 up to, not including, 1" { fit P(1.5) on data { epochs: 1 } }
            expect_error "more than one value" { fit S() on data.take(1) { epochs: 1 } }
            block bad { residual { state s = 0; relu } }
            expect_error "stands in the body" { summary(bad(), input: [2]) }
            """)
    }
}
