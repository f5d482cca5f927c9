import Foundation
import Graphs
import Scheduling
import Tensors
import Testing

/// Elementwise programs as the kernels run them.
@Suite struct ElementwiseKernelTests {
    private typealias Program = ElementwiseProgram
    private let pool = ThreadPool(threads: 2)

    /// Runs a program; `overwritten` as for the kernel: those outputs share the operand's memory.
    private func run(
        _ program: ElementwiseProgram, _ operands: [Tensor], _ output: TensorType, overwritten: [Int?]? = nil
    ) throws -> [Tensor] {
        let kernel = try ElementwiseKernel(
            program, operands: operands.map(\.type), output: output, overwritten: overwritten)
        let outputs = try program.outputs.indices.map { index in
            if let operand = overwritten?[index] { return operands[operand] }
            return try Tensor(uninitialized: output)
        }
        let scratch = try Storage(byteCount: kernel.scratchBytes(threads: pool.threads))
        withExtendedLifetime((operands, outputs, scratch)) {
            kernel.run(
                inputs: operands.map { UnsafeRawPointer($0.pointer) }, outputs: outputs.map(\.pointer),
                scratch: scratch.pointer, pool: pool)
        }
        return outputs
    }

    private func instructionCount(_ program: ElementwiseProgram, _ type: TensorType = TensorType(.float32, [8])) throws
        -> Int
    {
        let operands = [TensorType](repeating: type, count: program.operandCount)
        return try ElementwiseKernel(program, operands: operands, output: type).instructionCount
    }

    @Test(arguments: ElementType.allCases) func broadcastsEveryWay(elementType: ElementType) throws {
        var random = TestRandom(state: 1)
        let shapes: [(Shape, Shape, Shape)] = [
            ([], [], []), ([5], [], [5]), ([3, 4], [4], [3, 4]), ([3, 1], [1, 4], [3, 4]),
            ([2, 1, 5], [3, 1], [2, 3, 5]),
            ([7, 9, 11], [9, 1], [7, 9, 11]),
            ([2, 1, 3, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 2, 1, 2], [2, 2, 3, 2, 2, 2, 2, 2]),
            ([64, 24, 24, 6], [6], [64, 24, 24, 6]), ([0, 4], [4], [0, 4]), ([1, 1], [3, 1], [3, 1]),
        ]
        for (a, b, result) in shapes {
            let x = try random.tensor(TensorType(elementType, a))
            let y = try random.tensor(TensorType(elementType, b))
            var program = Program(operandCount: 2)
            program.outputs = [program.emit(.subtract, .operand(0), .operand(1))]
            let found = try run(program, [x, y], TensorType(elementType, result))[0]
            let (strideX, strideY) = (a.broadcastStrides(to: result), b.broadcastStrides(to: result))
            let strides = result.strides
            for index in 0..<result.count {
                var (placeX, placeY) = (0, 0)
                for axis in result.dimensions.indices {
                    let position = index / strides[axis] % result[axis]
                    placeX += position * strideX[axis]
                    placeY += position * strideY[axis]
                }
                let expected = x[flat: placeX] - y[flat: placeY]
                #expect(abs(found[flat: index] - expected) < 1e-6, "\(a) - \(b) at \(index)")
            }
        }
    }

    @Test func powersOfNumbers() throws {
        let x = try Tensor([0.5, 1.5, 2, 3], shape: [4])
        for exponent in [-3.0, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 5, 7, 2.5, 40] {
            var program = Program(operandCount: 1)
            program.outputs = [program.emit(.power, .operand(0), .immediate(exponent))]
            let found = try run(program, [x], x.type)[0]
            #expect(agree(found.doubles, x.doubles.map { pow($0, exponent) }, 1e-13), "x^\(exponent)")
        }
    }

    @Test func instructionsAreMerged() throws {
        // m <- 0.9 m + 0.1 g is one instruction; v <- 0.999 v + 0.001 g^2 another.
        var program = Program(operandCount: 3)
        let m = program.emit(
            .add, program.emit(.multiply, .operand(0), .immediate(0.9)),
            program.emit(.multiply, .operand(2), .immediate(0.1)))
        let v = program.emit(
            .add, program.emit(.multiply, .operand(1), .immediate(0.999)),
            program.emit(.multiply, program.emit(.square, .operand(2)), .immediate(0.001)))
        program.outputs = [m, v]
        #expect(try instructionCount(program) == 2)

        var constant = Program(operandCount: 1)
        let number = constant.emit(.exponential, .immediate(0))
        constant.outputs = [constant.emit(.multiply, .operand(0), constant.emit(.add, number, .immediate(1)))]
        #expect(try instructionCount(constant) == 1)
        #expect(try run(constant, [Tensor([3, 4], shape: [2])], TensorType(.float64, [2]))[0].doubles == [6, 8])

        var repeated = Program(operandCount: 1)
        let first = repeated.emit(.exponential, .operand(0))
        let second = repeated.emit(.exponential, .operand(0))
        _ = repeated.emit(.sine, .operand(0))
        repeated.outputs = [repeated.emit(.divide, first, repeated.emit(.maximum, second, .immediate(1)))]
        #expect(try instructionCount(repeated) == 3)
    }

    @Test(arguments: ElementType.allCases) func randomProgramsEqualTheirInstructions(elementType: ElementType) throws {
        for seed in 0..<UInt64(200) {
            var random = TestRandom(state: seed)
            let count = 1 + random.below(70)
            var program = Program(operandCount: 3)
            let x = try (0..<3).map { _ in try random.tensor(TensorType(elementType, [17])) }
            var values: [(value: Program.Value, numbers: [Double])] = x.enumerated().map { (.operand($0), $1.doubles) }
            for number in [0.5, 2, -1, 1] {
                values.append((.immediate(number), [Double](repeating: number, count: 17)))
            }
            for _ in 0..<count {
                let (a, b, c) = (
                    values[random.below(values.count)], values[random.below(values.count)],
                    values[random.below(values.count)]
                )
                switch random.below(7) {
                case 0:
                    values.append(
                        (
                            program.emit(.hyperbolicTangent, program.emit(.add, a.value, b.value)),
                            zip(a.numbers, b.numbers).map { tanh($0 + $1) }
                        ))
                case 1:
                    values.append(
                        (
                            program.emit(.hyperbolicTangent, program.emit(.subtract, a.value, b.value)),
                            zip(a.numbers, b.numbers).map { tanh($0 - $1) }
                        ))
                case 2:
                    values.append(
                        (
                            program.emit(.hyperbolicTangent, program.emit(.multiplyAdd, a.value, b.value, c.value)),
                            a.numbers.indices.map { tanh(a.numbers[$0] * b.numbers[$0] + c.numbers[$0]) }
                        ))
                case 3: values.append((program.emit(.negate, a.value), a.numbers.map { -$0 }))
                case 4:
                    let square = program.emit(.square, b.value)
                    let sum = program.emit(
                        .add, program.emit(.multiply, a.value, .immediate(0.25)),
                        program.emit(.multiply, square, .immediate(0.5)))
                    values.append(
                        (
                            program.emit(.hyperbolicTangent, sum),
                            zip(a.numbers, b.numbers).map { tanh(0.25 * $0 + 0.5 * $1 * $1) }
                        ))
                case 5:
                    values.append(
                        (program.emit(.maximum, a.value, b.value), zip(a.numbers, b.numbers).map { max($0, $1) }))
                default: values.append((program.emit(.multiply, a.value, .immediate(0.5)), a.numbers.map { $0 * 0.5 }))
                }
            }
            let outputs = (0..<(1 + random.below(5))).map { _ in values[random.below(values.count)] }
            program.outputs = outputs.map(\.value)
            // Up to three outputs lie over the operands, each over another.
            let overwritten = outputs.indices.map { $0 < 3 && random.below(2) == 0 ? $0 : nil }
            let found = try run(program, x, TensorType(elementType, [17]), overwritten: overwritten)
            for (index, output) in outputs.enumerated() {
                #expect(
                    agree(found[index].doubles, output.numbers, elementType == .float32 ? 1e-3 : 1e-12),
                    "seed \(seed) output \(index)")
            }
        }
    }

    @Test func refusesWhatTheKernelsCannotHold() throws {
        var program = Program(operandCount: 60)
        var sum = Program.Value.immediate(0)
        for index in 0..<60 { sum = program.emit(.add, sum, .operand(index)) }
        program.outputs = [sum]
        #expect(!ElementwiseKernel.fits(program))
        #expect(throws: OperationError.self) { try instructionCount(program) }
    }
}
