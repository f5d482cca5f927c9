import Graphs
import Networks
import Scheduling
import Tensors
import Testing
import Training

/// Weights that steps change besides the gradient, and random numbers within a step.
@Suite struct StatisticsTests {
    /// Drops half of the hidden values and counts the steps.
    private var dropping: TestNetwork {
        TestNetwork(name: "Dropping") { x, trace in
            let hidden = try trace.dense(x, 200)
            let kept = try trace.layer("dropout") {
                let builder = trace.builder
                let count = try trace.weight("count", shape: [1], initializer: .constant(0), isTrainable: false)
                guard trace.isTraining else { return hidden }
                try trace.update(count, to: builder.add(count, 1))
                let mask = try builder.call("greater_equal", trace.uniform(hidden.shape), builder.scalar(0.5, .float32))
                return try builder.multiply(builder.multiply(hidden, mask), 2)
            }
            return try trace.dense(kept, 2)
        }
    }

    private func request() throws -> FitRequest {
        var request = try Sample.moonsRequest(300)
        request.definition = dropping
        request.batch = 64
        request.epochs = 2
        return request
    }

    @Test func threadsChangeNoBitOfDropout() throws {
        var request = try request()
        let results = try [1, 2, 3, 8].map { threads in
            request.pool = ThreadPool(threads: threads, limit: threads)
            return try fit(request).weights.bytes
        }
        for result in results.dropFirst() { #expect(result == results[0]) }
        request.seed += 1
        #expect(try fit(request).weights.bytes != results[0])
    }

    @Test func stepsChangeWhatIsNoParameter() throws {
        var request = try request()
        let result = try fit(request)
        #expect(result.weights["dropout1.count"]?.doubles == [10])
        #expect(result.weights.parameterCount == 2 * 200 + 200 + 200 * 2 + 2)
        request.weights = result.weights
        #expect(try fit(request).weights["dropout1.count"]?.doubles == [20])
        // The first run's weights are values: the second one left them alone.
        #expect(result.weights["dropout1.count"]?.doubles == [10])
        request.frozen = [try Selector(parsing: "dropout1")]
        #expect(try fit(request).weights["dropout1.count"]?.doubles == [10])
    }
}
