import Testing

/// Blocks of the library, and the nets that are made of them.
@Suite("Blocks and architectures")
struct NetworksBlockTests {
    @Test("shapes and names within residual, concat and project")
    func shapes() throws {
        try NetworkScripts.run(
            """
            block B(w, stride: 1) {
                residual(shortcut: project(w, stride)) {
                    conv(w, 3, stride: stride, pad: 1, bias: false); batch_norm; relu
                    conv(w, 3, pad: 1, bias: false); batch_norm
                }
                relu
            }
            net N(k: 3) {
                conv(8, 3, pad: same); batch_norm; relu
                repeat 2 { B(8) }
                B(16, stride: 2)
                let skip = here
                concat { conv(4, 1) } { } { conv(2, 3, pad: 1); relu }
                global_avg_pool; dropout(0.3); layer_norm
                dense(k)
            }
            let n = initialize(N(), input: [8, 8, 3], seed: 4)
            expect n.b1.residual1.conv2.output == [8, 8, 8]
            expect n.b3.output == [4, 4, 16]
            expect n["parallel1"].output == [4, 4, 4 + 16 + 2]
            expect n["b3.residual1.project1.conv1.W"].shape == [1, 1, 8, 16]
            expect parameters(N(), input: [8, 8, 3]) == 6_759
            expect concat([[1, 2], [3]], axis: 0) == [1, 2, 3]
            expect_error "blocks only" { concat(relu, 3) }
            """)
    }

    @Test("residual and concat compute what they say")
    func values() throws {
        try NetworkScripts.run(
            """
            net Same { residual { dense(3) } }
            let n = initialize(Same(), input: [3])
            let x = randn([4, 3])
            expect close(predict(n, x), x + x @ n["residual1.dense1.W"], tol: 1e-6)
            net Wide { concat { dense(2) } { } { tanh } }
            let w = initialize(Wide(), input: [3])
            expect close(predict(w, x), concat([x @ w["parallel1.dense1.W"], x, tanh(x)], axis: -1), tol: 1e-6)
            block twice(part) { part; part }
            net Given { twice(dense(3)); repeat 2 { relu; dense(3) } }
            expect initialize(Given(), input: [3]).weights[6] == "dense2.W"
            block named(stages) { for (count, width) in stages { repeat count { dense(width) } } }
            expect parameters(named([[2, 3], [1, 4]]), input: [3]) == 12 + 12 + 16
            """)
    }

    @Test("the architectures have their papers' parameter counts")
    func architectures() throws {
        try NetworkScripts.run(
            """
            use nets.alexnet
            use nets.vgg
            use nets.resnet
            use nets.densenet
            let image = [224, 224, 3]
            expect parameters(AlexNet(), input: image) == 61_100_840
            expect parameters(vgg16(), input: image) == 138_357_544
            expect parameters(resnet18(), input: image) == 11_689_512
            expect parameters(resnet50(), input: image) == 25_557_032
            expect parameters(resnet152(), input: image) == 60_192_808
            expect parameters(densenet121(), input: image) == 7_978_856
            expect parameters(cifar_resnet(depth: 110), input: [32, 32, 3]) == 1_727_962
            expect predict(cifar_resnet(), randn([2, 32, 32, 3])).shape == [2, 10]
            expect_error "is not 6 n + 2" { parameters(cifar_resnet(depth: 21), input: [32, 32, 3]) }
            """)
    }
}
