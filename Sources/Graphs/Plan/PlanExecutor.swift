import Dispatch
import Scheduling
import Tensors

/// A plan's steps with all pointers resolved. Running them allocates nothing.
struct PlanExecutor {
    enum Step {
        case elementwise(
            ElementwiseKernel, inputs: UnsafeMutablePointer<UnsafeRawPointer>,
            outputs: UnsafeMutablePointer<UnsafeMutableRawPointer>, scratch: UnsafeMutableRawPointer)
        case sums(
            ProgramSumKernel, inputs: UnsafeMutablePointer<UnsafeRawPointer>,
            outputs: UnsafeMutablePointer<UnsafeMutableRawPointer>, scratch: UnsafeMutableRawPointer)
        case kernel(@Sendable (KernelArguments) throws -> Void, KernelArguments)
        case copy(to: UnsafeMutableRawPointer, from: UnsafeRawPointer, bytes: Int)
    }

    var steps: ContiguousArray<Step> = []
    /// Nanoseconds of all timed runs, one for each step.
    private(set) var nanoseconds: ContiguousArray<UInt64> = []
    let pool: ThreadPool

    init(pool: ThreadPool) { self.pool = pool }

    mutating func append(_ step: Step) {
        steps.append(step)
        nanoseconds.append(0)
    }

    func run(_ range: Range<Int>) throws {
        for index in range { try run(index) }
    }

    mutating func runTimed(_ range: Range<Int>) throws {
        for index in range {
            let start = DispatchTime.now().uptimeNanoseconds
            try run(index)
            nanoseconds[index] += DispatchTime.now().uptimeNanoseconds - start
        }
    }

    @inline(__always)
    private func run(_ index: Int) throws {
        switch steps[index] {
        case .elementwise(let kernel, let inputs, let outputs, let scratch):
            kernel.run(inputs: inputs, outputs: outputs, scratch: scratch, pool: pool)
        case .sums(let kernel, let inputs, let outputs, let scratch):
            kernel.run(inputs: inputs, outputs: outputs, scratch: scratch, pool: pool)
        case .kernel(let run, let arguments): try run(arguments)
        case .copy(let target, let source, let bytes):
            if target != source { target.copyMemory(from: source, byteCount: bytes) }
        }
    }

    /// Points a step's reads of an input to other memory.
    mutating func rebind(step: Int, operand: Int, to pointer: UnsafeRawPointer) {
        switch steps[step] {
        case .elementwise(_, let inputs, _, _), .sums(_, let inputs, _, _): inputs[operand] = pointer
        case .kernel(let run, var arguments):
            arguments.inputs[operand] = pointer
            steps[step] = .kernel(run, arguments)
        case .copy(let target, _, let bytes): steps[step] = .copy(to: target, from: pointer, bytes: bytes)
        }
    }

    /// Frees the pointer tables.
    func deallocate() {
        for step in steps {
            switch step {
            case .elementwise(_, let inputs, let outputs, _), .sums(_, let inputs, let outputs, _):
                inputs.deallocate()
                outputs.deallocate()
            case .kernel, .copy: break
            }
        }
    }
}
