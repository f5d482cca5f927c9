import Graphs
import Scheduling
import Tensors
import Testing

/// Fast float32 kernels on sizes that fill no tile evenly, against plain float64 loops and for several thread counts.
@Suite struct OperationKernelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var shapes: [Shape]
        var attributes: Attributes = .none

        var testDescription: String { "\(name) \(shapes)" }
    }

    private static let gradientSettings: Attributes = [
        "stride": .integers([1, 1]), "pad": .integers([2, 2, 2, 2]), "dilation": .integers([1, 1]),
        "groups": .integer(1), "image": .integers([13, 11, 5]), "kernel": .integers([5, 5, 5, 19]),
    ]

    static let cases: [Case] = [
        Case(name: "matmul", shapes: [[67, 131], [131, 45]]),
        Case(name: "matmul", shapes: [[131, 67], [131, 45]], attributes: ["transposeA": .flag(true)]),
        Case(name: "matmul", shapes: [[67, 131], [45, 131]], attributes: ["transposeB": .flag(true)]),
        Case(name: "matmul", shapes: [[3, 2049], [2049, 5], [5]], attributes: ["activation": .text("relu")]),
        Case(name: "matmul", shapes: [[3, 17, 33], [3, 33, 9]]),
        Case(name: "conv2d", shapes: [[3, 17, 19, 5], [5, 5, 5, 7], [7]], attributes: ["pad": .text("same")]),
        Case(
            name: "conv2d", shapes: [[2, 13, 11, 6], [3, 3, 3, 10]],
            attributes: ["groups": .integer(2), "stride": .integer(2)]),
        Case(name: "conv2d", shapes: [[2, 9, 9, 17], [1, 1, 17, 33]]),
        Case(name: "conv2d", shapes: [[2, 11, 9, 17], [3, 3, 17, 33]], attributes: ["pad": .text("same")]),
        Case(name: "conv2d", shapes: [[2, 9, 11, 17], [3, 3, 1, 17]], attributes: ["groups": .integer(17)]),
        Case(name: "conv2d_input_gradient", shapes: [[3, 13, 11, 19], [5, 5, 5, 19]], attributes: gradientSettings),
        Case(
            name: "conv2d_weight_gradient", shapes: [[3, 13, 11, 5], [3, 13, 11, 19]], attributes: gradientSettings),
        Case(name: "max_pool2d", shapes: [[3, 15, 17, 19]], attributes: ["window": .integer(2)]),
        Case(
            name: "avg_pool2d", shapes: [[3, 15, 17, 19]], attributes: ["window": .integer(3), "pad": .text("same")]),
        Case(name: "sum", shapes: [[37, 129, 5]], attributes: ["axis": .integers([0, 2])]),
        Case(name: "mean", shapes: [[70_001]]),
        Case(name: "max", shapes: [[37, 1029]], attributes: ["axis": .integer(1)]),
        Case(name: "variance", shapes: [[513, 37]], attributes: ["axis": .integer(0)]),
        Case(name: "softmax", shapes: [[77, 13]]), Case(name: "log_softmax", shapes: [[7, 1003]]),
        Case(name: "transpose", shapes: [[67, 131]]),
        Case(name: "transpose", shapes: [[5, 7, 9, 11]], attributes: ["axes": .integers([2, 0, 3, 1])]),
        Case(name: "multiply", shapes: [[33, 1, 129], [65, 1]]), Case(name: "tanh", shapes: [[40_001]]),
        Case(name: "concat", shapes: [[33, 7], [33, 65]], attributes: ["axis": .integer(1)]),
        Case(name: "cumsum", shapes: [[33, 129]], attributes: ["axis": .integer(0)]),
    ]

    @Test(arguments: cases)
    func agreesWithPlainLoops(sample: Case) throws {
        let operation = try #require(OperationTable[sample.name])
        var stream = RandomStream(seed: 21)
        let exact = try sample.shapes.map { try stream.normal($0) }
        func run(_ type: ElementType, threads: Int) throws -> [Double] {
            let builder = GraphBuilder(pool: ThreadPool(threads: threads, limit: threads))
            let inputs = try exact.map { builder.constant(try $0.converted(to: type)) }
            return try #require(try builder.apply(operation, inputs, sample.attributes).value).doubles
        }
        let expected = try run(.float64, threads: 1)
        let fast = try run(.float32, threads: 1)
        let scale = max(1, expected.map(abs).max() ?? 0)
        let distance = zip(expected, fast).map { abs($0 - $1) }.max() ?? 0
        #expect(expected.count == fast.count)
        #expect(distance <= 1e-5 * scale)
        for threads in [2, 3] { #expect(try run(.float32, threads: threads) == fast) }
    }
}
