import CKernels
import Testing

@Suite struct ProgramSumTests {
    /// The program's results summed one by one.
    private func expected(
        _ program: Program, _ data: [[Float]], outer: Int, length: Int, inner: Int, scales: [Double]
    ) -> [[Double]] {
        zip(program.plain(data), scales).map { values, scale in
            var sums = [Double](repeating: 0, count: outer * inner)
            for (index, value) in values.enumerated() {
                sums[index / (length * inner) * inner + index % inner] += value * scale
            }
            return sums
        }
    }

    private func check(
        _ isa: nnx_isa, _ program: Program, _ data: [[Float]], _ extents: (Int, Int, Int), _ comment: Comment
    ) {
        let (outer, length, inner) = extents
        let scales = (0..<program.outputs).map { 1 / Double($0 + length) }
        let sums = expected(program, data, outer: outer, length: length, inner: inner, scales: scales)
        let first = program.sums(isa, data, outer: outer, length: length, inner: inner, scales: scales)
        for (actual, wanted) in zip(first, sums) {
            #expect(firstDifference(actual, wanted, tolerance: 1e-4) == nil, comment)
        }
        for schedule in Schedule.several.prefix(2) {
            let again = program.sums(
                isa, data, outer: outer, length: length, inner: inner, scales: scales, schedule)
            #expect(again.map(\.bits) == first.map(\.bits), comment)
        }
    }

    @Test("random programs, summed over any neighbouring axes, agree with float64", arguments: instructionSets)
    func randomPrograms(isa: nnx_isa) {
        for seed in 0..<150 {
            let (program, data) = Program.random(seed: seed)
            for first in 0...program.shape.count {
                for last in first...program.shape.count {
                    let outer = program.shape[..<first].reduce(1, *), inner = program.shape[last...].reduce(1, *)
                    check(
                        isa, program, data, (outer, program.shape[first..<last].reduce(1, *), inner),
                        "seed \(seed), axes \(first)..<\(last)")
                }
            }
        }
    }

    @Test("long sums, in ranges, of rows wider and narrower than a tile", arguments: instructionSets)
    func longSums(isa: nnx_isa) {
        // x and (x - row)^2, as of a normalisation.
        for (length, inner) in [(70_001, 1), (30_000, 3), (5_000, 16), (4_001, 33), (70, 1536), (70, 2047)] {
            var generator = SplitMix(state: UInt64(inner))
            let program = Program(
                shape: inner == 1 ? [length] : [length, inner],
                inputs: [Program.operand(.contiguous), Program.operand(inner == 1 ? .scalar : .row)],
                instructions: [
                    Program.instruction(.copy, to: 2, 0), Program.instruction(.subtract, to: 4, 0, 1),
                    Program.instruction(.square, to: 3, 4),
                ], outputs: 2, registers: 1)
            check(
                isa, program, [generator.floats(length * inner), generator.floats(inner)], (1, length, inner),
                "[\(length), \(inner)]")
        }
    }

    @Test("no result is no work")
    func empty() {
        var program = nnx_program()
        (program.rank, program.shape.0, program.output_count) = (1, 0, 1)
        let problem = nnx_program_sum_problem(program: program, outer: 0, length: 3, inner: 2, scales: nil)
        #expect(nnx_program_sum_plan(nnx_isa_default(), problem).work.phase_count == 0)
    }
}
