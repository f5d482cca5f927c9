import CKernels
import Testing

@Suite struct MovementTests {
    private func problem(shape: [Int], source: [Int], destination: [Int], bytes: Int32) -> nnx_copy_problem {
        func tuple(_ values: [Int]) -> (Int, Int, Int, Int, Int, Int, Int, Int) {
            let v = values + [Int](repeating: 0, count: 8 - values.count)
            return (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7])
        }
        return nnx_copy_problem(
            element_bytes: bytes, rank: Int32(shape.count), shape: tuple(shape), source_strides: tuple(source),
            destination_strides: tuple(destination))
    }

    private func rowMajor(_ shape: [Int]) -> [Int] {
        var (strides, step) = ([Int](repeating: 0, count: shape.count), 1)
        for axis in shape.indices.reversed() {
            strides[axis] = step
            step *= shape[axis]
        }
        return strides
    }

    /// Copies element by element: the meaning of a strided copy.
    private func expected<Element>(_ from: [Element], offset: Int, shape: [Int], source: [Int]) -> [Element] {
        (0..<shape.reduce(1, *)).map { element in
            var (rest, place) = (element, offset)
            for axis in shape.indices.reversed() {
                place += rest % shape[axis] * source[axis]
                rest /= shape[axis]
            }
            return from[place]
        }
    }

    private func check<Element: BinaryInteger>(_ type: Element.Type, seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        let shape = (0..<generator.pick([0, 1, 2, 3, 4])).map { _ in generator.pick([1, 2, 3, 5, 17, 33]) }
        let axes = Array(shape.indices).shuffled(using: &generator), count = shape.reduce(1, *)
        var source = [Int](repeating: 0, count: shape.count)
        var step = 1
        for axis in axes.reversed() {
            source[axis] = step
            step *= shape[axis]
        }
        var offset = 0
        // Sometimes an axis runs backwards, sometimes it is broadcast.
        if let axis = shape.indices.randomElement(using: &generator), seed % 3 == 0 {
            offset = (shape[axis] - 1) * source[axis]
            source[axis] = -source[axis]
        } else if let axis = shape.indices.randomElement(using: &generator), seed % 3 == 1 {
            source[axis] = 0
        }
        let from = (0..<count).map { Element($0) }
        var to = [Element](repeating: 0, count: count)
        let plan = nnx_copy_plan(
            nnx_isa_default(),
            problem(
                shape: shape, source: source, destination: rowMajor(shape), bytes: Int32(MemoryLayout<Element>.size)))
        from.withUnsafeBufferPointer { from in
            to.withUnsafeMutableBufferPointer { to in
                Schedule.several[seed % 4].run(plan.work) { _, chunk, _, _ in
                    withUnsafePointer(to: plan) { nnx_copy_run($0, chunk, from.baseAddress! + offset, to.baseAddress!) }
                }
            }
        }
        #expect(to == expected(from, offset: offset, shape: shape, source: source), "\(shape), \(source)")
    }

    @Test("permutations, flips and broadcasts of both element sizes")
    func permutations() {
        for seed in 0..<200 {
            check(UInt32.self, seed: seed)
            check(UInt64.self, seed: seed)
        }
    }

    @Test("a large transposition cut into chunks")
    func largeTransposition() {
        let (rows, columns) = (301, 517)
        let from = (0..<UInt32(rows * columns)).map { $0 }
        var to = [UInt32](repeating: 0, count: from.count)
        var plan = nnx_copy_plan(
            nnx_isa_default(),
            problem(shape: [columns, rows], source: [1, columns], destination: [rows, 1], bytes: 4))
        #expect(plan.work.chunk_count.0 > 1)
        Schedule.several[3].run(plan.work) { _, chunk, _, _ in nnx_copy_run(&plan, chunk, from, &to) }
        #expect(to == expected(from, offset: 0, shape: [columns, rows], source: [1, columns]))
    }

    @Test("gather, scatter, one-hot, fill and cast; what is no index gives NaN or is skipped")
    func rows() {
        var gathered = [Float](repeating: 0, count: 6)
        nnx_gather_rows_float([1, 2, 3, 4], 2, 2, [1, 2, 0], 3, &gathered)
        #expect(gathered[0...1] == [3, 4] && gathered[2].isNaN && gathered[3].isNaN && gathered[4...5] == [1, 2])
        var table: [Double] = [0, 0, 0, 0]
        nnx_scatter_add_rows_double(&table, 2, 2, [1, 1, 7], 3, [1, 2, 10, 20, 5, 5], 0, 2)
        #expect(table == [0, 0, 11, 22])
        var hot = [Float](repeating: 9, count: 9)
        nnx_one_hot_float([2, 0.5, 0], 3, 3, &hot)
        #expect(hot[0...2] == [0, 0, 1] && hot[3...5].allSatisfy { $0.isNaN } && hot[6...8] == [1, 0, 0])
        var filled = [Double](repeating: 0, count: 3)
        nnx_fill_double(&filled, 2, 1.5)
        #expect(filled == [1.5, 1.5, 0])
        var narrow: [Float] = [0, 0]
        nnx_cast_double_to_float([0.1, 1e300], &narrow, 2)
        #expect(narrow == [0.1, .infinity])
    }
}
