import Testing
import Training

@Suite struct ProgressTests {
    @Test func tellsStartEpochsAndEnd() throws {
        var request = try Sample.moonsRequest()
        request.epochs = 3
        var told: [TrainingProgress] = []
        request.progress = { told.append($0) }
        let result = try fit(request)
        #expect(told.first?.kind == .started && told.last?.kind == .finished)
        let epochs = told.filter { $0.kind == .epoch }
        #expect(epochs.map(\.epoch) == [1, 2, 3] && epochs.map(\.step) == [4, 8, 12])
        #expect(epochs.allSatisfy { $0.steps == 12 && $0.epochs == 3 && $0.task == "fit Classifier" })
        #expect(epochs.map(\.loss) == result.history.loss)
        #expect(epochs.map(\.accuracy) == result.history.accuracy)
        #expect(epochs.map(\.validationLoss) == result.history.validationLoss)
        #expect(told.last?.lossCurve.count == 12)
        #expect(told.last?.secondsLeft == 0)
    }

    @Test func theCurveStaysShort() throws {
        var request = try Sample.moonsRequest()
        request.epochs = 100
        var last: TrainingProgress?
        request.progress = { last = $0 }
        _ = try fit(request)
        let curve = try #require(last?.lossCurve)
        #expect((30...60).contains(curve.count))
        #expect(try #require(curve.last) < curve[0])
    }
}
