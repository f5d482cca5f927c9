import Foundation
import Testing

@Suite("Layers beside PyTorch's")
struct LayerReferenceTests {
    /// A tensor of Tests/Reference/layers.json, as a script writes it.
    struct Numbers: Decodable, Sendable {
        let shape: [Int]
        let values: [Double]

        var text: String { "reshape(\(values), \(shape))" }
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let expression: String
        let x: Numbers
        let y: Numbers
        let derivative: Numbers

        var testDescription: String { "\(expression) of \(x.shape)" }
    }

    struct Reference: Decodable {
        let w: Numbers
        let cases: [Case]
    }

    static func reference() throws -> Reference { try ReferenceRuns.read("layers") }

    @Test("values and derivatives are PyTorch's", arguments: try reference().cases)
    func agrees(reference: Case) throws {
        // At the prompt a layer with weights computes in float32.
        let hasWeights = ["group_norm", "layer_norm", "prelu"].contains { reference.expression.contains($0) }
        let tolerance = hasWeights ? 1e-6 : 1e-10
        try NetworkScripts.run(
            """
            let w = \(try Self.reference().w.text)
            let x = \(reference.x.text)
            fn layer(x) = \(reference.expression)
            let y = layer(x)
            let weights = reshape(cos(arange(0, y.size)), y.shape)
            expect y.shape == \(reference.y.shape)
            expect close(y, \(reference.y.text), tol: \(tolerance))
            expect close(grad(x -> sum(layer(x) * weights))(x), \(reference.derivative.text), tol: \(tolerance))
            """)
    }

    @Test("what a layer cannot do is refused")
    func refusals() throws {
        try NetworkScripts.run(
            """
            let x = ones([1, 4, 4, 6])
            expect_error "groups 4 do not divide the 6 channels" { x |> group_norm(4) }
            expect_error "whole factor of 1 or more" { x |> upsample(0.5) }
            expect_error "nearest or bilinear" { x |> upsample(2, mode: "cubic") }
            expect_error "add of blocks takes blocks only" { add({ relu }, 3) }
            net R { flatten; reshape([3, 4, 5]) }
            expect_error "keeps the number of elements" { summary(R(), input: [4, 4, 6]) }
            """)
    }

    @Test("reshape, add and depthwise convolution as layers have readable names")
    func names() throws {
        try NetworkScripts.run(
            """
            net N {
                dense(24); reshape([2, 3, 4])
                add { conv(4, 1) } { } { conv(channels, 3, groups: channels, pad: [1, 1, 2, 0]); sigmoid }
                reshape([-1]); softmax
            }
            let n = initialize(N(), input: [5])
            expect n.weights == ["dense1.W", "dense1.b", "summed1.conv1.W", "summed1.conv1.b", "summed1.conv2.W",
                "summed1.conv2.b"]
            expect n["summed1.conv2.W"].shape == [3, 3, 1, 4]
            expect n.unflatten1.output == [2, 3, 4] and n.softmax1.output == [24]
            expect close(sum(predict(n, randn([2, 5])), axis: -1), ones([2]))
            """)
    }
}
