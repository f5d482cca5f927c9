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
