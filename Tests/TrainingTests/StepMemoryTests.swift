import Datasets
import Graphs
import Networks
import Tensors
import Testing

@testable import Training

@Suite("Memory that is told beforehand")
struct StepMemoryTests {
    @Test("the plan has the size that was told")
    func agrees() throws {
        let request = try Sample.moonsRequest(50, optimizer: .momentum(0.1, mu: 0.9))
        let told = try StepMemory(request, batch: 32)
        let weights = try initialWeights(request.definition, sampleShape: [2], seed: 1)
        let memory = try ParameterMemory(
            weights, optimizer: request.optimizer, resumed: nil, elementType: .float32)
        let step = try TrainingStep(request, count: 32, memory: memory)
        #expect(told.activations + told.gradients + told.workspace == step.plan.arenaBytes)
        let bytes = weights.bytes.count
        #expect(told.weights == 2 * bytes && told.optimizer == bytes && told.result == 2 * bytes)
        #expect(told.largest.count == 5)
    }
}
