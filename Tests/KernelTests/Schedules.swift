import CKernels
import Testing

/// The instruction sets that this machine can run.
let instructionSets: [nnx_isa] = [.baseline, .avx2, .avx512, .neon].filter { nnx_isa_is_available($0) }

extension nnx_isa: @retroactive CustomTestStringConvertible {
    public var testDescription: String { String(cString: nnx_isa_name(self)) }
}

/// An order of chunks and their assignment to workers, as a thread pool might choose it.
struct Schedule {
    var workers: Int
    var seed: UInt64?

    static let inOrder = Schedule(workers: 1, seed: nil)
    /// Orders that must all give the same bits.
    static let several = [
        Schedule(workers: 1, seed: 1), Schedule(workers: 2, seed: 2), Schedule(workers: 3, seed: 3),
        Schedule(workers: 8, seed: 4),
    ]

    /// Runs all chunks of all phases. Scratch is aligned as promised and full of NaN.
    func run(
        _ work: nnx_work,
        _ body: (_ phase: Int32, _ chunk: Int, _ shared: UnsafeMutableRawPointer, _ worker: UnsafeMutableRawPointer) ->
            Void
    ) {
        let shared = Schedule.scratch(work.shared_bytes)
        let scratches = (0..<workers).map { _ in Schedule.scratch(work.worker_bytes) }
        defer {
            shared.deallocate()
            for scratch in scratches { scratch.deallocate() }
        }
        for phase in 0..<work.phase_count {
            let count = withUnsafePointer(to: work) { nnx_work_chunk_count($0, phase) }
            var order = Array(0..<count)
            if let seed {
                var generator = SplitMix(state: seed &+ UInt64(phase))
                order.shuffle(using: &generator)
            }
            for (turn, chunk) in order.enumerated() { body(phase, chunk, shared, scratches[turn % workers]) }
        }
    }

    private static func scratch(_ bytes: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes + 64, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: bytes + 64)
        return memory
    }
}

/// Sebastiano Vigna's SplitMix64, for tests that must not depend on what they test.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    mutating func pick(_ values: [Int]) -> Int { values.randomElement(using: &self)! }
}
