import Datasets
import Graphs
import Networks
import Testing
import Training

@Suite("Memory that is told beforehand")
struct StepMemoryTests {
    @Test("the plan has the size that was told")
    func agrees() throws {
        let request = try Sample.moonsRequest(50, optimizer: .momentum(0.1, mu: 0.9))
        let batch = try #require(request.batch)
        let told = try StepMemory(request, batch: batch)
        let made = try initialWeights(request.definition, sampleShape: [2], seed: 1)
        let bytes = made.bytes.count
        #expect(told.weights == 2 * bytes && told.optimizer == bytes && told.result == 2 * bytes)
        #expect(told.largest.count == 5 && told.batch == batch)
        #expect(told.total > 5 * bytes && told.activations > 0)
        let run = try timeTraining(
            try Sample.moonsRequest(batch, optimizer: .momentum(0.1, mu: 0.9)), runs: 1, warmUp: 0)
        #expect(told.activations + told.gradients + told.workspace == run.arenaBytes)
    }
}
