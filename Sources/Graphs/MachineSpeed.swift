import CKernels
import Scheduling
import Tensors

/// What the machine can do at best, measured: what times of kernels are compared with.
public struct MachineSpeed: Sendable {
    /// `avx512`, `avx2`, `neon` or `baseline`.
    public var instructionSet: String
    public var threads: Int
    /// float32 operations a second of all threads, a multiply-add counting as two.
    public var operationsPerSecond: Double
    /// Bytes a second of all threads in `a = b + 3 c` over arrays that no cache holds.
    public var bytesPerSecond: Double

    /// Takes about half a second.
    ///
    /// - Throws: `AllocationError` where there is no room for three arrays of 64 MiB.
    public static func measure(pool: ThreadPool) throws -> MachineSpeed {
        let isa = nnx_isa_default()
        return MachineSpeed(
            instructionSet: String(cString: nnx_isa_name(isa)), threads: pool.threads,
            operationsPerSecond: 2 * multiplyAdds(isa, pool), bytesPerSecond: try triad(pool))
    }

    private static let rounds = 5

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let elapsed = try ContinuousClock().measure(body).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    private static func multiplyAdds(_ isa: nnx_isa, _ pool: ThreadPool) -> Double {
        let count = 1 << 29
        let best =
            (0..<rounds).map { _ in
                seconds {
                    pool.parallelFor(pool.threads) { _, _ in
                        var result: Float = 0
                        _ = nnx_peak_run(isa, count, &result)
                    }
                }
            }.min() ?? 1
        return Double(count) * Double(pool.threads) / best
    }

    private static func triad(_ pool: ThreadPool) throws -> Double {
        let builder = GraphBuilder(pool: pool)
        let type = TensorType(.float32, [1 << 24])
        let arrays = try (0..<2).map { _ in try Tensor(repeating: 1, type) }
        let nodes = [builder.placeholder("b", type), builder.placeholder("c", type)]
        let sum = try builder.add(nodes[0], builder.multiply(nodes[1], builder.scalar(3, .float32)))
        let plan = try Plan(
            PlanDescription(variables: Array(zip(nodes, arrays)).map { ($0.0, $0.1) }, outputs: [sum]), pool: pool)
        try plan.run()
        let best = try (0..<rounds).map { _ in try seconds { try plan.run() } }.min() ?? 1
        return 3 * Double(type.byteCount) / best
    }
}
