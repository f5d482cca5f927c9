import Datasets
import Graphs
import Networks
import Scheduling
import Tensors
import Testing
import Training

@Suite struct EvaluateTests {
    /// x W with W the identity: the prediction is the larger coordinate.
    private var identity: Weights {
        get throws {
            var weights = Weights()
            weights.append("dense1.W", try Tensor([1, 0, 0, 1], shape: [2, 2], elementType: .float32))
            return weights
        }
    }
    private let net = Sample.linear(2, bias: false)

    /// Samples whose larger coordinate is their class, but for every fifth.
    private func data(_ count: Int) throws -> Dataset {
        let labels = (0..<count).map { Int32($0 % 2) }
        let values = (0..<count).flatMap { index -> [Float] in
            let isRight = index % 5 != 0
            return (index % 2 == 0) == isRight ? [2, 1] : [1, 2]
        }
        return Dataset(
            name: "points",
            store: try SampleStore(
                values: .floats(values), sampleShape: [2], targets: .classes(labels, names: ["left", "right"])))
    }

    @Test(arguments: [1, 7, 256, 257, 600])
    func accuracyCountsEverySampleOnce(_ count: Int) throws {
        let found = try evaluate(net, weights: identity, on: data(count), loss: Sample.crossEntropy)
        let wrong = (count + 4) / 5
        #expect(found.accuracy == Double(count - wrong) / Double(count))
        let (right, bad) = (0.313261687518, 1.313261687518)
        let expected = (right * Double(count - wrong) + bad * Double(wrong)) / Double(count)
        let loss = try #require(found.loss)
        #expect(abs(loss - expected) < 1e-5)
        #expect(try evaluate(net, weights: identity, on: data(count)).loss == nil)
    }

    @Test func confusionHasTrueClassesAsRows() throws {
        let counts = try confusionCounts(net, weights: identity, on: data(20))
        #expect(counts.shape == [2, 2])
        #expect(counts.doubles == [8, 2, 2, 8])
        let oneSided = try confusionCounts(net, weights: identity, on: data(1))
        #expect(oneSided.doubles == [0, 1, 0, 0])
        #expect(
            refusal { _ = try confusionCounts(net, weights: identity, on: Sample.regression(4)) }
                .contains("has no classes"))
    }

    @Test(arguments: [0, 1, 255, 700])
    func predictionTakesManySamplesInParts(_ count: Int) throws {
        let input = try Tensor((0..<2 * count).map { Double($0 % 97) }, shape: [count, 2], elementType: .float32)
        let output = try predict(net, weights: identity, input)
        #expect(output.shape == [count, 2])
        #expect(output.doubles == input.doubles)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        #expect(
            refusal { _ = try predict(net, weights: Weights(), Tensor([1, 2], shape: [1, 2])) }
                .contains("Linear has no numbers for its weight 'dense1.W'"))
        #expect(
            refusal { _ = try predict(net, weights: identity, Tensor([1, 2, 3], shape: [1, 3])) }
                .contains("[3, 2] | [2, 2]"))
        #expect(refusal { _ = try predict(net, weights: identity, Tensor(scalar: 1)) }.contains("[batch, …]"))
        #expect(
            refusal { _ = try evaluate(net, weights: identity, on: SyntheticSets.spirals(n: 30, arms: 3).train) }
                .contains("[batch, 3 classes] | [batch, 2]"))
    }

    @Test func aCancelledEvaluationThrows() throws {
        let token = CancellationToken()
        token.cancel()
        #expect(throws: Cancelled.self) { try evaluate(net, weights: identity, on: data(10), cancellation: token) }
        #expect(throws: Cancelled.self) {
            try predict(net, weights: identity, Tensor([1, 2], shape: [1, 2]), cancellation: token)
        }
    }
}
