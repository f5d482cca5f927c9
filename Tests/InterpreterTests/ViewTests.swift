import Figures
import Interpreter
import Language
import Testing

/// Pictures of nets, weights, activations and errors: what is in them, and that the check before running takes them.
@Suite("Views")
struct ViewTests {
    /// Runs a script after checking it, and gives the figures that it showed.
    private func figures(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [Figure] {
        try NetworkScripts.record(script, sourceLocation: sourceLocation).figures
    }

    @Test("kernels: colour for 3 channels, gray for 1, the mean or a channel else")
    func filters() throws {
        let shown = try figures(
            """
            filters(initialize(conv(6, 5), input: [28, 28, 1]).conv1)
            filters(initialize(conv(6, 5), input: [28, 28, 3]).conv1)
            filters(initialize(conv(6, 5), input: [28, 28, 4]).conv1, shared: true)
            filters(reshape([[1, 0], [-2, 0]], [2, 2, 1, 1]))
            filters(reshape([1, 4, 1, -2], [1, 2, 2, 1]), channel: 1)
            """)
        let grids = shown.map(\.onlyGrid)
        #expect(grids.map { $0?.tiles.count } == [6, 6, 6, 1, 1])
        #expect(grids[0]?.title == "conv1: 6 kernels 5 × 5 × 1")
        #expect(grids[1]?.tiles[0].image.pixels.contains { $0.red != $0.green } == true)
        #expect(grids[2]?.title == "conv1: 6 kernels 5 × 5 × 4, mean of the channels")
        #expect(grids[2]?.scale?.marks.contains { Double($0.label) == 0 } == true)
        // 1, 0, -2, 0 about the middle of the gray scale up to 2.
        #expect(grids[3]?.tiles[0].image.pixels.map(\.red) == [191, 128, 0, 128])
        #expect(grids[4]?.tiles[0].image.pixels.map(\.red) == [255, 64])
    }

    @Test("feature maps: a panel a layer, a tile a channel, one scale a layer")
    func featureMaps() throws {
        let shown = try figures(
            """
            use nets.lenet
            let net = initialize(LeNet(), input: [28, 28, 1], seed: 1)
            let image = reshape(linspace(0, 1, 784), [28, 28])
            feature_maps(net, image)
            feature_maps(net, image, layer: "relu*")
            feature_maps(net.conv2, image, count: 4)
            net Pass { relu }
            feature_maps(initialize(Pass(), input: [2, 2, 1]), [[-1, 0], [1, 2]])
            """)
        #expect(shown.map { $0.panels.map(\.title) }[0] == ["conv1: 28 × 28 × 6", "conv2: 10 × 10 × 16"])
        #expect(shown[1].panels.map(\.title) == ["relu1: 28 × 28 × 6", "relu2: 10 × 10 × 16"])
        #expect(shown[2].panels.map(\.title) == ["conv2: 10 × 10 × 16, the first 4"])
        #expect(shown[2].onlyGrid?.tiles.count == 4)
        let viridis = [0, 0, 0.5, 1].map { ColorMap.viridis.color(at: $0) }
        #expect(shown[3].onlyGrid?.tiles[0].image.pixels == viridis)
    }

    @Test("the largest losses come first, with what was said, how surely, and what is true")
    func topLosses() throws {
        let shown = try figures(
            """
            let data = moons(n: 60, noise: 0.2, seed: 3)
            net N { dense(8); tanh; dense(2) }
            let run = fit N() on data.train { epochs: 3, seed: 1 }
            let worst = top_losses(run.net, data.test, n: 4)
            expect worst.index.shape == [4]
            let logits = predict(run.net, map(0..<data.test.size, i -> data.test[i].x))
            let losses = map(0..<data.test.size, i -> -log_softmax(logits[i])[data.test[i].y])
            expect close(worst.loss, sort(losses, by: l -> -l)[0...3], tol: 1e-5)
            let first = worst.index[0]
            expect worst.true[0] == data.test.classes[data.test[first].y]
            expect close(worst.probability[0], max(softmax(logits[first])), tol: 1e-5)
            expect close(mean(top_losses(run.net, data.test, n: 1000).loss), evaluate(run.net, data.test).loss, tol: 1e-5)
            """)
        guard case .bars(let chart)? = shown.first?.panels.first else {
            Issue.record("no bars")
            return
        }
        #expect(chart.names.count == 4)
        #expect(chart.groups[0].values == chart.groups[0].values.sorted(by: >))
    }

    @Test("runs and schedules are plotted within the limits that are given; panels take what trials draw")
    func limits() throws {
        let shown = try figures(
            """
            use optim
            let data = moons(n: 40)
            let run = fit dense(2) on data.train { epochs: 3 }
            plot(run, x_limits: 1...2, y_limits: 0...1)
            plot(cosine(0.1), steps: 50, x_label: "t", y_limits: 0...0.5)
            panels {
                compare { lr in [0.1, 0.2] } do {
                    plot([1, 2, 3])
                    fit dense(2) on data.train { optimizer: sgd(lr), epochs: 1 }
                }
            }
            """)
        try #require(shown.count == 3)
        guard case .plot(let run) = shown[0].panels[0], case .plot(let schedule) = shown[1].panels[0] else {
            Issue.record("no plots")
            return
        }
        #expect(run.x.range == 1...2 && run.y.range == 0...1)
        #expect(schedule.x.label == "t" && schedule.y.range == 0...0.5)
        #expect(shown[2].panels.count == 2)
    }

    @Test("one output says which of two classes; of a single class it says that one")
    func oneOutput() throws {
        let shown = try figures(
            """
            let data = moons(n: 40)
            let run = fit dense(1) on data.train { loss: binary_cross_entropy, epochs: 2, seed: 1 }
            let worst = top_losses(run.net, data.test, n: 40)
            let logits = predict(run.net, data.test.x)
            expect close(mean(worst.loss), mean(softplus(logits) - reshape(data.test.y, [-1, 1]) * logits), tol: 1e-5)
            let first = worst.index[0]
            expect worst.said[0] == data.test.classes[if logits[first, 0] > 0 then 1 else 0]
            let score = logits[first, 0]
            expect close(worst.probability[0], max(sigmoid(score), 1 - sigmoid(score)), tol: 1e-5)
            let single = data.keep_classes([0]).test
            expect confusion(initialize(dense(1), input: [2], seed: 3), single).counts == [[single.size]]
            """)
        #expect(shown.count == 2)
    }

    @Test("activations: moments, zeros, and units that never answer")
    func activations() throws {
        _ = try figures(
            """
            net N { relu }
            let seen = activations(N(), [[-1, 2, 0], [-3, 4, 5]])
            expect seen.layers == ["relu1"]
            expect close(seen.mean[0], 11 / 6, tol: 1e-6)
            expect close(seen.deviation[0], sqrt(45 / 6 - (11 / 6)^2), tol: 1e-5)
            expect close(seen.zeros[0], 0.5, tol: 1e-9)
            expect close(seen.dead[0], 1 / 3, tol: 1e-9)
            net Deep { repeat 3 { dense(4); relu } ; dropout(0.5) }
            expect activations(Deep(), moons(n: 50), layer: "relu*").layers == ["relu1", "relu2", "relu3"]
            expect len(activations(Deep(), moons(n: 50)).layers) == 7
            """)
    }

    @Test("gradients are those of the mean loss, and vanish in a deep net of sigmoids")
    func gradients() throws {
        _ = try figures(
            """
            let data = polynomial(degree: 2, n: 10, seed: 1)
            let line = initialize(dense(1), input: [1], seed: 2)
            let x = map(0..<data.train.size, i -> data.train[i].x)
            let y = map(0..<data.train.size, i -> data.train[i].y)
            fn loss(w) = mean((x @ w + line["dense1.b"] - reshape(y, [data.train.size, 1]))^2)
            let slope = grad(loss)(line["dense1.W"])
            let found = gradients(line, data.train, loss: mse)
            expect close(found.norm[0], sqrt(sum(slope^2)), tol: 1e-4)
            expect found.weights == ["dense1.W"]
            net Deep { repeat 8 { dense(10); sigmoid }; dense(2) }
            let norms = gradients(Deep(), moons(n: 60)).norm
            expect norms[0] < 0.001 * norms[8]
            """)
    }

    @Test("histograms of weights, before and after a run, and of nets beside each other")
    func histograms() throws {
        let shown = try figures(
            """
            let data = moons(n: 60)
            net N { dense(8); tanh; dense(2) }
            let run = fit N() on data.train { epochs: 20, optimizer: adam(0.1), seed: 4 }
            histograms(run, "*.W", bins: 10)
            histograms({a: run.net, b: run.net}, "dense1.*")
            """)
        func plots(_ figure: Figure) -> [Plot] {
            figure.panels.compactMap { if case .plot(let plot) = $0 { plot } else { nil } }
        }
        #expect(plots(shown[0]).map(\.title) == ["dense1.W", "dense2.W"])
        #expect(plots(shown[0]).allSatisfy { $0.series.map(\.label) == ["before", "after"] })
        for plot in plots(shown[0]) {
            guard case .bars(let before, let counts) = plot.series[0].form,
                case .bars(let after, let later) = plot.series[1].form
            else { continue }
            #expect(before == after)
            #expect(counts.reduce(0, +) == later.reduce(0, +))
            #expect(counts != later)
        }
        #expect(plots(shown[1]).map(\.title) == ["dense1.W", "dense1.b"])
        #expect(plots(shown[1]).allSatisfy { $0.series[0].form == $0.series[1].form })
    }

    @Test("plot takes limits, scales and labels")
    func plot() throws {
        let shown = try figures(
            """
            plot([x -> x^2, grad(x -> x^2)], x in -3...3, labels: ["f", "f'"], title: "t", y_limits: -1...2)
            plot([1, 10, 100], [1, 2, 3], x_scale: log, scale: log, x_limits: 1...1000, y_label: "y")
            """)
        guard case .plot(let first)? = shown.first?.panels.first, case .plot(let second)? = shown.last?.panels.first
        else {
            Issue.record("no plots")
            return
        }
        #expect(first.title == "t")
        #expect(first.y.range == -1...2)
        #expect(first.series.map(\.label) == ["f", "f'"])
        #expect(second.x.range == 1...1000)
        #expect(second.x.scale == .log)
        #expect(second.y.scale == .log)
        #expect(second.y.label == "y")
    }

    @Test("draw finds shortcuts, branches and repetitions from what flows where")
    func draw() throws {
        let shown = try figures(
            """
            block unit(width, stride: 1) {
                residual(shortcut: project(width, stride)) { conv(width, 3, pad: 1, stride: stride); relu; conv(width, 3, pad: 1) }
                relu
            }
            net N { unit(8, 2); unit(8); unit(8); concat { conv(2, 1) } { conv(3, 3, pad: same); relu } { }; flatten; dropout(0.5); dense(4) }
            draw(N(), input: [8, 8, 3])
            draw(N(), input: [8, 8, 3], depth: 0)
            net Own { let kept = here; conv(3, 3, pad: same); let more = here; conv(3, 1); kept * (here + more) }
            draw(Own(), input: [8, 8, 3])
            """)
        let text = shown.map { $0.terminal(columns: 100, rows: 10, color: false) }
        expectTree(text[0], ViewGolden.residual)
        expectTree(text[1], ViewGolden.closed)
        expectTree(text[2], ViewGolden.own)
    }

    private func expectTree(_ text: String, _ golden: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(text == golden, "\(text)", sourceLocation: sourceLocation)
    }
}

private enum ViewGolden {
    static let residual = """
        N                                    8 × 8 × 3
        ├─ + relu of                         4 × 4 × 8
        │  ├─ 2 in a row
        │  │  ├─ conv1 3×3, 8, /2 · relu     4 × 4 × 8   224
        │  │  └─ conv2 3×3, 8                4 × 4 × 8   584
        │  └─ conv1 1×1, 8, /2 · batch_norm  4 × 4 × 8    40
        ├─ 2 × unit2…3                       4 × 4 × 8
        │  └─ + relu of                      4 × 4 × 8
        │     ├─ 2 in a row
        │     │  ├─ conv1 3×3, 8 · relu      4 × 4 × 8   584
        │     │  └─ conv2 3×3, 8             4 × 4 × 8   584
        │     └─ its input
        ├─ concat of                         4 × 4 × 13
        │  ├─ conv2 3×3, 3 · relu            4 × 4 × 3   219
        │  ├─ conv1 1×1, 2                   4 × 4 × 2    18
        │  └─ its input
        ├─ flatten1 · dropout                208
        └─ dense1 4                          4           836
        4,257 parameters
        """

    static let closed = """
        N                      8 × 8 × 3
        ├─ 3 ×                 4 × 4 × 8
        │  └─ unit1…3          4 × 4 × 8   848
        ├─ parallel1           4 × 4 × 13  237
        ├─ flatten1 · dropout  208
        └─ dense1 4            4           836
        4,257 parameters
        """

    static let own = """
        Own                       8 × 8 × 3
        └─ × of                   8 × 8 × 3
           ├─ 2 in a row
           │  ├─ conv1 3×3, 3     8 × 8 × 3  84
           │  └─ + of             8 × 8 × 3
           │     ├─ conv2 1×1, 3  8 × 8 × 3  12
           │     └─ its input
           └─ its input
        96 parameters
        """
}

extension Figure {
    /// The grid of images that is its only panel.
    fileprivate var onlyGrid: ImageGrid? {
        if panels.count == 1, case .images(let grid) = panels[0] { grid } else { nil }
    }
}
