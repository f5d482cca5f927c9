import CKernels

/// Which kernels are prepared: those of the machine's instruction set that their plans expect to be the fastest, unless a
/// test forces others in turn.
public struct KernelChoice: Sendable {
    public var instructionSet: nnx_isa
    /// The algorithms of convolutions and matrix products; `empty` leaves them to the plan, as does one that cannot serve
    /// the problem.
    public var convolution = nnx_convolution_algorithm.empty
    public var product = nnx_gemm_algorithm.empty

    public init(instructionSet: nnx_isa = nnx_isa_default()) { self.instructionSet = instructionSet }

    /// What is prepared by the current task.
    @TaskLocal public static var current = KernelChoice()
}
