import Testing

/// Nets that are cut, extended and explained.
@Suite("Surgery on nets")
struct NetworksSurgeryTests {
    @Test("layers that stay keep every bit of their weights")
    func weightsStay() throws {
        try NetworkScripts.run(
            """
            layer tanh_layer { tanh(x) }
            net N(k: 3) { conv(4, 3); relu; conv(5, 3); relu; flatten; dense(7); relu; dense(k) }
            let n = initialize(N(), input: [8, 8, 1], seed: 4)
            let m = n |> drop_last |> append(dense(2))
            for name in ["conv1.W", "conv1.b", "conv2.W", "dense1.W", "dense1.b"] { expect m[name] == n[name] }
            expect m["dense2.W"].shape == [7, 2]
            let same = n |> drop_last |> append(dense(3))
            expect same["dense2.W"] != n["dense2.W"]
            let t = take(n, "conv2")
            expect t.weights == ["conv1.W", "conv1.b", "conv2.W", "conv2.b"]
            expect predict(t, zeros([2, 8, 8, 1])).shape == [2, 4, 4, 5]
            let r = n |> replace("conv2", conv(5, 1, pad: 0))
            expect r["conv2.W"].shape == [1, 1, 4, 5] and r["conv1.W"] == n["conv1.W"]
            expect r["dense1.W"].shape == [6 * 6 * 5, 7]
            let other = n |> replace("dense1", tanh_layer)
            expect other["dense2.W"].shape == [80, 3]
            expect_error "has no layer 'conv9'" { take(n, "conv9") }
            expect_error "has no layer 'conv9'" { replace(n, "conv9", relu) }
            let f = m |> freeze("conv*")
            """)
    }

    @Test("a net that was cut trains with a part frozen")
    func training() throws {
        try NetworkScripts.run(
            """
            let data = moons(n: 40).train
            net N { dense(6); relu; dense(2) }
            let a = fit N() on data { epochs: 2, batch: 16, seed: 1 }
            let tuned = a.net |> drop_last |> append(dense(2)) |> freeze("dense1")
            let b = fit tuned on data { optimizer: adam(0.05), regularize: l2(1e-2), epochs: 3, batch: 16, seed: 2 }
            expect b.net["dense1.W"] == a.net["dense1.W"]
            expect b.net["dense2.W"] != tuned["dense2.W"]
            changes(a.net, b.net)
            net Outer(part) { part; dense(2) }
            let whole = initialize(Outer(a.net), input: [2])
            expect whole["n1.dense1.W"] == a.net["dense1.W"]
            let layer_alone = initialize(dense(4), input: [2], seed: 9)
            expect initialize(Outer(layer_alone), input: [2])["dense1.W"] == layer_alone["dense1.W"]
            """)
    }

    @Test("why tells the arithmetic of a layer's size")
    func why() throws {
        let text = try NetworkScripts.run(
            """
            net N { conv(6, 5, pad: same); relu; max_pool(2); conv(4, 3, stride: 2); flatten; dense(3) }
            let n = initialize(N(), input: [28, 28, 1])
            why n.conv1
            why n["max_pool1"]
            why n.conv2
            why n.flatten1
            expect n.conv1.W == n["conv1.W"]
            expect_error "which is not known" { why N() }
            """)
        #expect(text.contains("height: (28 + 2 + 2 - 1*(5 - 1) - 1) / 1 + 1 = 28"))
        #expect(text.contains("height: (28 + 0 + 0 - 1*(2 - 1) - 1) / 2 + 1 = 14"))
        #expect(text.contains("width: floor((14 + 0 + 0 - 1*(3 - 1) - 1) / 2) + 1 = 6"))
        #expect(text.contains("features: 6 * 6 * 4 = 144"))
        #expect(text.contains("parameters: 5*5*1*6 for W + 6 for b = 156"))
    }
}
