import CKernels
import Scheduling
import Tensors

/// What an elementwise program computes for `[outer, length, inner]` elements, summed over `length`, in one pass and
/// with nothing stored in between. float32 only.
final class ProgramSumKernel: @unchecked Sendable {
    /// Sums of the outputs of one program.
    struct Sums: Sendable {
        var program: ElementwiseProgram
        /// The shape for whose elements the program is run.
        var shape: Shape
        /// The summed axes: neighbours, but for axes of extent 1.
        var axes: [Int]
        /// A factor for each output's sums.
        var scales: [Double]
    }

    static let mostOutputs = Int(NNX_PROGRAM_SUMS_MAX)

    private let program: KernelProgram
    private let scales: UnsafeMutablePointer<Double>
    private let plan: UnsafeMutablePointer<nnx_program_sum>

    /// - Throws: `OperationError` for shapes that do not fit or a program over the kernels' limits.
    init(_ sums: Sums, operands: [Shape]) throws {
        guard let block = Self.block(sums.shape, axes: sums.axes), sums.scales.count <= Self.mostOutputs else {
            throw OperationError("sums of a program over axes that are no neighbours, or too many of them")
        }
        program = try KernelProgram(sums.program, operands: operands, result: sums.shape)
        scales = .allocate(capacity: max(1, sums.scales.count))
        scales.initialize(from: sums.scales, count: sums.scales.count)
        plan = .allocate(capacity: 1)
        plan.initialize(
            to: nnx_program_sum_plan(
                KernelChoice.current.instructionSet,
                nnx_program_sum_problem(
                    program: program.pointer.pointee, outer: block.outer, length: block.length, inner: block.inner,
                    scales: UnsafePointer(scales))))
    }

    deinit {
        scales.deallocate()
        plan.deallocate()
    }

    /// A shape seen as `[outer, length, inner]` around the summed axes, or nil where these are no neighbours.
    static func block(_ shape: Shape, axes: [Int]) -> AxisBlock? {
        let summed = axes.filter { shape[$0] != 1 }.sorted()
        guard let first = summed.first, let last = summed.last else { return nil }
        let isBlock = (first...last).allSatisfy { shape[$0] == 1 || summed.contains($0) }
        return isBlock && shape.count > 0 ? AxisBlock(shape, axes: first...last) : nil
    }

    /// For `--explain`.
    var path: String {
        let problem = plan.pointee.problem
        return "\(program.outputCount) sums of [\(problem.outer), \(problem.length), \(problem.inner)], "
            + "\(program.instructionCount) instructions"
    }

    func scratchBytes(threads: Int) -> Int { plan.pointee.work.scratchBytes(threads: threads) }

    func run(
        inputs: UnsafePointer<UnsafeRawPointer>?, outputs: UnsafePointer<UnsafeMutableRawPointer>,
        scratch: UnsafeMutableRawPointer, pool: ThreadPool
    ) {
        let inputs = UnsafeRawPointer(inputs)?.assumingMemoryBound(to: UnsafePointer<Float>?.self)
        let outputs = UnsafeRawPointer(outputs).assumingMemoryBound(to: UnsafeMutablePointer<Float>?.self)
        plan.pointee.work.run(scratch: scratch, pool: pool) { phase, chunk, shared, worker in
            nnx_program_sum_run(plan, phase, chunk, inputs, outputs, shared, worker)
        }
    }
}
