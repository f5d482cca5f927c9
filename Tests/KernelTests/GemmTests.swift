import CKernels
import Scheduling
import Testing

@Suite struct GemmTests {
    static let sizes: [(Int, Int, Int)] = [
        (1, 1, 1), (3, 5, 7), (7, 7, 0), (6, 16, 31), (17, 33, 65), (31, 1, 17), (64, 120, 400), (64, 10, 84),
        (64, 400, 120), (400, 120, 64), (193, 70, 300), (5, 600, 300), (20, 6, 5000), (33, 40, 2048), (2, 1024, 1024),
        (9, 2102, 510),
    ]

    private func operands(_ problem: nnx_gemm_problem, seed: UInt64) -> (
        a: [Float], b: [Float], c: [Float], bias: [Float]
    ) {
        var generator = SplitMix(state: seed)
        let bias = generator.floats(problem.columns)
        return (
            generator.floats(problem.rows * problem.depth), generator.floats(problem.depth * problem.columns),
            generator.floats(problem.rows * problem.c_row_stride), bias
        )
    }

    private func fast(
        _ isa: nnx_isa, _ problem: nnx_gemm_problem, seed: UInt64, _ schedule: Schedule,
        by algorithm: nnx_gemm_algorithm = .empty
    ) -> [Float] {
        let (a, b, c, bias) = operands(problem, seed: seed)
        var plan = nnx_gemm_plan_by(algorithm, isa, problem)
        return c.atOffset(1) { c in
            schedule.run(plan.work) { phase, chunk, shared, worker in
                nnx_gemm_run(&plan, phase, chunk, a, b, c, bias, shared, worker)
            }
        }.1
    }

    private func plain(_ problem: nnx_gemm_problem, seed: UInt64) -> [Double] {
        let (a, b, c, bias) = operands(problem, seed: seed)
        var problem = problem
        var result = c.doubles
        nnx_plain_gemm_double(&problem, a.doubles, b.doubles, &result, bias.doubles)
        return result
    }

    private func problem(_ size: (Int, Int, Int), transposed: Int, epilogue: Int) -> nnx_gemm_problem {
        let (rows, columns, depth) = size
        let (aTransposed, bTransposed) = (transposed & 1 == 1, transposed & 2 == 2)
        return nnx_gemm_problem(
            rows: rows, columns: columns, depth: depth,
            a_row_stride: aTransposed ? 1 : depth, a_column_stride: aTransposed ? rows : 1,
            b_row_stride: bTransposed ? 1 : columns, b_column_stride: bTransposed ? depth : 1,
            c_row_stride: columns + epilogue, accumulate: epilogue == 1, has_bias: epilogue > 0,
            activation: epilogue == 2 ? .relu : .none)
    }

    /// All that there are, whatever they will be.
    private static let algorithms = (1..<Int32(nnx_gemm_algorithm_count())).compactMap {
        nnx_gemm_algorithm(rawValue: $0)
    }

    @Test("every algorithm, transposition and epilogue agrees with float64, forced or chosen", arguments: 0..<4)
    func agreesWithPlain(transposed: Int) {
        for size in GemmTests.sizes {
            for epilogue in 0..<3 {
                let problem = problem(size, transposed: transposed, epilogue: epilogue)
                let expected = plain(problem, seed: 7)
                for algorithm in Self.algorithms {
                    for isa in instructionSets
                    where nnx_gemm_plan_by(algorithm, isa, problem).algorithm == algorithm {
                        let actual = fast(isa, problem, seed: 7, .inOrder, by: algorithm)
                        // Rounding errors of a long sum add up where it is not split, which is why it would be.
                        let isChosen = nnx_gemm_plan(isa, problem).algorithm == algorithm
                        let tolerance = 2e-5 * (isChosen ? 1 : max(1, Double(size.2) / 1000))
                        let difference = firstDifference(actual, expected, tolerance: tolerance)
                        #expect(
                            difference == nil,
                            "\(isa.testDescription), \(algorithm), \(size), epilogue \(epilogue)")
                    }
                }
            }
        }
    }

    @Test("the sizes above reach every algorithm, forced or chosen", arguments: instructionSets)
    func reachesEveryAlgorithm(isa: nnx_isa) {
        let problems = [0, 2].flatMap { transposed in
            (GemmTests.sizes + [(0, 3, 3)]).map { problem($0, transposed: transposed, epilogue: 0) }
        }
        let reached = Set(problems.map { nnx_gemm_plan(isa, $0).algorithm })
        #expect(reached == Set([.empty] + Self.algorithms))
        for algorithm in Self.algorithms {
            #expect(problems.contains { nnx_gemm_plan_by(algorithm, isa, $0).algorithm == algorithm })
        }
    }

    @Test("bits depend neither on the order of chunks nor on the number of workers", arguments: instructionSets)
    func sameBits(isa: nnx_isa) {
        for (size, transposed) in [
            ((64, 120, 400), 0), ((193, 70, 300), 2), ((20, 6, 5000), 2), ((5, 600, 300), 0), ((3, 600, 5000), 0),
        ] {
            let problem = problem(size, transposed: transposed, epilogue: 2)
            for algorithm in [.empty] + Self.algorithms {
                let expected = fast(isa, problem, seed: 3, .inOrder, by: algorithm).bits
                for schedule in Schedule.several {
                    #expect(fast(isa, problem, seed: 3, schedule, by: algorithm).bits == expected)
                }
            }
        }
    }

    @Test("bits are the same on real threads")
    func sameBitsOnThreads() {
        let problem = problem((193, 300, 300), transposed: 0, epilogue: 0)
        let expected = fast(nnx_isa_default(), problem, seed: 3, .inOrder).bits
        let (a, b, c, bias) = operands(problem, seed: 3)
        for threads in [1, 2, 3, 8] {
            let pool = ThreadPool(threads: threads, limit: threads)
            let plan = nnx_gemm_plan(nnx_isa_default(), problem)
            var result = c
            let shared = UnsafeMutableRawPointer.allocate(byteCount: plan.work.shared_bytes + 64, alignment: 64)
            let scratch = (0..<threads).map { _ in
                UnsafeMutableRawPointer.allocate(byteCount: plan.work.worker_bytes + 64, alignment: 64)
            }
            result.withUnsafeMutableBufferPointer { c in
                for phase in 0..<plan.work.phase_count {
                    let chunks = withUnsafePointer(to: plan.work) { nnx_work_chunk_count($0, phase) }
                    pool.parallelFor(chunks) { chunk, worker in
                        withUnsafePointer(to: plan) {
                            nnx_gemm_run($0, phase, chunk, a, b, c.baseAddress, bias, shared, scratch[worker])
                        }
                    }
                }
            }
            for memory in scratch + [shared] { memory.deallocate() }
            #expect(result.bits == expected, "\(threads) threads")
        }
    }

    @Test("a result larger than the caches, past which it is written, is whole", arguments: instructionSets)
    func bypassesCaches(isa: nnx_isa) {
        let (rows, columns) = (4099, 4112)
        var generator = SplitMix(state: 6)
        let (a, b) = (generator.floats(rows), generator.floats(columns))
        let problem = nnx_gemm_problem(
            rows: rows, columns: columns, depth: 1, a_row_stride: 1, a_column_stride: 1, b_row_stride: columns,
            b_column_stride: 1, c_row_stride: columns, accumulate: false, has_bias: false, activation: .none)
        var plan = nnx_gemm_plan(isa, problem)
        #expect(plan.bypasses)
        // At an address of whole vectors, and at one that is none.
        for offset in [0, 1] {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: (rows * columns + 1) * 4, alignment: 64)
            defer { memory.deallocate() }
            let c = memory.assumingMemoryBound(to: Float.self) + offset
            Schedule.several[1].run(plan.work) { phase, chunk, shared, worker in
                nnx_gemm_run(&plan, phase, chunk, a, b, c, nil, shared, worker)
            }
            let wrong = stride(from: 0, to: rows * columns, by: 7).first { c[$0] != a[$0 / columns] * b[$0 % columns] }
            #expect(wrong == nil, "offset \(offset)")
        }
    }

    @Test("relu lets NaN through", arguments: instructionSets)
    func reluKeepsNaN(isa: nnx_isa) {
        let problem = nnx_gemm_problem(
            rows: 1, columns: 3, depth: 1, a_row_stride: 1, a_column_stride: 1, b_row_stride: 3, b_column_stride: 1,
            c_row_stride: 3, accumulate: false, has_bias: false, activation: .relu)
        var plan = nnx_gemm_plan(isa, problem)
        var c: [Float] = [0, 0, 0]
        Schedule.inOrder.run(plan.work) { phase, chunk, shared, worker in
            nnx_gemm_run(&plan, phase, chunk, [1], [.nan, -1, 2], &c, nil, shared, worker)
        }
        #expect(c[0].isNaN && c[1] == 0 && c[2] == 2)
    }
}
