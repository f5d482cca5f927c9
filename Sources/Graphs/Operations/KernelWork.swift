import CKernels
import Scheduling
import Tensors

extension OperationKernel {
    /// A kernel of its own that is never entered for an output without elements.
    static func computed(_ prepare: @escaping @Sendable (KernelRequest) throws -> PreparedKernel) -> OperationKernel {
        .prepared { request in
            guard request.output.shape.count > 0 else { return PreparedKernel(path: "empty") { _ in } }
            return try prepare(request)
        }
    }
}

extension nnx_work {
    private static let alignment = 64

    private static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    /// Scratch that `run` needs with a pool of `threads` threads, a multiple of the alignment.
    func scratchBytes(threads: Int) -> Int {
        Self.aligned(shared_bytes) + threads * Self.aligned(worker_bytes)
    }

    /// Runs all phases in order, the chunks of each through the pool.
    func run(
        scratch: UnsafeMutableRawPointer, pool: ThreadPool,
        _ chunk: (_ phase: Int32, _ chunk: Int, _ shared: UnsafeMutableRawPointer, _ worker: UnsafeMutableRawPointer)
            -> Void
    ) {
        let workers = scratch + Self.aligned(shared_bytes)
        let workerStride = Self.aligned(worker_bytes)
        for phase in 0..<phase_count {
            let (chunks, nanoseconds) = withUnsafePointer(to: self) {
                (nnx_work_chunk_count($0, phase), nnx_work_nanoseconds($0, phase))
            }
            pool.parallelFor(chunks, nanoseconds: nanoseconds) { index, worker in
                chunk(phase, index, scratch, workers + worker * workerStride)
            }
        }
    }
}

/// An element type that kernels written in Swift are made for.
protocol KernelElement: BinaryFloatingPoint, Sendable {}
extension Float: KernelElement {}
extension Double: KernelElement {}

extension UnsafeRawPointer {
    var floats: UnsafePointer<Float> { assumingMemoryBound(to: Float.self) }
    var doubles: UnsafePointer<Double> { assumingMemoryBound(to: Double.self) }
}

extension UnsafeMutableRawPointer {
    var floats: UnsafeMutablePointer<Float> { assumingMemoryBound(to: Float.self) }
    var doubles: UnsafeMutablePointer<Double> { assumingMemoryBound(to: Double.self) }
}

/// A tensor seen as `[outer, length, inner]` around the axes from `first` to `last`.
struct AxisBlock: Sendable {
    let outer: Int
    let length: Int
    let inner: Int

    init(_ shape: Shape, axes: ClosedRange<Int>) {
        outer = Shape(Array(shape.dimensions[..<axes.lowerBound])).count
        length = Shape(Array(shape.dimensions[axes])).count
        inner = Shape(Array(shape.dimensions[(axes.upperBound + 1)...])).count
    }

    init(_ shape: Shape, axis: Int) { self.init(shape, axes: axis...axis) }

    /// The whole tensor as one axis.
    init(flat shape: Shape) {
        outer = 1
        length = shape.count
        inner = 1
    }
}
