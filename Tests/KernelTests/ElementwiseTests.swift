import CKernels
import Testing

@Suite struct ElementwiseTests {
    private static let opcodes = (0..<Int32(NNX_OPCODE_COUNT)).compactMap { nnx_opcode(rawValue: $0) }

    @Test("every opcode agrees with float64 on every operand count", arguments: instructionSets)
    func everyOpcode(isa: nnx_isa) {
        #expect(ElementwiseTests.opcodes.count == Int(NNX_OPCODE_COUNT))
        for opcode in ElementwiseTests.opcodes {
            let count = Int(nnx_opcode_operand_count(opcode))
            for length in [1, 3, 8, 17, 1023, 1025, 20_000] {
                var generator = SplitMix(state: UInt64(length))
                let needsPositive = [nnx_opcode.log, .square_root, .reciprocal_square_root, .power].contains(opcode)
                let data = (0..<count).map { _ in
                    // Halves and wholes among them, so that comparisons meet equal operands.
                    generator.floats(length, in: needsPositive ? 0.1...3 : -3...3).map {
                        generator.pick([0, 1]) == 0 ? $0 : ($0 * 2).rounded(.awayFromZero) / 2
                    }
                }
                let program = Program(
                    shape: [length], inputs: data.map { _ in Program.operand(.contiguous) },
                    instructions: [Program.instruction(opcode, to: count, 0, 1, 2, 3, 4)])
                let safe = opcode == .log1p ? data.map { $0.map { max($0, -0.9) } } : data
                let difference = firstDifference(program.fast(isa, safe)[0], program.plain(safe)[0], tolerance: 1e-5)
                #expect(difference == nil, "\(opcode), length \(length)")
            }
        }
    }

    @Test("random programs over all kinds of operands agree with float64", arguments: instructionSets)
    func randomPrograms(isa: nnx_isa) {
        for seed in 0..<300 {
            let (program, data) = Program.random(seed: seed)
            let expected = program.plain(data)
            let bits = program.fast(isa, data).map(\.bits)
            for schedule in Schedule.several.prefix(seed % 3 + 1) {
                let actual = program.fast(isa, data, schedule)
                #expect(actual.map(\.bits) == bits)
                for (a, e) in zip(actual, expected) {
                    #expect(firstDifference(a, e, tolerance: 1e-5) == nil, "seed \(seed)")
                }
            }
        }
    }

    @Test("an output may be the memory of an input", arguments: instructionSets)
    func inPlace(isa: nnx_isa) {
        var program = nnx_program()
        let count = 5000
        program.rank = 1
        program.shape.0 = count
        (program.input_count, program.output_count, program.instruction_count) = (2, 1, 1)
        let inputs = [Program.operand(.contiguous), Program.operand(.scalar)]
        let instructions = [Program.instruction(.negated_multiply_add, to: 2, 1, 0, 0)]
        let memory = Memory((0..<count).map(Float.init), offset: 1)
        let scale: [Float] = [0.5]
        inputs.withUnsafeBufferPointer { inputs in
            instructions.withUnsafeBufferPointer { instructions in
                program.inputs = inputs.baseAddress
                program.instructions = instructions.baseAddress
                var plan = nnx_elementwise_plan(isa, program)
                scale.withUnsafeBufferPointer { scale in
                    let sources: [UnsafePointer<Float>?] = [UnsafePointer(memory.start), scale.baseAddress]
                    let targets: [UnsafeMutablePointer<Float>?] = [memory.start]
                    Schedule.several[2].run(plan.work) { _, chunk, _, worker in
                        nnx_elementwise_run(&plan, chunk, sources, targets, worker)
                    }
                }
            }
        }
        #expect(memory.values == (0..<count).map { Float($0) * 0.5 })
    }

    @Test("minimum and maximum give NaN if either operand is NaN", arguments: instructionSets)
    func minimumOfNaN(isa: nnx_isa) {
        for opcode in [nnx_opcode.minimum, .maximum] {
            let program = Program(
                shape: [3], inputs: [Program.operand(.contiguous), Program.operand(.contiguous)],
                instructions: [Program.instruction(opcode, to: 2, 0, 1)])
            let result = program.fast(isa, [[.nan, 1, 2], [1, .nan, 2]])[0]
            #expect(result[0].isNaN && result[1].isNaN && result[2] == 2)
        }
    }

    @Test("no element is no work")
    func empty() {
        var program = nnx_program()
        program.rank = 2
        program.shape = (3, 0, 0, 0, 0, 0, 0, 0)
        #expect(nnx_elementwise_plan(nnx_isa_default(), program).work.phase_count == 0)
    }
}
