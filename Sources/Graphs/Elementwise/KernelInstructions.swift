import CKernels

/// An elementwise program in the kernels' instructions, still in single assignment: translated, simplified, without
/// repeated or unused instructions, with multiplications merged into the additions that follow.
struct KernelInstructions {
    typealias Value = ElementwiseProgram.Value

    struct Instruction: Hashable {
        var opcode: nnx_opcode
        var operands: [Value]
    }

    /// Integer exponents up to this one are done by multiplication.
    private static let largestMultipliedExponent = 16.0

    private(set) var instructions: [Instruction] = []
    private(set) var outputs: [Value] = []
    private var known: [Instruction: Value] = [:]

    init(_ program: ElementwiseProgram) {
        var values: [Value] = []
        values.reserveCapacity(program.instructions.count)
        func translated(_ value: Value) -> Value {
            if case .result(let index) = value { return values[index] }
            return value
        }
        for instruction in program.instructions {
            values.append(simplified(instruction.opcode, instruction.operands.map(translated)))
        }
        outputs = program.outputs.map(translated)
        mergeMultiplications()
        mergeChains()
        order()
    }

    // MARK: Translation

    private mutating func simplified(_ opcode: ElementwiseProgram.Opcode, _ operands: [Value]) -> Value {
        switch opcode {
        case .add: add(operands[0], operands[1])
        case .subtract: subtract(operands[0], operands[1])
        case .multiply: multiply(operands[0], operands[1])
        case .divide: divide(operands[0], operands[1])
        case .power: power(operands[0], operands[1])
        case .minimum: emit(.minimum, operands)
        case .maximum: emit(.maximum, operands)
        case .negate: negate(operands[0])
        case .absolute: emit(.absolute, operands)
        case .sign: emit(.sign, operands)
        case .squareRoot: emit(.square_root, operands)
        case .reciprocalSquareRoot: emit(.reciprocal_square_root, operands)
        case .square: emit(.square, operands)
        case .reciprocal: reciprocal(operands[0])
        case .exponential: emit(.exp, operands)
        case .logarithm: emit(.log, operands)
        case .logarithm1p: emit(.log1p, operands)
        case .exponentialMinus1: emit(.expm1, operands)
        case .sine: emit(.sin, operands)
        case .cosine: emit(.cos, operands)
        case .tangent: emit(.tan, operands)
        case .hyperbolicTangent: emit(.tanh, operands)
        case .sigmoid: emit(.sigmoid, operands)
        case .errorFunction: emit(.erf, operands)
        case .softplus: emit(.softplus, operands)
        case .floor: emit(.floor, operands)
        case .ceiling: emit(.ceil, operands)
        case .round: emit(.round, operands)
        case .less: emit(.less, operands)
        case .lessOrEqual: emit(.less_equal, operands)
        case .greater: emit(.greater, operands)
        case .greaterOrEqual: emit(.greater_equal, operands)
        case .equal: emit(.equal, operands)
        case .notEqual: emit(.not_equal, operands)
        case .and: emit(.logical_and, operands)
        case .or: emit(.logical_or, operands)
        case .not: emit(.logical_not, operands)
        case .select: select(operands[0], operands[1], operands[2])
        case .multiplyAdd: multiplyAdd(operands[0], operands[1], operands[2])
        }
    }

    private mutating func emit(_ opcode: nnx_opcode, _ operands: [Value]) -> Value {
        if operands.count <= 2, let numbers = Self.numbers(operands) {
            return .immediate(Self.evaluate(opcode, numbers))
        }
        let instruction = Instruction(opcode: opcode, operands: operands)
        if let value = known[instruction] { return value }
        instructions.append(instruction)
        let value = Value.result(instructions.count - 1)
        known[instruction] = value
        return value
    }

    private static func numbers(_ operands: [Value]) -> [Double]? {
        var numbers: [Double] = []
        for operand in operands {
            guard case .immediate(let number) = operand else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// One instruction on numbers, by the plain kernel.
    private static func evaluate(_ opcode: nnx_opcode, _ numbers: [Double]) -> Double {
        var instruction = nnx_instruction()
        instruction.opcode = opcode
        instruction.a = Int16(NNX_FIRST_IMMEDIATE)
        instruction.b = Int16(NNX_SECOND_IMMEDIATE)
        instruction.first_immediate = numbers[0]
        instruction.second_immediate = numbers.count > 1 ? numbers[1] : 0
        var result = 0.0
        withUnsafePointer(to: instruction) { instruction in
            withUnsafeMutablePointer(to: &result) { result in
                var program = nnx_program()
                program.output_count = 1
                program.instruction_count = 1
                program.instructions = instruction
                var outputs: UnsafeMutablePointer<Double>? = result
                nnx_plain_elementwise_double(&program, nil, &outputs)
            }
        }
        return result
    }

    private func instruction(of value: Value) -> Instruction? {
        if case .result(let index) = value { return instructions[index] }
        return nil
    }

    private func negated(_ value: Value) -> Value? {
        guard let instruction = instruction(of: value), instruction.opcode == .negate else { return nil }
        return instruction.operands[0]
    }

    // MARK: Rules

    private mutating func add(_ a: Value, _ b: Value) -> Value {
        if b == .immediate(0) { return a }
        if a == .immediate(0) { return b }
        if let b = negated(b) { return emit(.subtract, [a, b]) }
        if let a = negated(a) { return emit(.subtract, [b, a]) }
        return emit(.add, [a, b])
    }

    private mutating func subtract(_ a: Value, _ b: Value) -> Value {
        if b == .immediate(0) { return a }
        if let b = negated(b) { return emit(.add, [a, b]) }
        return emit(.subtract, [a, b])
    }

    private mutating func multiply(_ a: Value, _ b: Value) -> Value {
        if b == .immediate(1) { return a }
        if a == .immediate(1) { return b }
        if b == .immediate(-1) { return negate(a) }
        if a == .immediate(-1) { return negate(b) }
        if case .immediate(let number) = b, let a = negated(a) { return emit(.multiply, [a, .immediate(-number)]) }
        if case .immediate(let number) = a, let b = negated(b) { return emit(.multiply, [b, .immediate(-number)]) }
        if a == b { return emit(.square, [a]) }
        return emit(.multiply, [a, b])
    }

    private mutating func divide(_ a: Value, _ b: Value) -> Value {
        if case .immediate(let number) = b {
            if number == 1 { return a }
            // A power of two has an exact reciprocal.
            if number.isNormal, number.significand == 1, (1 / number).isNormal, abs(number.exponent) < 100 {
                return multiply(a, .immediate(1 / number))
            }
        }
        if a == .immediate(1) { return reciprocal(b) }
        return emit(.divide, [a, b])
    }

    private mutating func reciprocal(_ a: Value) -> Value {
        if let root = instruction(of: a), root.opcode == .square_root {
            return emit(.reciprocal_square_root, root.operands)
        }
        return emit(.reciprocal, [a])
    }

    private mutating func negate(_ a: Value) -> Value {
        negated(a) ?? emit(.negate, [a])
    }

    private mutating func power(_ base: Value, _ exponent: Value) -> Value {
        guard case .immediate(let number) = exponent else { return emit(.power, [base, exponent]) }
        switch number {
        case 0.5: return emit(.square_root, [base])
        case -0.5: return emit(.reciprocal_square_root, [base])
        case 0: return .immediate(1)
        default: break
        }
        guard number.rounded() == number, abs(number) <= Self.largestMultipliedExponent else {
            return emit(.power, [base, exponent])
        }
        let product = product(of: base, count: Int(abs(number)))
        return number < 0 ? reciprocal(product) : product
    }

    private mutating func product(of base: Value, count: Int) -> Value {
        if count == 1 { return base }
        let half = product(of: base, count: count / 2)
        let square = multiply(half, half)
        return count % 2 == 0 ? square : multiply(square, base)
    }

    private mutating func select(_ condition: Value, _ a: Value, _ b: Value) -> Value {
        if case .immediate(let number) = condition { return number != 0 ? a : b }
        return a == b ? a : emit(.select, [condition, a, b])
    }

    private mutating func multiplyAdd(_ a: Value, _ b: Value, _ c: Value) -> Value {
        if Self.numbers([a, b]) != nil { return add(multiply(a, b), c) }
        return emit(.multiply_add, [a, b, c])
    }

    // MARK: Multiply-add

    /// Makes one instruction of a product that only an addition or subtraction reads, together with that.
    private mutating func mergeMultiplications() {
        var reads = [Int](repeating: 0, count: instructions.count)
        func count(_ value: Value) { if case .result(let index) = value { reads[index] += 1 } }
        for instruction in instructions { instruction.operands.forEach(count) }
        outputs.forEach(count)

        func product(_ value: Value) -> Instruction? {
            guard case .result(let index) = value, reads[index] == 1 else { return nil }
            let instruction = instructions[index]
            return instruction.opcode == .multiply ? instruction : nil
        }
        /// d where the product is c * d * d.
        func squareFactor(_ product: Instruction) -> (other: Value, base: Value)? {
            for (index, operand) in product.operands.enumerated() {
                guard case .result(let square) = operand, reads[square] == 1,
                    instructions[square].opcode == .square
                else { continue }
                return (product.operands[1 - index], instructions[square].operands[0])
            }
            return nil
        }
        for index in instructions.indices {
            let instruction = instructions[index]
            switch instruction.opcode {
            case .add:
                let (left, right) = (instruction.operands[0], instruction.operands[1])
                if let first = product(left), let second = product(right) {
                    if let square = squareFactor(second) {
                        instructions[index] = Instruction(
                            opcode: .blend_square, operands: first.operands + [square.other, square.base])
                    } else if let square = squareFactor(first) {
                        instructions[index] = Instruction(
                            opcode: .blend_square, operands: second.operands + [square.other, square.base])
                    } else {
                        instructions[index] = Instruction(opcode: .blend, operands: first.operands + second.operands)
                    }
                } else if let first = product(left) {
                    instructions[index] = Instruction(opcode: .multiply_add, operands: first.operands + [right])
                } else if let second = product(right) {
                    instructions[index] = Instruction(opcode: .multiply_add, operands: second.operands + [left])
                }
            case .subtract:
                if let second = product(instruction.operands[1]) {
                    instructions[index] = Instruction(
                        opcode: .negated_multiply_add, operands: second.operands + [instruction.operands[0]])
                }
            default: break
            }
        }
    }

    // MARK: Chains

    /// Makes one instruction of two that follow each other in normalisations, activations and their derivatives, where
    /// nobody else reads the first one: each instruction less saves writing and reading a tile.
    private mutating func mergeChains() {
        var reads = [Int](repeating: 0, count: instructions.count)
        func count(_ value: Value) { if case .result(let index) = value { reads[index] += 1 } }
        for instruction in instructions { instruction.operands.forEach(count) }
        outputs.forEach(count)
        for index in instructions.indices {
            let outer = instructions[index]
            for (place, operand) in outer.operands.enumerated() {
                guard case .result(let inner) = operand, reads[inner] == 1 else { continue }
                let others = outer.operands.indices.filter { $0 != place }.map { outer.operands[$0] }
                let merged = Self.chain(outer.opcode, place: place, instructions[inner], others)
                guard let merged, Self.immediateCount(merged) <= 2 else { continue }
                instructions[index] = merged
                break
            }
        }
    }

    /// `outer` with the result of `inner` as operand number `place` and `others` as the other ones, as one instruction.
    private static func chain(
        _ outer: nnx_opcode, place: Int, _ inner: Instruction, _ others: [Value]
    ) -> Instruction? {
        let own = inner.operands
        switch (outer, inner.opcode) {
        case (.square, .subtract): return Instruction(opcode: .squared_difference, operands: own)
        case (.multiply, .greater): return Instruction(opcode: .gate, operands: own + others)
        case (.multiply, .less): return Instruction(opcode: .gate, operands: [own[1], own[0]] + others)
        case (.multiply, .subtract): return Instruction(opcode: .scaled_difference, operands: own + others)
        case (.multiply_add, .subtract) where place < 2:
            return Instruction(opcode: .difference_multiply_add, operands: own + others)
        case (.add, .blend): return Instruction(opcode: .blend_add, operands: own + others)
        case (.maximum, .add): return Instruction(opcode: .add_maximum, operands: own + others)
        case (.maximum, .multiply_add): return Instruction(opcode: .multiply_add_maximum, operands: own + others)
        case (.maximum, .difference_multiply_add):
            return Instruction(opcode: .difference_multiply_add_maximum, operands: own + others)
        default: return nil
        }
    }

    private static func immediateCount(_ instruction: Instruction) -> Int {
        Set(
            instruction.operands.compactMap { operand -> UInt64? in
                if case .immediate(let number) = operand { return number.bitPattern }
                return nil
            }
        ).count
    }

    // MARK: Order

    /// Leaves only what the outputs need, each instruction shortly before its first reader: few registers at a time.
    private mutating func order() {
        var position = [Int?](repeating: nil, count: instructions.count)
        var ordered: [Instruction] = []
        func renamed(_ value: Value) -> Value {
            guard case .result(let index) = value, let place = position[index] else { return value }
            return .result(place)
        }
        for output in outputs {
            guard case .result(let root) = output else { continue }
            var pending = [(index: root, isExpanded: false)]
            while let (index, isExpanded) = pending.popLast() {
                guard position[index] == nil else { continue }
                let instruction = instructions[index]
                if isExpanded {
                    ordered.append(
                        Instruction(
                            opcode: instruction.opcode, operands: instruction.operands.map(renamed)))
                    position[index] = ordered.count - 1
                } else {
                    pending.append((index, true))
                    for case .result(let operand) in instruction.operands.reversed() {
                        pending.append((operand, false))
                    }
                }
            }
        }
        outputs = outputs.map(renamed)
        instructions = ordered
    }
}
