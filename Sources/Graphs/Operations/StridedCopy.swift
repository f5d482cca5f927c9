import CKernels
import Scheduling
import Tensors

/// A copy between two views of memory that differ in strides: permutation, slice, padding, concatenation's parts.
struct StridedCopy: Sendable {
    private let plan: nnx_copy
    private let sourceOffset: Int
    private let destinationOffset: Int

    /// - Parameters:
    ///   - shape: extents of what is copied.
    ///   - sourceStrides: elements to step over in the source for one step along each axis; negative ones flip.
    ///   - sourceOffset: the first element copied.
    init(
        _ elementType: ElementType, shape: Shape, sourceStrides: [Int], sourceOffset: Int = 0,
        destinationStrides: [Int], destinationOffset: Int = 0
    ) {
        var problem = nnx_copy_problem()
        problem.element_bytes = Int32(elementType.byteCount)
        problem.rank = Int32(shape.rank)
        Self.store(shape.dimensions, in: &problem.shape)
        Self.store(sourceStrides, in: &problem.source_strides)
        Self.store(destinationStrides, in: &problem.destination_strides)
        plan = nnx_copy_plan(KernelChoice.current.instructionSet, problem)
        self.sourceOffset = sourceOffset * elementType.byteCount
        self.destinationOffset = destinationOffset * elementType.byteCount
    }

    private static func store<Extents>(_ values: [Int], in extents: inout Extents) {
        withUnsafeMutableBytes(of: &extents) { bytes in
            let target = bytes.bindMemory(to: Int.self)
            precondition(values.count <= target.count, "a view has at most \(target.count) axes")
            for (axis, value) in values.enumerated() { target[axis] = value }
        }
    }

    func run(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, pool: ThreadPool) {
        let source = source + sourceOffset
        let destination = destination + destinationOffset
        withUnsafePointer(to: plan) { plan in
            plan.pointee.work.run(scratch: destination, pool: pool) { _, chunk, _, _ in
                nnx_copy_run(plan, chunk, source, destination)
            }
        }
    }

    /// Fills `count` elements with a number.
    static func fill(
        _ elementType: ElementType, _ destination: UnsafeMutableRawPointer, _ count: Int, with value: Double
    ) {
        switch elementType {
        case .float32: nnx_fill_float(destination.floats, count, Float(value))
        case .float64: nnx_fill_double(destination.doubles, count, value)
        }
    }
}
