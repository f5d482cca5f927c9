import CKernels
import Scheduling
import Tensors

/// Reductions over any set of axes: neighbouring reduced axes are one, and groups are reduced one after another.
struct ReductionKernel: Sendable {
    private struct Step: Sendable {
        var plan: nnx_reduction
        var problem: nnx_reduction_problem
        /// Bytes from the start of the intermediates; nil for the last step, which writes the output.
        var resultOffset: Int?

        var extents: String { "[\(problem.outer), \(problem.length), \(problem.inner)]" }
    }

    private let steps: [Step]
    private let intermediateBytes: Int
    private let elementType: ElementType

    /// - Parameter scale: multiplies the result of a sum.
    static func prepare(_ kind: nnx_reduction_kind, _ input: TensorType, axes: [Int], scale: Double = 1)
        -> PreparedKernel
    {
        guard input.shape.count > 0 else {
            // A sum of nothing is 0, a mean of nothing 0 / 0, a product of nothing 1.
            let value = kind == .product ? 1 : 0 * scale
            let count = ShapeRules.reduced(input.shape, axes: axes, keep: false).count
            return PreparedKernel(path: "nothing to reduce") {
                StridedCopy.fill(input.elementType, $0.output, count, with: value)
            }
        }
        let kernel = ReductionKernel(kind, input, axes: axes, scale: scale)
        return PreparedKernel(
            path: "reduction of \(kernel.steps.map(\.extents).joined(separator: ", "))",
            scratchBytes: kernel.scratchBytes
        ) { arguments in kernel.run(arguments) }
    }

    private init(_ kind: nnx_reduction_kind, _ input: TensorType, axes: [Int], scale: Double) {
        elementType = input.elementType
        var groups = Self.groups(input.shape, axes: axes)
        var steps: [Step] = []
        var bytes = 0
        let isa = KernelChoice.current.instructionSet
        while let last = groups.lastIndex(where: \.isReduced) {
            let outer = groups[..<last].reduce(1) { $0 * $1.extent }
            let inner = groups[(last + 1)...].reduce(1) { $0 * $1.extent }
            let problem = nnx_reduction_problem(
                kind: kind, outer: outer, length: groups[last].extent, inner: inner, scale: 1, accumulate: false)
            steps.append(Step(plan: nnx_reduction_plan(isa, problem), problem: problem, resultOffset: bytes))
            bytes += (outer * inner * input.elementType.byteCount + 63) / 64 * 64
            groups.remove(at: last)
        }
        if steps.isEmpty {
            // All reduced axes have extent 1 (or there are none): one element is the reduction of itself.
            let problem = nnx_reduction_problem(
                kind: kind, outer: 1, length: 1, inner: input.shape.count, scale: 1, accumulate: false)
            steps = [Step(plan: nnx_reduction_plan(isa, problem), problem: problem, resultOffset: nil)]
            bytes = 0
        }
        let last = steps.count - 1
        steps[last].problem.scale = scale
        steps[last].plan = nnx_reduction_plan(isa, steps[last].problem)
        if let offset = steps[last].resultOffset { bytes = offset }
        steps[last].resultOffset = nil
        self.steps = steps
        intermediateBytes = bytes
    }

    private struct Group {
        var isReduced: Bool
        var extent: Int
    }

    private static func groups(_ shape: Shape, axes: [Int]) -> [Group] {
        var groups: [Group] = []
        for (axis, extent) in shape.dimensions.enumerated() where extent != 1 {
            let isReduced = axes.contains(axis)
            if let last = groups.last, last.isReduced == isReduced {
                groups[groups.count - 1].extent *= extent
            } else {
                groups.append(Group(isReduced: isReduced, extent: extent))
            }
        }
        return groups
    }

    private func scratchBytes(threads: Int) -> Int {
        intermediateBytes + (steps.map { $0.plan.work.scratchBytes(threads: threads) }.max() ?? 0)
    }

    private func run(_ arguments: KernelArguments) {
        var source = arguments.inputs[0]
        for step in steps {
            let target = step.resultOffset.map { arguments.scratch + $0 } ?? arguments.output
            let input = source
            switch elementType {
            case .float32:
                withUnsafePointer(to: step.plan) { plan in
                    plan.pointee.work.run(scratch: arguments.scratch + intermediateBytes, pool: arguments.pool) {
                        phase, chunk, shared, _ in
                        nnx_reduction_run(plan, phase, chunk, input.floats, target.floats, shared)
                    }
                }
            case .float64:
                withUnsafePointer(to: step.problem) {
                    nnx_plain_reduction_double($0, input.doubles, target.doubles)
                }
            }
            source = UnsafeRawPointer(target)
        }
    }
}
