import Foundation
import Graphs
import Networks
import Scheduling
import Tensors
import Testing
import Training

@Suite struct ReproducibilityTests {
    private func isSame(_ left: FitResult, _ right: FitResult) -> Bool {
        left.weights == right.weights && left.weights.bytes == right.weights.bytes && left.history == right.history
            && left.trainAccuracy == right.trainAccuracy && left.testAccuracy == right.testAccuracy
    }

    private func request(epochs: Int) throws -> FitRequest {
        var request = try Sample.moonsRequest()
        request.epochs = epochs
        request.regularizers = [try Sample.squares()]
        return request
    }

    @Test func threadsChangeNoBit() throws {
        var request = try Sample.moonsRequest(300)
        request.definition = Sample.classifier(hidden: 200)
        request.batch = 64
        request.epochs = 2
        let results = try [1, 2, 3, 8].map { threads in
            request.pool = ThreadPool(threads: threads, limit: threads)
            return try fit(request)
        }
        for result in results.dropFirst() { #expect(isSame(result, results[0])) }
    }

    @Test func threadsChangeNoBitOfGatheredAndClippedGradients() throws {
        var request = try Sample.moonsRequest(300)
        request.definition = Sample.classifier(hidden: 200)
        request.batch = 16
        request.accumulated = 4
        request.clipping = GradientClipping(value: 0.1, norm: 0.2)
        request.epochs = 2
        let results = try [1, 2, 3, 8].map { threads in
            request.pool = ThreadPool(threads: threads, limit: threads)
            return try fit(request)
        }
        for result in results.dropFirst() { #expect(isSame(result, results[0])) }
        request.clipping = GradientClipping()
        #expect(try fit(request).weights != results[0].weights)
    }

    @Test func otherSeedsGiveOtherRuns() throws {
        var request = try request(epochs: 1)
        let first = try fit(request)
        request.seed = 8
        #expect(try fit(request).weights != first.weights)
    }

    @Test func threeEpochsAndTwoAreFive() throws {
        let whole = try fit(request(epochs: 5))
        let first = try fit(request(epochs: 3))
        var rest = try request(epochs: 5)
        rest.resume = first.state
        rest.batch = nil
        rest.seed = 99
        let resumed = try fit(rest)
        #expect(isSame(resumed, whole))
        #expect(resumed.seed == whole.seed)
    }

    @Test(arguments: [1, 5, 7, 8, 19])
    func anInterruptedRunGoesOnAsIfNothingHadHappened(_ step: Int) throws {
        let whole = try fit(request(epochs: 5))
        var interrupted = try request(epochs: 5)
        let token = CancellationToken()
        interrupted.cancellation = token
        // A schedule is asked before each step: the request comes during step `step`.
        let optimizer = interrupted.optimizer
        interrupted.optimizer.schedules = [
            (
                "pause",
                Schedule { now in
                    if now == step { token.cancel() }
                    return 0
                }
            )
        ]
        let part = try fit(interrupted)
        #expect(part.stopReason == .interrupted)
        #expect(part.history.stepLoss.count == step && part.trainAccuracy == nil)
        interrupted.optimizer = optimizer
        interrupted.cancellation = nil
        interrupted.resume = part.state
        #expect(try isSame(fit(interrupted), whole))
    }

    @Test func aSecondRequestAborts() throws {
        var request = try request(epochs: 5)
        let token = CancellationToken()
        request.cancellation = token
        request.progress = { if $0.kind == .epoch { token.abort() } }
        #expect(throws: Cancelled.self) { try fit(request) }
    }

    @Test func aCheckpointResumes() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-\(UUID().uuidString)/run").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try fit(request(epochs: 5))
        var first = try request(epochs: 3)
        first.checkpoint = Checkpoint(everyEpochs: 2, path: path)
        first.frozen = [try Selector(parsing: "dense1.b")]
        var reference = try request(epochs: 5)
        reference.frozen = first.frozen
        _ = try fit(first)
        var rest = try request(epochs: 5)
        rest.resume = try TrainingState(reading: path)
        #expect(rest.resume?.epoch == 2)
        let resumed = try fit(rest)
        #expect(try isSame(resumed, fit(reference)))
        #expect(resumed.weights != whole.weights)
    }

    @Test func aResumeThatDoesNotFitIsRefused() throws {
        let state = try fit(request(epochs: 1)).state
        var other = try request(epochs: 2)
        other.resume = state
        other.batch = 10
        #expect(refusal { _ = try fit(other) }.contains("batch 16 | batch 10"))
        other.batch = nil
        other.optimizer = .sgd(0.1)
        #expect(refusal { _ = try fit(other) }.contains("adam | sgd"))
        other.optimizer = .adam(0.05)
        let data = other.train
        other.train = try data.take(49)
        #expect(refusal { _ = try fit(other) }.contains("50 samples | 49 samples"))
        other.train = data
        other.frozen = [try Selector(parsing: "dense1")]
        #expect(refusal { _ = try fit(other) }.contains("the state of its optimizer does not fit"))
    }

    @Test func aFileThatIsNoCheckpointIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try fit(request(epochs: 0)).weights.save(to: path)
        #expect(refusal { _ = try TrainingState(reading: path) }.contains("holds no state of a run"))
    }
}
