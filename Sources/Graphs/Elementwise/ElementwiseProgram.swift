/// A straight-line program that is run for every element of an output: the fused form of a chain of
/// elementwise operations. Single assignment: each instruction makes one new value.
public struct ElementwiseProgram: Hashable, Sendable {
    public enum Opcode: UInt8, Sendable, CaseIterable {
        case add, subtract, multiply, divide, power, minimum, maximum
        case negate, absolute, sign, squareRoot, reciprocalSquareRoot, square, reciprocal
        case exponential, logarithm, logarithm1p, exponentialMinus1
        case sine, cosine, tangent, hyperbolicTangent, sigmoid, errorFunction, softplus
        case floor, ceiling, round
        case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
        case and, or, not
        /// `a` where the condition is not 0, else `b`; operands: condition, a, b.
        case select
        /// a * b + c in one rounding.
        case multiplyAdd

        public var operandCount: Int {
            switch self {
            case .negate, .absolute, .sign, .squareRoot, .reciprocalSquareRoot, .square, .reciprocal, .exponential,
                .logarithm, .logarithm1p, .exponentialMinus1, .sine, .cosine, .tangent, .hyperbolicTangent, .sigmoid,
                .errorFunction, .softplus, .floor, .ceiling, .round, .not:
                1
            case .select, .multiplyAdd: 3
            default: 2
            }
        }
    }

    /// What an instruction reads.
    public enum Value: Hashable, Sendable {
        /// Operand `index` of the program, read from memory (broadcast as the caller lays down).
        case operand(Int)
        /// The result of an earlier instruction.
        case result(Int)
        /// A number known when the program is made.
        case immediate(Double)
    }

    public struct Instruction: Hashable, Sendable {
        public var opcode: Opcode
        public var operands: [Value]
    }

    public private(set) var operandCount: Int
    public private(set) var instructions: [Instruction] = []
    /// What is stored, one for each output tensor.
    public var outputs: [Value] = []

    public init(operandCount: Int) {
        self.operandCount = operandCount
    }

    /// Appends an instruction and gives its result.
    public mutating func emit(_ opcode: Opcode, _ operands: Value...) -> Value {
        precondition(operands.count == opcode.operandCount)
        instructions.append(Instruction(opcode: opcode, operands: operands))
        return .result(instructions.count - 1)
    }

    /// Adds one more operand read from memory.
    public mutating func addOperand() -> Value {
        operandCount += 1
        return .operand(operandCount - 1)
    }
}
