import CKernels
import Tensors

/// An elementwise program in the form that the kernels read, with the memory that it lies in.
final class KernelProgram: @unchecked Sendable {
    let operandCount: Int
    let outputCount: Int
    /// Instructions an element, after simplification.
    let instructionCount: Int
    let pointer: UnsafeMutablePointer<nnx_program>

    private let operands: UnsafeMutablePointer<nnx_operand>
    private let instructions: UnsafeMutablePointer<nnx_instruction>

    /// - Parameters:
    ///   - shapes: of the operands; they broadcast to `result`.
    ///   - result: the shape for whose elements the program is run.
    ///   - overwritten: for each output the operand whose memory it is given, or nil.
    /// - Throws: `OperationError` for shapes that do not fit or a program over the kernels' limits.
    init(_ source: ElementwiseProgram, operands shapes: [Shape], result: Shape, overwritten: [Int?]? = nil) throws {
        let simplified = KernelInstructions(source)
        let allocation = RegisterAllocation(
            simplified, inputCount: shapes.count,
            overwritten: overwritten ?? [Int?](repeating: nil, count: simplified.outputs.count))
        guard shapes.count + simplified.outputs.count <= Int(NNX_PROGRAM_TENSORS_MAX),
            allocation.registerCount <= Int(NNX_PROGRAM_REGISTERS_MAX)
        else { throw OperationError("an elementwise program is too large for one kernel") }
        let layout = try BroadcastLayout(operands: shapes, result: result)

        operandCount = shapes.count
        outputCount = simplified.outputs.count
        instructionCount = allocation.instructions.count
        operands = .allocate(capacity: max(1, shapes.count))
        operands.initialize(from: layout.operands, count: shapes.count)
        instructions = .allocate(capacity: max(1, allocation.instructions.count))
        instructions.initialize(from: allocation.instructions, count: allocation.instructions.count)

        var program = nnx_program()
        program.rank = Int32(layout.shape.count)
        withUnsafeMutableBytes(of: &program.shape) { bytes in
            let target = bytes.assumingMemoryBound(to: Int.self)
            for (axis, extent) in layout.shape.enumerated() { target[axis] = extent }
        }
        program.input_count = Int32(shapes.count)
        program.output_count = Int32(simplified.outputs.count)
        program.register_count = Int32(allocation.registerCount)
        program.instruction_count = Int32(allocation.instructions.count)
        program.inputs = UnsafePointer(operands)
        program.instructions = UnsafePointer(instructions)
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: program)
    }

    deinit {
        operands.deallocate()
        instructions.deallocate()
        pointer.deallocate()
    }

    /// Whether a program is within the kernels' limits.
    static func fits(_ source: ElementwiseProgram) -> Bool {
        let simplified = KernelInstructions(source)
        guard source.operandCount + simplified.outputs.count <= Int(NNX_PROGRAM_TENSORS_MAX) else { return false }
        let allocation = RegisterAllocation(
            simplified, inputCount: source.operandCount,
            overwritten: [Int?](repeating: nil, count: simplified.outputs.count))
        return allocation.registerCount <= Int(NNX_PROGRAM_REGISTERS_MAX)
    }
}
