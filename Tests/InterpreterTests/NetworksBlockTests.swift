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
            use nets.mobilenet
            use nets.squeezenet
            use nets.efficientnet
            let image = [224, 224, 3]
            for (net, count) in [
                [AlexNet(), 61_100_840],
                [vgg11(), 132_863_336], [vgg13(), 133_047_848], [vgg16(), 138_357_544], [vgg19(), 143_667_240],
                [vgg11(normalize: true), 132_868_840], [vgg13(normalize: true), 133_053_736],
                [vgg16(normalize: true), 138_365_992], [vgg19(normalize: true), 143_678_248],
                [resnet18(), 11_689_512], [resnet34(), 21_797_672], [resnet50(), 25_557_032],
                [resnet101(), 44_549_160], [resnet152(), 60_192_808],
                [densenet121(), 7_978_856], [densenet169(), 14_149_480], [densenet201(), 20_013_928],
                [mobilenet_v2(), 3_504_872], [squeezenet1_0(), 1_248_424], [squeezenet1_1(), 1_235_496],
                [efficientnet_lite0(), 4_652_008],
            ] { expect parameters(net, input: image) == count }
            for (depth, count) in [[20, 269_722], [32, 464_154], [56, 853_018], [110, 1_727_962]] {
                expect parameters(cifar_resnet(depth), input: [32, 32, 3]) == count
                expect parameters(cifar_plain(depth), input: [32, 32, 3]) == count
            }
            for net in [mobilenet_v2(7), squeezenet1_0(7), squeezenet1_1(7), efficientnet_lite0(7)] {
                expect predict(net, randn([1, 64, 64, 3])).shape == [1, 7]
            }
            expect predict(AlexNet(7, hidden: 5), randn([1, 80, 70, 3])).shape == [1, 7]
            expect predict(cifar_resnet(), randn([2, 32, 32, 3])).shape == [2, 10]
            expect_error "is not 6 n + 2" { parameters(cifar_resnet(depth: 21), input: [32, 32, 3]) }
            """)
    }
}
