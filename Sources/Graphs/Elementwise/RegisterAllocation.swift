import CKernels

/// Places the values of `KernelInstructions` in the kernels' registers and outputs.
struct RegisterAllocation {
    /// In the kernels' numbering: inputs, outputs, registers.
    private(set) var instructions: [nnx_instruction] = []
    private(set) var registerCount = 0

    private let inputCount: Int
    private let outputCount: Int
    private var places: [Int]
    private var free: [Int] = []

    /// - Parameter overwritten: for each output the operand whose memory it shares, if any. An output is not
    ///   written before the last read of the operand it shares memory with.
    init(_ program: KernelInstructions, inputCount: Int, overwritten: [Int?]) {
        self.inputCount = inputCount
        outputCount = program.outputs.count
        places = [Int](repeating: -1, count: program.instructions.count)
        var lastRead = [Int](repeating: -1, count: program.instructions.count)
        var lastOperandRead = [Int](repeating: -1, count: inputCount)
        for (index, instruction) in program.instructions.enumerated() {
            for operand in instruction.operands {
                switch operand {
                case .result(let value): lastRead[value] = index
                case .operand(let input): lastOperandRead[input] = index
                case .immediate: break
                }
            }
        }
        let direct = Self.directOutputs(program, lastOperandRead: lastOperandRead, overwritten: overwritten)
        // What is copied at the end must stay in its register until then.
        for (output, value) in program.outputs.enumerated() where direct[output] == nil {
            if case .result(let index) = value { lastRead[index] = program.instructions.count }
        }
        var outputOf = [Int?](repeating: nil, count: program.instructions.count)
        for (output, index) in direct.enumerated() {
            if let index { outputOf[index] = output }
        }
        for (index, instruction) in program.instructions.enumerated() {
            let operands = instruction.operands
            var released: [Int] = []
            for case .result(let value) in operands where lastRead[value] == index && outputOf[value] == nil {
                if !released.contains(places[value]) { released.append(places[value]) }
            }
            free += released
            if let output = outputOf[index] {
                places[index] = inputCount + output
            } else {
                places[index] = free.popLast() ?? newRegister()
            }
            append(instruction.opcode, to: places[index], operands)
            if outputOf[index] == nil, lastRead[index] < 0 { free.append(places[index]) }
        }
        appendCopies(program.outputs, direct: direct, overwritten: overwritten)
    }

    /// For each output the instruction that may write it at once.
    private static func directOutputs(
        _ program: KernelInstructions, lastOperandRead: [Int], overwritten: [Int?]
    ) -> [Int?] {
        var taken = Set<Int>()
        // A copy at the end may read an operand that an output overwrites.
        var lastOperandRead = lastOperandRead
        for case .operand(let input) in program.outputs { lastOperandRead[input] = Int.max }
        return program.outputs.indices.map { output in
            guard case .result(let index) = program.outputs[output], !taken.contains(index) else { return nil }
            if let operand = overwritten[output], lastOperandRead[operand] > index { return nil }
            taken.insert(index)
            return index
        }
    }

    /// Copies into the outputs that no instruction wrote. An operand that an output overwrites is saved in a register
    /// first: two operands may be exchanged in place.
    private mutating func appendCopies(
        _ outputs: [ElementwiseProgram.Value], direct: [Int?], overwritten: [Int?]
    ) {
        var saved: [Int: Int] = [:]
        for case .operand(let input) in outputs where overwritten.contains(input) && saved[input] == nil {
            let register = newRegister()
            append(.copy, to: register, [.operand(input)])
            saved[input] = register
        }
        for output in outputs.indices where direct[output] == nil {
            if case .operand(let input) = outputs[output], let register = saved[input] {
                var copy = nnx_instruction()
                copy.opcode = .copy
                copy.destination = Int16(truncatingIfNeeded: inputCount + output)
                copy.a = Int16(truncatingIfNeeded: register)
                instructions.append(copy)
            } else {
                append(.copy, to: inputCount + output, [outputs[output]])
            }
        }
    }

    private mutating func newRegister() -> Int {
        registerCount += 1
        return inputCount + outputCount + registerCount - 1
    }

    private mutating func append(
        _ opcode: nnx_opcode, to destination: Int, _ operands: [ElementwiseProgram.Value]
    ) {
        var instruction = nnx_instruction()
        instruction.opcode = opcode
        instruction.destination = Int16(truncatingIfNeeded: destination)
        var immediates: [Double] = []
        let places = operands.map { operand -> Int16 in
            switch operand {
            case .operand(let input): return Int16(truncatingIfNeeded: input)
            case .result(let value): return Int16(truncatingIfNeeded: self.places[value])
            case .immediate(let number):
                if let index = immediates.firstIndex(where: { $0.bitPattern == number.bitPattern }) {
                    return Int16(index == 0 ? NNX_FIRST_IMMEDIATE : NNX_SECOND_IMMEDIATE)
                }
                immediates.append(number)
                // Instructions on immediates alone are evaluated beforehand, and none with more is made by merging.
                precondition(immediates.count <= 2)
                return Int16(immediates.count == 1 ? NNX_FIRST_IMMEDIATE : NNX_SECOND_IMMEDIATE)
            }
        }
        instruction.a = places[0]
        if places.count > 1 { instruction.b = places[1] }
        if places.count > 2 { instruction.c = places[2] }
        if places.count > 3 { instruction.d = places[3] }
        if places.count > 4 { instruction.e = places[4] }
        instruction.first_immediate = immediates.first ?? 0
        instruction.second_immediate = immediates.count > 1 ? immediates[1] : 0
        instructions.append(instruction)
    }
}
