import CKernels
import Testing

@Suite struct ConvolutionTests {
    /// A random problem: odd sizes, strides, dilations, groups, uneven padding.
    private func problem(seed: Int) -> nnx_convolution_problem {
        var generator = SplitMix(state: UInt64(seed))
        let groups = generator.pick([1, 1, 1, 2, 3]), isDeep = generator.pick([0, 0, 0, 1]) == 1
        var problem = nnx_convolution_problem()
        problem.batch = generator.pick([1, 2, 3])
        problem.groups = groups
        problem.input_channels = groups * generator.pick(isDeep ? [64, 77] : [1, 2, 3, 6])
        problem.output_channels = groups * generator.pick([1, 3, 6, 7, 16, 17, 33, 70])
        if seed % 6 == 0 {
            // Depthwise.
            problem.groups = generator.pick([2, 3, 17, 33])
            (problem.input_channels, problem.output_channels) = (problem.groups, problem.groups)
        }
        problem.input_height = generator.pick([1, 3, 7, 14, 17])
        problem.input_width = generator.pick([1, 3, 7, 14, 17])
        problem.kernel_height = generator.pick([1, 2, 3, 5])
        problem.kernel_width = generator.pick([1, 2, 3, 5])
        problem.stride_height = generator.pick([1, 1, 2, 3])
        problem.stride_width = generator.pick([1, 1, 2, 3])
        problem.dilation_height = generator.pick([1, 1, 2])
        problem.dilation_width = generator.pick([1, 1, 2])
        problem.pad_top = generator.pick([0, 1, 2])
        problem.pad_left = generator.pick([0, 1, 2])
        problem.pad_bottom = generator.pick([0, 1, 3])
        problem.pad_right = generator.pick([0, 1, 3])
        problem.has_bias = generator.pick([0, 1]) == 1
        problem.activation = generator.pick([0, 1]) == 1 ? .relu : .none
        return problem
    }

    private var lenet: [nnx_convolution_problem] {
        let first = nnx_convolution_problem(
            batch: 64, input_height: 28, input_width: 28, input_channels: 1, output_channels: 6, groups: 1,
            kernel_height: 5, kernel_width: 5, stride_height: 1, stride_width: 1, dilation_height: 1,
            dilation_width: 1, pad_top: 2, pad_left: 2, pad_bottom: 2, pad_right: 2, has_bias: true, activation: .relu)
        var second = first
        (second.input_height, second.input_width, second.input_channels, second.output_channels) = (14, 14, 6, 16)
        (second.pad_top, second.pad_left, second.pad_bottom, second.pad_right) = (0, 0, 0, 0)
        return [first, second]
    }

    private var pointwise: nnx_convolution_problem {
        nnx_convolution_problem(
            batch: 3, input_height: 9, input_width: 7, input_channels: 33, output_channels: 17, groups: 1,
            kernel_height: 1, kernel_width: 1, stride_height: 1, stride_width: 1, dilation_height: 1,
            dilation_width: 1, pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0, has_bias: true, activation: .none)
    }

    private var depthwise: nnx_convolution_problem {
        var problem = pointwise
        (problem.groups, problem.output_channels, problem.activation) = (33, 33, .relu)
        (problem.kernel_height, problem.kernel_width, problem.stride_width) = (3, 3, 2)
        (problem.pad_top, problem.pad_left) = (1, 1)
        return problem
    }

    /// Shapes that Winograd's algorithm serves: few and many tiles, channels and pixels that fill none.
    private var threeByThree: [nnx_convolution_problem] { square(kernel: 3) }
    private var fiveByFive: [nnx_convolution_problem] { square(kernel: 5) }

    private func square(kernel: Int) -> [nnx_convolution_problem] {
        let extents = [
            (2, 1, 1, 1, 3), (2, 2, 3, 3, 8), (1, 7, 7, 8, 1), (2, 13, 15, 17, 64), (1, 15, 13, 64, 17),
            (3, 40, 39, 3, 8), (1, 7, 15, 8, 130), (1, 13, 7, 300, 8), (2, 5, 6, 17, 17),
            (8, 2, 2, 64, 64),
        ]
        return extents.enumerated().map { index, extent in
            var problem = pointwise
            (problem.batch, problem.input_height, problem.input_width) = (extent.0, extent.1, extent.2)
            (problem.input_channels, problem.output_channels) = (extent.3, extent.4)
            (problem.kernel_height, problem.kernel_width) = (kernel, kernel)
            (problem.pad_top, problem.pad_bottom) = (kernel / 2, kernel / 2)
            (problem.pad_left, problem.pad_right) = ([1, 1, 0, 2, 1, 3][index % 6] + kernel - 3, kernel / 2)
            problem.has_bias = index % 2 == 0
            problem.activation = index % 3 == 0 ? .relu : .none
            return problem
        }
    }

    private static let passes: [nnx_convolution_pass] = [.forward, .input_gradient, .weight_gradient]
    private static let winograd: [nnx_convolution_algorithm] = [.winograd_2, .winograd_4, .winograd_4_5]
    /// All that there are, whatever they will be.
    private static let algorithms = (1..<Int32(nnx_convolution_algorithm_count())).compactMap {
        nnx_convolution_algorithm(rawValue: $0)
    }

    private struct Tensors {
        var x: [Float], w: [Float], dy: [Float], bias: [Float]

        init(_ problem: nnx_convolution_problem) {
            var generator = SplitMix(state: 99), problem = problem
            let pixels = nnx_convolution_output_height(&problem) * nnx_convolution_output_width(&problem)
            let taps = problem.kernel_height * problem.kernel_width
            x = generator.floats(problem.batch * problem.input_height * problem.input_width * problem.input_channels)
            w = generator.floats(taps * (problem.input_channels / problem.groups) * problem.output_channels)
            dy = generator.floats(problem.batch * pixels * problem.output_channels)
            bias = generator.floats(problem.output_channels)
        }
    }

    /// With the algorithm that the plan chooses, or with one that the test does.
    private func fast(
        _ isa: nnx_isa, _ pass: nnx_convolution_pass, _ problem: nnx_convolution_problem, _ schedule: Schedule,
        by algorithm: nnx_convolution_algorithm = .empty
    ) -> [Float] {
        let tensors = Tensors(problem)
        let (first, second, result) =
            switch pass {
            case .forward: (tensors.x, tensors.w, tensors.dy)
            case .input_gradient: (tensors.dy, tensors.w, tensors.x)
            case .weight_gradient: (tensors.x, tensors.dy, tensors.w)
            }
        var plan = nnx_convolution_plan_by(algorithm, isa, pass, problem)
        return [Float](repeating: .nan, count: result.count).atOffset(3) { result in
            schedule.run(plan.work) { phase, chunk, shared, worker in
                nnx_convolution_run(&plan, phase, chunk, first, second, result, tensors.bias, shared, worker)
            }
        }.1
    }

    private func plain(_ pass: nnx_convolution_pass, _ problem: nnx_convolution_problem) -> [Double] {
        let tensors = Tensors(problem)
        let (x, w, dy) = (tensors.x.doubles, tensors.w.doubles, tensors.dy.doubles)
        var problem = problem
        switch pass {
        case .forward:
            var y = dy
            nnx_plain_convolution_double(&problem, x, w, &y, tensors.bias.doubles)
            return y
        case .input_gradient:
            var dx = x
            nnx_plain_convolution_input_gradient_double(&problem, dy, w, &dx)
            return dx
        case .weight_gradient:
            var dw = w
            nnx_plain_convolution_weight_gradient_double(&problem, x, dy, &dw)
            return dw
        }
    }

    /// Long sums may cancel, and then have the error of their large terms: what is large is said by the whole result.
    private func tolerance(of expected: [Double]) -> Double {
        let mean = expected.reduce(0) { $0 + $1 * $1 } / Double(max(1, expected.count))
        return 1e-4 * max(1, mean.squareRoot() / 4)
    }

    @Test(
        "all passes agree with float64 for random shapes",
        arguments: [nnx_convolution_pass.forward, .input_gradient, .weight_gradient])
    func agreesWithPlain(pass: nnx_convolution_pass) {
        for (index, problem) in ((0..<150).map { problem(seed: $0) } + lenet + [pointwise]).enumerated() {
            let expected = plain(pass, problem)
            for isa in instructionSets {
                let difference = firstDifference(
                    fast(isa, pass, problem, .inOrder), expected, tolerance: tolerance(of: expected))
                #expect(difference == nil, "\(isa.testDescription), case \(index): \(problem)")
            }
        }
    }

    @Test("the shapes above reach every algorithm", arguments: instructionSets)
    func reachesEveryAlgorithm(isa: nnx_isa) {
        var reached: Set<nnx_convolution_algorithm> = []
        for problem in (0..<150).map({ problem(seed: $0) }) + [pointwise] + threeByThree + fiveByFive {
            for pass in Self.passes { reached.insert(nnx_convolution_plan(isa, pass, problem).algorithm) }
        }
        #expect(reached == Set([.empty] + Self.algorithms))
    }

    /// What is computed with an algorithm, on an instruction set.
    private struct Path: Hashable, CustomStringConvertible {
        var algorithm: nnx_convolution_algorithm, pass: nnx_convolution_pass, isa: nnx_isa

        var description: String {
            "\(isa.testDescription), \(pass) by \(String(cString: nnx_convolution_algorithm_name(algorithm)))"
        }
    }

    @Test("every algorithm agrees with float64 where it is forced, also where another one would be chosen")
    func agreesWhenForced() {
        var served = Set<Path>()
        for pass in Self.passes {
            for problem in (0..<40).map({ problem(seed: 500 + $0) }) + threeByThree + fiveByFive + [
                pointwise, depthwise,
            ] {
                let expected = plain(pass, problem)
                for algorithm in Self.algorithms {
                    for isa in instructionSets
                    where nnx_convolution_plan_by(algorithm, isa, pass, problem).algorithm == algorithm {
                        let path = Path(algorithm: algorithm, pass: pass, isa: isa)
                        served.insert(path)
                        let result = fast(isa, pass, problem, .inOrder, by: algorithm)
                        let difference = firstDifference(result, expected, tolerance: tolerance(of: expected))
                        #expect(difference == nil, "\(path): \(problem)")
                        let again = fast(isa, pass, problem, .several[served.count % 4], by: algorithm)
                        #expect(again.bits == result.bits, "\(path): \(problem)")
                    }
                }
            }
        }
        // Each for each pass that it has, on each instruction set.
        for algorithm in Self.algorithms {
            let passes = Set(served.filter { $0.algorithm == algorithm }.map(\.pass))
            #expect(
                !passes.isEmpty, "\(String(cString: nnx_convolution_algorithm_name(algorithm))) serves nothing here")
            for pass in passes {
                for isa in instructionSets {
                    let path = Path(algorithm: algorithm, pass: pass, isa: isa)
                    #expect(served.contains(path), "\(path) serves nothing here")
                }
            }
        }
    }

    @Test("Winograd transforms the tiles first and last in each pass", arguments: instructionSets)
    func reachesBothOrders(isa: nnx_isa) {
        for algorithm in Self.winograd {
            for pass in Self.passes {
                let plans = (threeByThree + fiveByFive).map { nnx_convolution_plan_by(algorithm, isa, pass, $0) }
                let orders = plans.filter { $0.algorithm == algorithm }.map(\.winograd.tiles_first)
                #expect(Set(orders) == [true, false], "\(pass)")
            }
        }
    }

    @Test("Winograd's error relative to the whole result is small", arguments: instructionSets)
    func winogradError(isa: nnx_isa) {
        for (index, channels) in [64, 512, 64, 512].enumerated() {
            var problem = index < 2 ? threeByThree[3] : fiveByFive[3]
            (problem.has_bias, problem.activation) = (false, .none)
            problem.input_channels = channels
            problem.output_channels = channels == 64 ? 64 : 16
            for pass in Self.passes {
                // The input gradient sums over the filters.
                var problem = problem
                if pass == .input_gradient { swap(&problem.input_channels, &problem.output_channels) }
                let expected = plain(pass, problem)
                for algorithm in Self.winograd
                where nnx_convolution_plan_by(algorithm, isa, pass, problem).algorithm == algorithm {
                    let result = fast(isa, pass, problem, .inOrder, by: algorithm)
                    let squared = zip(result, expected).reduce(0) {
                        $0 + ($1.0.isNaN ? .infinity : ($1.1 - Double($1.0)) * ($1.1 - Double($1.0)))
                    }
                    let error = (squared / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
                    #expect(
                        error < (pass == .weight_gradient ? 1e-5 : 5e-6),
                        "\(pass) by \(String(cString: nnx_convolution_algorithm_name(algorithm))), \(channels)")
                }
            }
        }
    }

    @Test("bits depend neither on the order of chunks nor on the number of workers", arguments: instructionSets)
    func sameBits(isa: nnx_isa) {
        for problem in lenet + [problem(seed: 5), problem(seed: 13), depthwise, pointwise] + threeByThree[3...6]
            + fiveByFive[3...6]
        {
            for pass in Self.passes {
                for algorithm in [.empty] + Self.winograd
                where [.empty, nnx_convolution_plan_by(algorithm, isa, pass, problem).algorithm].contains(algorithm) {
                    let expected = fast(isa, pass, problem, .inOrder, by: algorithm).bits
                    for schedule in Schedule.several {
                        #expect(fast(isa, pass, problem, schedule, by: algorithm).bits == expected)
                    }
                }
            }
        }
    }

    @Test("an output without pixels has zero gradients", arguments: instructionSets)
    func emptyOutput(isa: nnx_isa) {
        var problem = pointwise
        (problem.kernel_height, problem.kernel_width) = (10, 10)
        #expect(nnx_convolution_output_height(&problem) == 0)
        #expect(nnx_convolution_plan(isa, .forward, problem).work.phase_count == 0)
        #expect(fast(isa, .input_gradient, problem, .inOrder).allSatisfy { $0 == 0 })
        #expect(fast(isa, .weight_gradient, problem, .inOrder).allSatisfy { $0 == 0 })
    }
}
