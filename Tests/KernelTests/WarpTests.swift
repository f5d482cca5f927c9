import CKernels
import Testing

@Suite struct WarpTests {
    private static let fills: [nnx_warp_fill] = [.constant, .edge, .reflect, .wrap]

    private func problem(_ fill: nnx_warp_fill, height: Int = 5, width: Int = 7, channels: Int = 3) -> nnx_warp_problem
    {
        nnx_warp_problem(
            input_height: height, input_width: width, output_height: 9, output_width: 4, channels: channels, fill: fill,
            value: 0.5)
    }

    /// The pixel at a place beside the image, axis by axis, by walking.
    private func folded(_ place: Int, _ count: Int, _ fill: nnx_warp_fill) -> Int? {
        var (place, step) = (place, 0)
        while place < 0 || place >= count {
            switch fill {
            case .constant: return nil
            case .edge: return place < 0 ? 0 : count - 1
            case .reflect: place = place < 0 ? -1 - place : 2 * count - 1 - place
            case .wrap: place += place < 0 ? count : -count
            @unknown default: return nil
            }
            step += 1
            precondition(step < 1000)
        }
        return place
    }

    /// Bilinear interpolation written out.
    private func expected(_ p: nnx_warp_problem, _ x: [Double], _ m: [Double]) -> [Double] {
        var y: [Double] = []
        for row in 0..<p.output_height {
            for column in 0..<p.output_width {
                let (u, v) = (
                    Double(column) + 0.5 - Double(p.output_width) / 2, Double(row) + 0.5 - Double(p.output_height) / 2
                )
                let sx = m[0] * u + m[1] * v + m[2] + Double(p.input_width) / 2 - 0.5
                let sy = m[3] * u + m[4] * v + m[5] + Double(p.input_height) / 2 - 0.5
                for channel in 0..<p.channels {
                    var sum = 0.0
                    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                        let (px, py) = (Int(sx.rounded(.down)) + dx, Int(sy.rounded(.down)) + dy)
                        let weight = (1 - abs(sx - Double(px))) * (1 - abs(sy - Double(py)))
                        if let fx = folded(px, p.input_width, p.fill), let fy = folded(py, p.input_height, p.fill) {
                            sum += weight * x[(fy * p.input_width + fx) * p.channels + channel]
                        } else {
                            sum += weight * p.value
                        }
                    }
                    y.append(sum)
                }
            }
        }
        return y
    }

    @Test("both element types agree with bilinear interpolation, cut anywhere", arguments: [1, 3, 5])
    func agrees(channels: Int) {
        var generator = SplitMix(state: 4)
        for fill in Self.fills {
            let problem = problem(fill, channels: channels)
            let x = (0..<35 * channels).map { _ in Double.random(in: -1...1, using: &generator) }
            let matrix = [0.9, -0.7, 2.3, 0.6, 1.4, -3.1]
            let count = 36 * channels
            var (double, float) = ([Double](repeating: 0, count: count), [Float](repeating: 0, count: count))
            for (first, last) in [(5, 9), (0, 2), (2, 5)] {
                withUnsafePointer(to: problem) { problem in
                    nnx_warp_double(problem, x, matrix, &double, first, last)
                    nnx_warp_float(problem, x.map { Float($0) }, matrix.map { Float($0) }, &float, first, last)
                }
            }
            for (index, value) in expected(problem, x, matrix).enumerated() {
                #expect(abs(double[index] - value) < 1e-12)
                #expect(abs(Double(float[index]) - value) < 1e-4)
            }
        }
    }

    @Test("places without end or number do no harm")
    func farAway() {
        let x = [Float](repeating: 2, count: 105)
        for fill in Self.fills {
            for matrix: [Float] in [[1, 0, 1e30, 0, 1, 0], [1, 0, -.infinity, 0, 1, 0], [.nan, 0, 0, 0, 1, 0]] {
                var y = [Float](repeating: 7, count: 108)
                withUnsafePointer(to: problem(fill)) { nnx_warp_float($0, x, matrix, &y, 0, 9) }
                let wanted: Float = matrix[0].isNaN ? .nan : fill == .constant ? 0.5 : 2
                #expect(y.allSatisfy { wanted.isNaN ? $0.isNaN : abs($0 - wanted) < 1e-6 }, "\(fill), \(matrix)")
            }
        }
    }

    @Test("the gradient is the adjoint")
    func adjoint() {
        var generator = SplitMix(state: 8)
        for fill in Self.fills {
            var problem = problem(fill)
            problem.value = 0
            let x = (0..<105).map { _ in Double.random(in: -1...1, using: &generator) }
            let dy = (0..<108).map { _ in Double.random(in: -1...1, using: &generator) }
            let matrix = [0.9, -0.7, 2.3, 0.6, 1.4, -3.1]
            var (y, dx) = ([Double](repeating: 0, count: 108), [Double](repeating: 0, count: 105))
            withUnsafePointer(to: problem) {
                nnx_warp_double($0, x, matrix, &y, 0, 9)
                nnx_warp_gradient_double($0, dy, matrix, &dx)
            }
            let (left, right) = (zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 }, zip(x, dx).reduce(0) { $0 + $1.0 * $1.1 })
            #expect(abs(left - right) < 1e-12)
        }
    }
}
