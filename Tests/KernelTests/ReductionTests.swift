import CKernels
import Testing

@Suite struct ReductionTests {
    static let kinds: [nnx_reduction_kind] = [.sum, .product, .maximum, .minimum, .argmax, .argmin]
    static let sizes: [(Int, Int, Int)] = [
        (1, 1, 1), (1, 0, 1), (2, 0, 3), (1, 7, 1), (3, 5, 7), (17, 31, 1), (1, 33, 17), (5, 64, 400), (1, 70_000, 1),
        (1, 50_000, 6), (1, 3000, 33), (2, 3000, 16), (300, 3, 5), (1, 20_000, 16), (1, 2, 1000), (64, 10, 1),
    ]

    private func run(_ isa: nnx_isa, _ problem: nnx_reduction_problem, _ x: [Float], _ y: [Float], _ schedule: Schedule)
        -> [Float]
    {
        var plan = nnx_reduction_plan(isa, problem)
        return y.atOffset(1) { y in
            schedule.run(plan.work) { phase, chunk, shared, _ in nnx_reduction_run(&plan, phase, chunk, x, y, shared) }
        }.1
    }

    @Test("all kinds, shapes and splits agree with float64 and keep their bits", arguments: instructionSets)
    func agreesWithPlain(isa: nnx_isa) {
        for (outer, length, inner) in ReductionTests.sizes {
            for kind in ReductionTests.kinds {
                for hasNaN in [false, true] {
                    var generator = SplitMix(state: 6)
                    var x = generator.floats(outer * length * inner, in: kind == .product ? 0.999...1.001 : -1...1)
                    if hasNaN && !x.isEmpty { x[x.count / 2] = .nan }
                    let y = generator.floats(outer * inner)
                    var problem = nnx_reduction_problem(
                        kind: kind, outer: outer, length: length, inner: inner, scale: length % 2 == 0 ? 0.5 : 1,
                        accumulate: length % 3 == 0)
                    var expected = y.doubles
                    nnx_plain_reduction_double(&problem, x.doubles, &expected)
                    let actual = run(isa, problem, x, y, .inOrder)
                    #expect(firstDifference(actual, expected, tolerance: 3e-5) == nil, "\(problem)")
                    for schedule in Schedule.several { #expect(run(isa, problem, x, y, schedule).bits == actual.bits) }
                }
            }
        }
    }

    @Test("a long float sum keeps its accuracy", arguments: instructionSets)
    func longSum(isa: nnx_isa) {
        let problem = nnx_reduction_problem(
            kind: .sum, outer: 1, length: 1_000_000, inner: 1, scale: 1, accumulate: false)
        let x = [Float](repeating: 0.1, count: 1_000_000)
        let sum = run(isa, problem, x, [0], .inOrder)[0], exact = Double(Float(0.1)) * 1_000_000
        #expect(abs(Double(sum) - exact) / exact < 1e-6)
    }

    @Test("the first of equal extremes is the one reported", arguments: instructionSets)
    func firstExtreme(isa: nnx_isa) {
        let x: [Float] = [1, 3, 3, -2, -2]
        func place(_ kind: nnx_reduction_kind) -> Float {
            run(
                isa, nnx_reduction_problem(kind: kind, outer: 1, length: 5, inner: 1, scale: 1, accumulate: false), x,
                [9], .inOrder)[0]
        }
        #expect(place(.argmax) == 1 && place(.argmin) == 3)
    }
}
