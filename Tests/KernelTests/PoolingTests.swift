import CKernels
import Testing

@Suite struct PoolingTests {
    private func problem(seed: Int) -> nnx_pooling_problem {
        var generator = SplitMix(state: UInt64(seed))
        var problem = nnx_pooling_problem()
        problem.kind = [.maximum, .average_of_valid, .average_of_window][seed % 3]
        problem.batch = generator.pick([1, 2, 3])
        problem.input_height = generator.pick([1, 4, 7, 10, 17])
        problem.input_width = generator.pick([1, 4, 7, 10, 17])
        problem.channels = generator.pick([1, 3, 6, 16, 17, 33])
        if generator.pick([0, 1, 2]) == 0 {
            (problem.window_height, problem.window_width, problem.stride_height, problem.stride_width) = (2, 2, 2, 2)
            return problem
        }
        problem.window_height = generator.pick([1, 2, 3])
        problem.window_width = generator.pick([1, 2, 3])
        problem.stride_height = generator.pick([1, 2, 3])
        problem.stride_width = generator.pick([1, 2, 3])
        problem.pad_top = generator.pick([0, 1]) % problem.window_height
        problem.pad_left = generator.pick([0, 1]) % problem.window_width
        problem.pad_bottom = generator.pick([0, 1]) % problem.window_height
        problem.pad_right = generator.pick([0, 1]) % problem.window_width
        return problem
    }

    private func sizes(_ problem: nnx_pooling_problem) -> (x: Int, y: Int) {
        var problem = problem
        let pixels = nnx_pooling_output_height(&problem) * nnx_pooling_output_width(&problem)
        return (
            problem.batch * problem.input_height * problem.input_width * problem.channels,
            problem.batch * pixels * problem.channels
        )
    }

    @Test("forward and gradient agree with float64, with ties and NaN", arguments: instructionSets)
    func agreesWithPlain(isa: nnx_isa) {
        for seed in 0..<240 {
            var problem = problem(seed: seed)
            var generator = SplitMix(state: 1)
            let (xCount, yCount) = sizes(problem)
            // Few distinct values, so that windows have several maxima.
            var x = generator.floats(xCount, in: -4...4).map { $0.rounded() }
            if seed % 5 == 0 { x[xCount / 2] = .nan }
            let dy = generator.floats(yCount)
            var (y, dx) = ([Float](repeating: .nan, count: yCount), [Float](repeating: .nan, count: xCount))
            var plan = nnx_pooling_plan(isa, problem), gradient = nnx_pooling_gradient_plan(isa, problem)
            Schedule.several[seed % 4].run(plan.work) { _, chunk, _, _ in nnx_pooling_run(&plan, chunk, x, &y) }
            Schedule.several[seed % 4].run(gradient.work) { _, chunk, _, _ in
                nnx_pooling_gradient_run(&gradient, chunk, x, y, dy, &dx)
            }
            var (expectedY, expectedDx) = (y.doubles, dx.doubles)
            nnx_plain_pooling_double(&problem, x.doubles, &expectedY)
            nnx_plain_pooling_gradient_double(&problem, x.doubles, dy.doubles, &expectedDx)
            #expect(firstDifference(y, expectedY, tolerance: 1e-5) == nil, "\(problem)")
            #expect(firstDifference(dx, expectedDx, tolerance: 1e-5) == nil, "\(problem)")
        }
    }

    @Test("the first of equal maxima receives the gradient", arguments: instructionSets)
    func firstMaximumWins(isa: nnx_isa) {
        let problem = nnx_pooling_problem(
            kind: .maximum, batch: 1, input_height: 2, input_width: 2, channels: 1, window_height: 2, window_width: 2,
            stride_height: 2, stride_width: 2, pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0)
        var plan = nnx_pooling_gradient_plan(isa, problem)
        var dx: [Float] = [9, 9, 9, 9]
        Schedule.inOrder.run(plan.work) { _, chunk, _, _ in
            nnx_pooling_gradient_run(&plan, chunk, [1, 5, 5, 5], [5], [2], &dx)
        }
        #expect(dx == [0, 2, 0, 0])
    }
}
