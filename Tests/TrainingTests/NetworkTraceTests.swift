import Graphs
import Networks
import Scheduling
import Tensors
import Testing

@Suite struct NetworkTraceTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 1))

    @Test func countsWithinTheEnclosingScope() throws {
        let trace = NetworkTrace(builder: builder)
        let x = builder.placeholder("x", TensorType(.float32, [1, 2]))
        for _ in 0..<2 {
            trace.enter("stage", origin: nil)
            for kind in ["conv", "conv", "dense"] {
                trace.enter(kind, origin: nil)
                _ = try trace.weight("W", shape: [2], initializer: .he)
                trace.leave(output: x)
            }
            trace.leave(output: x)
        }
        #expect(
            trace.weights.map(\.specification.name) == [
                "stage1.conv1.W", "stage1.conv2.W", "stage1.dense1.W", "stage2.conv1.W", "stage2.conv2.W",
                "stage2.dense1.W",
            ])
        #expect(trace.layers.map(\.path).prefix(2) == ["stage1", "stage1.conv1"])
        #expect(trace.layers.map(\.depth).prefix(4) == [0, 1, 1, 1])
        #expect(trace.layers.filter(\.isBlock).map(\.path) == ["stage1", "stage2"])
    }

    @Test func refusesAWeightTwiceOrWithoutNumbers() throws {
        let trace = NetworkTrace(builder: builder)
        trace.enter("dense", origin: nil)
        _ = try trace.weight("W", shape: [2], initializer: .he)
        #expect(
            refusal { _ = try trace.weight("W", shape: [2], initializer: .he) }.contains("'dense1.W' is declared twice")
        )
        #expect(refusal { _ = try trace.weight("V", shape: [0, 2], initializer: .he) }.contains("[0, 2]"))
    }

    @Test func nodesCarryTheirLayersPath() throws {
        let traced = try TracedNetwork(Sample.classifier(), sampleShape: [2], batch: 5, builder: builder)
        #expect(traced.output.scope == "dense2")
        #expect(traced.output.shape == [5, 2])
        #expect(builder.scope == nil && builder.origin == nil)
    }

    @Test func withNumbersABodyIsComputedAtOnce() throws {
        let trace = NetworkTrace(
            builder: builder, numbers: { try Tensor(repeating: 2, TensorType(.float32, $0.shape)) })
        let x = builder.constant(try Tensor([1, 10], shape: [1, 2], elementType: .float32))
        let y = try Sample.linear().trace(x, into: trace)
        #expect(y.value?.doubles == [24])
        #expect(trace.weights.map(\.specification.name) == ["dense1.W", "dense1.b"])
    }

    @Test func summaryCountsParametersAndCosts() throws {
        let summary = try NetworkSummary(
            Sample.classifier(hidden: 1000, classes: 3), sampleShape: [4],
            frozen: { $0.hasPrefix("dense1") })
        #expect(summary.parameters == 4 * 1000 + 1000 + 3000 + 3)
        #expect(summary.trainableParameters == 3003)
        #expect(summary.layers.map(\.path) == ["dense1", "tanh1", "dense2"])
        #expect(summary.layers.map(\.parameters) == [5000, 0, 3003])
        #expect(summary.layers.map(\.trainableParameters) == [0, 0, 3003])
        #expect(summary.layers[0].multiplyAdds >= 4000)
        #expect(summary.layers.map(\.activationBytes) == [4000, 4000, 12])
        #expect(summary.memoryBytes(batch: 10) == 4 * 8003 + 10 * 8012)
        #expect(try parameterCount(Sample.classifier(hidden: 1000, classes: 3), sampleShape: [4]) == 8003)
    }

    @Test func receptiveFieldsGrowWithWindowsAndStrides() throws {
        let images = TestNetwork(name: "Images") { x, trace in
            func convolution(_ x: Node, _ size: Int, _ attributes: Attributes = .none) throws -> Node {
                try trace.layer("conv") {
                    let shape = Shape([size, size, x.shape[3], 4])
                    return try trace.builder.call(
                        "conv2d", x, trace.weight("W", shape: shape, initializer: .he), attributes: attributes)
                }
            }
            func pool(_ x: Node) throws -> Node {
                try trace.layer("max_pool") {
                    try trace.builder.call("max_pool2d", x, attributes: ["window": .integer(2)])
                }
            }
            var y = try pool(convolution(x, 5))
            y = try convolution(y, 3, ["dilation": .integer(2)])
            y = try pool(convolution(y, 1, ["stride": .integers([1, 2])]))
            return try trace.layer("flatten") {
                try trace.builder.reshape(y, to: [1, y.shape.count])
            }
        }
        let summary = try NetworkSummary(images, sampleShape: [28, 28, 1])
        #expect(
            summary.layers.map(\.receptiveField)
                == [[5, 5], [6, 6], [14, 14], [14, 14], [16, 18], nil])
        #expect(summary.layers[0].multiplyAdds == 24 * 24 * 4 * 25)
        #expect(summary.layers[1].activationBytes == 12 * 12 * 4 * 4)
    }

    @Test func tableIsAlignedAndHasTotals() throws {
        let table = try NetworkSummary(Sample.classifier(hidden: 1000, classes: 3), sampleShape: [4]).table(batch: 10)
        let lines = table.split(separator: "\n")
        #expect(lines[0] == "Classifier, input [batch, 4]")
        #expect(lines[1].hasPrefix("layer   output         parameters  multiply-adds   memory"))
        #expect(lines[3].hasPrefix("dense1  [batch, 1000]       5,000"))
        #expect(Set(lines[1...5].map(\.count)).count == 1)
        #expect(table.contains("parameters     8,003\n"))
        #expect(table.contains("memory         109.5 KiB for a batch of 10"))
    }

    @Test func aHugeNetIsCountedWithoutMemory() throws {
        let huge = TestNetwork(name: "Huge") { x, trace in try trace.dense(x, 4_000_000) }
        #expect(try parameterCount(huge, sampleShape: [1_000_000]) == 4_000_000_000_000 + 4_000_000)
    }

    @Test func anAbsurdNetIsStillCounted() throws {
        let absurd = TestNetwork(name: "Absurd") { x, trace in
            trace.enter("dense", origin: nil)
            for name in ["V", "W"] { _ = try trace.weight(name, shape: [1 << 40, 1 << 40], initializer: .he) }
            trace.leave(output: x)
            return x
        }
        #expect(try parameterCount(absurd, sampleShape: [2]) == Int.max)
        let summary = try NetworkSummary(absurd, sampleShape: [2])
        #expect(summary.memoryBytes(batch: 1 << 40) == Int.max)
        #expect(summary.table(batch: 1 << 60).contains("8.0 EiB"))
    }

    @Test func numbersReadWell() {
        #expect(grouped(0) == "0" && grouped(999) == "999" && grouped(61_706) == "61,706")
        #expect(grouped(-1_000) == "-1,000" && grouped(138_357_544) == "138,357,544")
        #expect(byteText(1023) == "1023 B" && byteText(18_816) == "18.4 KiB" && byteText(8 << 30) == "8.0 GiB")
    }
}
