import Scheduling
import Tensors

/// The types for which a kernel is to be prepared.
public struct KernelRequest: Sendable {
    public var inputs: [TensorType]
    public var output: TensorType
    public var attributes: Attributes

    public init(inputs: [TensorType], output: TensorType, attributes: Attributes) {
        self.inputs = inputs
        self.output = output
        self.attributes = attributes
    }
}

/// Where a prepared kernel reads and writes.
public struct KernelArguments {
    /// One pointer an input, row-major elements.
    public var inputs: [UnsafeRawPointer]
    public var output: UnsafeMutableRawPointer
    /// As many bytes as the kernel asked for, 64-byte aligned, contents arbitrary.
    public var scratch: UnsafeMutableRawPointer
    public var pool: ThreadPool

    public init(
        inputs: [UnsafeRawPointer], output: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer, pool: ThreadPool
    ) {
        self.inputs = inputs
        self.output = output
        self.scratch = scratch
        self.pool = pool
    }
}

/// A kernel with all that depends on shapes decided: it only needs pointers.
public struct PreparedKernel: Sendable {
    /// Scratch memory that `run` needs with a pool of `threads` threads, in bytes.
    public var scratchBytes: @Sendable (_ threads: Int) -> Int
    /// Whether the output may be the memory of one of the inputs of the same byte count.
    public var mayOverwriteInput: Bool
    /// Which of several algorithms was chosen, for `--explain`.
    public var path: String
    /// Computes the output. Its bits do not depend on the pool's number of threads.
    public var run: @Sendable (KernelArguments) throws -> Void

    public init(
        path: String, scratchBytes: @escaping @Sendable (_ threads: Int) -> Int = { _ in 0 },
        mayOverwriteInput: Bool = false, run: @escaping @Sendable (KernelArguments) throws -> Void
    ) {
        self.path = path
        self.scratchBytes = scratchBytes
        self.mayOverwriteInput = mayOverwriteInput
        self.run = run
    }
}
