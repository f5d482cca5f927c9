import CKernels
import Testing

/// Elementary functions against float64, over all exponents, signs and special values.
@Suite struct VectorMathTests {
    /// Largest error allowed, in units in the last place of the float result.
    static let limits: [(nnx_opcode, Double)] = [
        (.square_root, 0.51), (.reciprocal_square_root, 2), (.reciprocal, 0.51), (.exp, 2), (.expm1, 3), (.log, 2),
        (.log1p, 4), (.sin, 2), (.cos, 2), (.tan, 2), (.tanh, 3), (.sigmoid, 4), (.erf, 4), (.softplus, 4), (.floor, 0),
        (.ceil, 0), (.round, 0),
    ]

    /// Every 40 009th bit pattern, so all exponents with both signs, denormals, infinities and NaN.
    static let arguments: [Float] =
        stride(from: UInt32(0), to: UInt32.max - 40_009, by: 40_009).map(Float.init(bitPattern:)) + [
            0, -0.0, .infinity, -.infinity, .nan, 1, -1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 88.72, 88.73,
            -103.9, -104,
        ] + stride(from: Float(-10), to: 10, by: 0.003)

    private func program(_ opcode: nnx_opcode, operands: Int) -> Program {
        let instruction = nnx_instruction(
            opcode: opcode, destination: Int16(operands), a: 0, b: Int16(operands - 1), c: 0, d: 0, e: 0,
            first_immediate: 0,
            second_immediate: 0)
        return Program(
            shape: [VectorMathTests.arguments.count],
            inputs: (0..<operands).map { _ in Program.operand(.contiguous) }, instructions: [instruction])
    }

    /// The first result further from float64 than `limit` units in the last place, or nil.
    private func firstMiss(_ actual: [Float], _ expected: [Double], limit: Double) -> Int? {
        for (index, (a, e)) in zip(actual, expected).enumerated() {
            let rounded = Float(e)
            if rounded.isNaN ? a.isNaN : a == rounded { continue }
            // Results that are denormal may be off by two of the smallest steps.
            let step = max(
                Double(rounded.ulp), Double(Float.leastNonzeroMagnitude) * (abs(e) < 1.2e-38 ? 2 / max(limit, 1) : 1))
            if rounded.isInfinite { return abs(a) > 3.4e38 && (a > 0) == (rounded > 0) ? nil : index }
            if !(abs(Double(a) - e) <= max(limit, 0.5) * step) { return index }
        }
        return nil
    }

    @Test("errors stay within some units in the last place", arguments: instructionSets)
    func accuracy(isa: nnx_isa) {
        for (opcode, limit) in VectorMathTests.limits {
            let program = program(opcode, operands: 1), data = [VectorMathTests.arguments]
            let actual = program.fast(isa, data)[0], expected = program.plain(data)[0]
            let miss = firstMiss(actual, expected, limit: limit)
            #expect(
                miss == nil,
                "\(opcode) of \(miss.map { VectorMathTests.arguments[$0] } ?? 0) is \(miss.map { actual[$0] } ?? 0)")
        }
    }

    @Test("powers, special values included", arguments: instructionSets)
    func power(isa: nnx_isa) {
        var generator = SplitMix(state: 8)
        let special: [Float] = [0, -0.0, 1, -1, 2, -2, 3, 0.5, .infinity, -.infinity, .nan]
        let bases = VectorMathTests.arguments.indices.map { index in
            index % 7 == 0 ? special.randomElement(using: &generator)! : Float.random(in: 0.01...50, using: &generator)
        }
        let exponents = bases.indices.map { index in
            index % 7 == 0 ? special.randomElement(using: &generator)! : Float.random(in: -20...20, using: &generator)
        }
        let program = program(.power, operands: 2)
        let actual = program.fast(isa, [bases, exponents])[0], expected = program.plain([bases, exponents])[0]
        let miss = firstMiss(actual, expected, limit: 2)
        #expect(miss == nil, "\(miss.map { "\(bases[$0]) ^ \(exponents[$0]) is \(actual[$0])" } ?? "")")
    }
}
