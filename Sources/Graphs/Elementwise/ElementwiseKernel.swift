import CKernels
import Scheduling
import Tensors

/// An elementwise program made ready for operands and outputs of given types.
///
/// float32 runs on the tile interpreter in chunks on the pool, float64 on the plain kernel. A program too large for
/// the kernels is refused with an error: the planner asks `fits` before it fuses.
package final class ElementwiseKernel: @unchecked Sendable {
    let elementType: ElementType
    package var operandCount: Int { program.operandCount }
    package var outputCount: Int { program.outputCount }
    /// Instructions an element, after simplification.
    package var instructionCount: Int { program.instructionCount }

    private let program: KernelProgram
    private let plan: UnsafeMutablePointer<nnx_elementwise>
    private let chunkCount: Int

    /// - Parameters:
    ///   - operands: types whose shapes broadcast to `output`; all of one element type.
    ///   - output: the type of every output.
    ///   - overwritten: for each output the operand whose memory it is given in `run`, or nil. Such an operand must
    ///     have the output's shape. Nil: one output, which may share memory with any operand of its shape.
    /// - Throws: `OperationError` for types that do not fit or a program over the kernels' limits.
    package init(
        _ source: ElementwiseProgram, operands types: [TensorType], output: TensorType, overwritten: [Int?]? = nil
    ) throws {
        guard types.allSatisfy({ $0.elementType == output.elementType }) else {
            throw OperationError("an elementwise program mixes element types")
        }
        elementType = output.elementType
        program = try KernelProgram(
            source, operands: types.map(\.shape), result: output.shape, overwritten: overwritten)
        plan = .allocate(capacity: 1)
        plan.initialize(to: nnx_elementwise_plan(KernelChoice.current.instructionSet, program.pointer.pointee))
        chunkCount = plan.pointee.work.phase_count == 0 ? 0 : plan.pointee.work.chunk_count.0
    }

    deinit { plan.deallocate() }

    /// Whether a program is within the kernels' limits.
    package static func fits(_ source: ElementwiseProgram) -> Bool { KernelProgram.fits(source) }

    /// A program with one output as a kernel of its own.
    package static func prepare(
        _ program: ElementwiseProgram, operands: [TensorType], output: TensorType
    ) throws -> PreparedKernel {
        guard program.outputs.count == 1 else {
            throw OperationError("an elementwise operation has one output, not \(program.outputs.count)")
        }
        let kernel = try ElementwiseKernel(program, operands: operands, output: output)
        return PreparedKernel(
            path: kernel.path, scratchBytes: { kernel.scratchBytes(threads: $0) }, mayOverwriteInput: true
        ) { arguments in
            arguments.inputs.withUnsafeBufferPointer { inputs in
                withUnsafePointer(to: arguments.output) { output in
                    kernel.run(
                        inputs: inputs.baseAddress, outputs: output, scratch: arguments.scratch, pool: arguments.pool)
                }
            }
        }
    }

    /// For `--explain`.
    var path: String {
        switch elementType {
        case .float32:
            "elementwise, \(instructionCount) instructions, \(String(cString: nnx_isa_name(plan.pointee.isa)))"
        case .float64: "elementwise, \(instructionCount) instructions, plain"
        }
    }

    package func scratchBytes(threads: Int) -> Int {
        elementType == .float32
            ? Int(plan.pointee.work.shared_bytes) + threads * Int(plan.pointee.work.worker_bytes) : 0
    }

    /// - Parameters:
    ///   - inputs: `operandCount` pointers.
    ///   - outputs: `outputCount` pointers.
    ///   - scratch: `scratchBytes(threads:)` bytes, 64-byte aligned.
    package func run(
        inputs: UnsafePointer<UnsafeRawPointer>?, outputs: UnsafePointer<UnsafeMutableRawPointer>,
        scratch: UnsafeMutableRawPointer, pool: ThreadPool
    ) {
        let inputs = UnsafeRawPointer(inputs)
        let outputs = UnsafeRawPointer(outputs)
        switch elementType {
        case .float32:
            let inputs = inputs?.assumingMemoryBound(to: UnsafePointer<Float>?.self)
            let outputs = outputs.assumingMemoryBound(to: UnsafeMutablePointer<Float>?.self)
            let workers = scratch + Int(plan.pointee.work.shared_bytes)
            let workerBytes = Int(plan.pointee.work.worker_bytes)
            pool.parallelFor(chunkCount, nanoseconds: plan.pointee.work.nanoseconds.0) { chunk, worker in
                nnx_elementwise_run(plan, chunk, inputs, outputs, workers + worker * workerBytes)
            }
        case .float64:
            let inputs = inputs?.assumingMemoryBound(to: UnsafePointer<Double>?.self)
            let outputs = outputs.assumingMemoryBound(to: UnsafeMutablePointer<Double>?.self)
            nnx_plain_elementwise_double(program.pointer, inputs, outputs)
        }
    }
}
