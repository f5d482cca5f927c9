import CKernels

/// An elementwise program with the memory that it runs on.
struct Program {
    var shape: [Int]
    var inputs: [nnx_operand] = []
    var instructions: [nnx_instruction] = []
    var outputs = 1
    var registers = 0

    static func operand(_ access: nnx_access, strides: [Int] = []) -> nnx_operand {
        var operand = nnx_operand()
        operand.access = access
        withUnsafeMutableBytes(of: &operand.strides) { bytes in
            let longs = bytes.bindMemory(to: Int.self)
            for (axis, stride) in strides.enumerated() { longs[axis] = stride }
        }
        return operand
    }

    static func instruction(
        _ opcode: nnx_opcode, to destination: Int, _ operands: Int..., immediates: (Double, Double) = (0, 0)
    ) -> nnx_instruction {
        let all = operands + [0, 0, 0, 0, 0]
        return nnx_instruction(
            opcode: opcode, destination: Int16(destination), a: Int16(all[0]), b: Int16(all[1]), c: Int16(all[2]),
            d: Int16(all[3]), e: Int16(all[4]), first_immediate: immediates.0, second_immediate: immediates.1)
    }

    /// A random program over operands of every access, reading outputs and registers it wrote before.
    static func random(seed: Int) -> (Program, [[Float]]) {
        var generator = SplitMix(state: UInt64(seed))
        var program = Program(
            shape: (0..<generator.pick([0, 1, 2, 3, 4])).map { _ in generator.pick([1, 2, 3, 5, 7, 31, 40]) })
        if seed % 10 == 0 { program.shape = [3, generator.pick([1500, 4096])] }
        var data: [[Float]] = []
        for _ in 0..<generator.pick([1, 2, 4]) {
            let access = [nnx_access.contiguous, .scalar, .row, .strided][generator.pick([0, 1, 2, 3])]
            var (strides, size) = ([Int](repeating: 0, count: program.shape.count), 1)
            for axis in program.shape.indices.reversed() where generator.pick([0, 1]) == 0 {
                strides[axis] = size
                size *= program.shape[axis]
            }
            program.inputs.append(Program.operand(access, strides: strides))
            let length =
                switch access {
                case .contiguous: program.count
                case .scalar: 1
                case .row: program.shape.last ?? 1
                case .strided: size
                }
            data.append(generator.floats(length))
        }
        program.outputs = generator.pick([1, 2, 3])
        program.registers = generator.pick([0, 1, 3])
        let firstRegister = data.count + program.outputs
        var readable = Array(data.indices) + [Int(NNX_FIRST_IMMEDIATE), Int(NNX_SECOND_IMMEDIATE)]
        let destinations =
            Array(firstRegister..<(firstRegister + program.registers)) + Array(data.count..<firstRegister)
        for destination in destinations {
            let opcode = [
                nnx_opcode.add, .multiply, .maximum, .select, .multiply_add, .blend, .blend_square, .tanh, .less,
                .blend_add, .scaled_difference, .difference_multiply_add_maximum, .gate,
            ]
            .randomElement(using: &generator)!
            let operands = (0..<5).map { _ in generator.pick(readable) }
            program.instructions.append(
                instruction(
                    opcode, to: destination, operands[0], operands[1], operands[2], operands[3],
                    operands[4],
                    immediates: (0.5, -1.25)))
            readable.append(destination)
        }
        return (program, data)
    }

    var count: Int { shape.reduce(1, *) }

    private func withProgram<Result>(_ body: (nnx_program) -> Result) -> Result {
        inputs.withUnsafeBufferPointer { inputs in
            instructions.withUnsafeBufferPointer { instructions in
                var program = nnx_program()
                program.rank = Int32(shape.count)
                withUnsafeMutableBytes(of: &program.shape) { bytes in
                    let longs = bytes.bindMemory(to: Int.self)
                    for (axis, extent) in shape.enumerated() { longs[axis] = extent }
                }
                program.input_count = Int32(inputs.count)
                program.output_count = Int32(outputs)
                program.register_count = Int32(registers)
                program.instruction_count = Int32(instructions.count)
                program.inputs = inputs.baseAddress
                program.instructions = instructions.baseAddress
                return body(program)
            }
        }
    }

    /// Runs the compiled kernels, inputs and outputs off alignment.
    func fast(_ isa: nnx_isa, _ data: [[Float]], _ schedule: Schedule = .inOrder) -> [[Float]] {
        withProgram { program in
            var plan = nnx_elementwise_plan(isa, program)
            let memory = data.enumerated().map { index, values in Memory(values, offset: index % 3 + 1) }
            let results = (0..<outputs).map { Memory([Float](repeating: .nan, count: count), offset: $0 % 3 + 1) }
            let sources = memory.map { UnsafePointer<Float>?($0.start) }
            let targets = results.map { UnsafeMutablePointer<Float>?($0.start) }
            schedule.run(plan.work) { _, chunk, _, worker in nnx_elementwise_run(&plan, chunk, sources, targets, worker)
            }
            return withExtendedLifetime(memory) { results.map(\.values) }
        }
    }

    /// Sums of the outputs seen as [outer, length, inner], each times its scale.
    func sums(
        _ isa: nnx_isa, _ data: [[Float]], outer: Int, length: Int, inner: Int, scales: [Double],
        _ schedule: Schedule = .inOrder
    ) -> [[Float]] {
        withProgram { program in
            scales.withUnsafeBufferPointer { scales in
                var plan = nnx_program_sum_plan(
                    isa,
                    nnx_program_sum_problem(
                        program: program, outer: outer, length: length, inner: inner, scales: scales.baseAddress))
                let memory = data.enumerated().map { index, values in Memory(values, offset: index % 3 + 1) }
                let nothing = [Float](repeating: .nan, count: outer * inner)
                let results = (0..<outputs).map { Memory(nothing, offset: $0 % 3 + 1) }
                let sources = memory.map { UnsafePointer<Float>?($0.start) }
                let targets = results.map { UnsafeMutablePointer<Float>?($0.start) }
                schedule.run(plan.work) { phase, chunk, shared, worker in
                    nnx_program_sum_run(&plan, phase, chunk, sources, targets, shared, worker)
                }
                return withExtendedLifetime(memory) { results.map(\.values) }
            }
        }
    }

    func plain(_ data: [[Float]]) -> [[Double]] {
        withProgram { program in
            var program = program
            let memory = data.map { Memory($0.doubles, offset: 0) }
            let results = (0..<outputs).map { _ in Memory([Double](repeating: .nan, count: count), offset: 0) }
            let sources = memory.map { UnsafePointer<Double>?($0.start) }
            let targets = results.map { UnsafeMutablePointer<Double>?($0.start) }
            nnx_plain_elementwise_double(&program, sources, targets)
            return withExtendedLifetime(memory) { results.map(\.values) }
        }
    }
}

/// An allocation that lives as long as its owner, the values `offset` elements into it.
final class Memory<Element> {
    private let base: UnsafeMutablePointer<Element>
    private let count: Int
    let start: UnsafeMutablePointer<Element>

    init(_ values: [Element], offset: Int) {
        base = .allocate(capacity: values.count + offset + 1)
        count = values.count
        start = base + offset
        start.initialize(from: values, count: values.count)
    }

    deinit { base.deallocate() }

    var values: [Element] { [Element](UnsafeBufferPointer(start: start, count: count)) }
}
