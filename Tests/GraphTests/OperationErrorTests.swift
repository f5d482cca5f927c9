import Graphs
import Scheduling
import Tensors
import Testing

/// What is wrong with shapes and settings is said in named axes, and nothing crashes.
@Suite struct OperationErrorTests {
    let builder = GraphBuilder(pool: ThreadPool(threads: 1))

    private func apply(_ name: String, _ shapes: [Shape], _ attributes: Attributes = .none) throws -> Node {
        let inputs = try shapes.map { builder.constant(try Tensor(repeating: 1, TensorType(.float64, $0))) }
        return try builder.apply(#require(OperationTable[name]), inputs, attributes)
    }

    private func error(_ name: String, _ shapes: [Shape], _ attributes: Attributes = .none) throws -> OperationError {
        try #require(throws: OperationError.self) { try apply(name, shapes, attributes) }
    }

    @Test func matrixProductNamesFeatures() throws {
        let error = try error("matmul", [[32, 784], [100, 10]])
        #expect(error.expected == "[batch, features = 100] for the matrix [100, 10]")
        #expect(error.found == "[batch, features = 784], shape [32, 784]")
        #expect(try self.error("matmul", [[2, 28, 28, 1], [784, 10]]).hint?.contains("flatten") == true)
        #expect(try self.error("matmul", [[2, 3], [2, 3]]).hint == "a @ transpose(b) fits")
        #expect(try self.error("matmul", [[], [2, 3]]).hint == "a number multiplies with *")
    }

    @Test func convolutionNamesChannelsAndSizes() throws {
        let channels = try error("conv2d", [[1, 8, 8, 3], [3, 3, 1, 6]])
        #expect(channels.expected == "[3, 3, channels = 3, 6] for images [1, 8, 8, 3]")
        #expect(channels.found == "kernel [3, 3, 1, 6]")
        let window = try error("conv2d", [[1, 4, 8, 1], [5, 5, 1, 6]])
        #expect(window.expected == "an image of height 5 or more for a window of 5")
        #expect(window.found == "height 4")
        #expect(try error("conv2d", [[8, 8, 3], [3, 3, 3, 6]]).expected == "[batch, height, width, channels]")
        #expect(try error("conv2d", [[1, 8, 8, 3], [3, 3, 3, 4]], ["groups": .integer(2)]).found == "groups 2")
        #expect(try error("conv2d", [[1, 8, 8, 3], [3, 3, 3, 4]], ["stride": .integer(0)]).found == "0")
        #expect(
            try error("conv2d", [[1, 8, 8, 3], [3, 3, 3, 4]], ["pad": .integers([1, 2, 3])]).found == "[1, 2, 3]")
        #expect(try error("conv2d", [[1, 8, 8, 3], [3, 3, 3, 4]], ["pad": .integer(Int.max)]).found == "\(Int.max)")
        #expect(try error("max_pool2d", [[1, 8, 8, 3]], ["window": .integer(2), "pad": .integer(2)]).hint == nil)
    }

    @Test func broadcastSaysWhere() throws {
        let error = try error("add", [[3, 4], [5]])
        #expect(error.message == "'add' cannot combine shapes [3, 4] and [5]")
        #expect(error.hint == "the last axis has extent 4 on the left and 5 on the right")
    }

    @Test(arguments: ["sum", "mean", "max", "argmax", "variance", "norm", "logsumexp", "flip", "cumsum", "softmax"])
    func axisOutOfRangeIsAnError(name: String) throws {
        for axis in [2, -3, Int.max, Int.min] {
            #expect(throws: OperationError.self) { try apply(name, [[2, 3]], ["axis": .integer(axis)]) }
        }
    }

    @Test func emptyTensorsHaveResultsOrErrors() throws {
        #expect(try apply("sum", [[0, 3]], ["axis": .integer(0)]).value?.doubles == [0, 0, 0])
        #expect(try apply("prod", [[0]]).value?.doubles == [1])
        #expect(try apply("mean", [[0]]).value?.doubles[0].isNaN == true)
        #expect(try error("max", [[0]]).found == "shape [0]")
        #expect(try error("argmin", [[3, 0]], ["axis": .integer(1)]).found == "shape [3, 0]")
        #expect(try apply("matmul", [[2, 0], [0, 3]]).value?.doubles == [0, 0, 0, 0, 0, 0])
        #expect(try apply("matmul", [[0, 2], [2, 3]]).shape == [0, 3])
        #expect(try apply("add", [[0, 3], [3]]).shape == [0, 3])
        #expect(try apply("conv2d", [[0, 5, 5, 1], [3, 3, 1, 2]]).shape == [0, 3, 3, 2])
        #expect(try apply("conv2d", [[1, 3, 3, 0], [3, 3, 0, 2]]).value?.doubles == [0, 0])
        #expect(try apply("softmax", [[0, 3]]).shape == [0, 3])
        #expect(try apply("softmax", [[3, 0]]).shape == [3, 0])
        #expect(try apply("transpose", [[0, 3]]).shape == [3, 0])
        #expect(try apply("reshape", [[0, 3]], ["shape": .integers([3, 0])]).shape == [3, 0])
        #expect(try error("reshape", [[0, 3]], ["shape": .integers([0, -1])]).found?.isEmpty == false)
        #expect(try apply("cumsum", [[0]]).shape == [0])
        #expect(try apply("solve", [[0, 0], [0]]).shape == [0])
        #expect(try apply("det", [[0, 0]]).value?.doubles == [1])
        #expect(try apply("logsumexp", [[2, 0]], ["axis": .integer(0)]).shape == [0])
        #expect(try apply("trace", [[0, 0]]).value?.doubles == [0])
    }

    @Test func hugeSizesAreRefusedBeforeAllocation() throws {
        #expect(throws: AllocationError.self) {
            try apply("broadcast_to", [[]], ["shape": .integers([1 << 31, 1 << 31])])
        }
        #expect(throws: AllocationError.self) { try apply("tile", [[2]], ["times": .integer(Int.max)]) }
        #expect(throws: AllocationError.self) { try apply("pad", [[2, 2]], ["amounts": .integer(1 << 30)]) }
        #expect(throws: OperationError.self) { try apply("pad", [[2]], ["amounts": .integer(Int.max)]) }
        #expect(
            try apply("slice", [[4]], ["starts": .integer(0), "stops": .integer(4), "steps": .integer(Int.max)]).shape
                == [1])
        #expect(throws: OperationError.self) {
            try apply("slice", [[4]], ["starts": .integer(Int.min), "stops": .integer(4)])
        }
        #expect(throws: OperationError.self) { try apply("add", [Shape([Int](repeating: 1, count: 9)), []]) }
    }

    /// Extents whose products do not fit a number, with and without elements: results or errors, and costs.
    @Test(arguments: OperationTable.all.map(\.name))
    func hugeExtentsNeverTrap(name: String) throws {
        let operation = try #require(OperationTable[name])
        let extents = [0, 1, 1 << 20, 1 << 31, 1 << 40, 1 << 62, Int.max]
        var stream = RandomStream(seed: 2)
        for sample in try #require(OperationSamples.samples(for: name)) {
            for _ in 0..<40 {
                let types = try sample.tensors().map { tensor in
                    TensorType(
                        stream.words(1)[0] % 2 == 0 ? .float32 : .float64,
                        Shape(
                            tensor.shape.dimensions.map { extent in
                                let word = Int(stream.words(1)[0])
                                return word % 2 == 0 ? extent : extents[word / 2 % extents.count]
                            }))
                }
                let inputs = types.map { builder.placeholder("x", $0) }
                do {
                    let output = try builder.apply(operation, inputs, sample.attributes)
                    #expect(operation.cost(types, output.type, sample.attributes).multiplyAdds >= 0)
                } catch is OperationError {
                } catch is AllocationError {
                }
            }
        }
    }

    @Test func singularMatrixHasAHint() throws {
        let error = try error("solve", [[2, 2], [2]])
        #expect(error.hint?.contains("eye") == true)
        #expect(try apply("det", [[2, 2]]).value?.doubles == [0])
    }

    @Test func indicesAreChecked() throws {
        #expect(try error("gather", [[1, 2], [3]]).expected == "whole numbers from 0 to 0")
        #expect(try error("one_hot", [[2]], ["classes": .integer(1)]).message == "'one_hot' has no class 1.0")
        #expect(try error("one_hot", [[2]]).hint == "for ten classes write one_hot(y, 10)")
    }

    @Test func derivativesAtKinks() throws {
        func derivative(_ at: Double, _ function: (Node) throws -> Node) throws -> Double {
            let x = builder.constant(try Tensor(scalar: at), tracked: true)
            return try #require(try builder.gradient(of: function(x), wrt: [x])[0].value)[flat: 0]
        }
        let (maximum, norm, power) = (
            try #require(OperationTable["maximum"]), try #require(OperationTable["norm"]),
            try #require(OperationTable["power"])
        )
        let zero = try builder.scalar(0)
        #expect(try derivative(0) { try builder.apply(maximum, [zero, $0]) } == 0)
        #expect(try derivative(0) { try builder.apply(maximum, [$0, builder.multiply($0, 3)]) } == 2)
        #expect(try derivative(0) { try builder.apply(norm, [$0]) } == 0)
        for exponent in [1.0, 1.5, 2, 3, 7] {
            let k = try builder.scalar(exponent)
            #expect(try derivative(0) { try builder.apply(power, [$0, k]) } == (exponent == 1 ? 1 : 0))
        }
        #expect(try builder.apply(power, [zero, zero]).value?.doubles == [1])
    }
}
