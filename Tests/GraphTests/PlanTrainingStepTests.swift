import Graphs
import Scheduling
import Tensors
import Testing

/// LeNet's training step as a plan.
@Suite struct PlanTrainingStepTests {
    private func variables(_ description: PlanDescription) throws -> [Int: Tensor] {
        var result: [Int: Tensor] = [:]
        for (node, memory) in description.variables { result[node.id] = try copy(memory) }
        return result
    }

    @Test(arguments: [(ElementType.float32, 2e-4), (.float64, 1e-9)])
    func threeStepsEqualDirectEvaluation(elementType: ElementType, tolerance: Double) throws {
        let builder = GraphBuilder(pool: ThreadPool(threads: 2))
        let step = try LeNetStep(batch: 8, builder: builder, elementType: elementType)
        let description = step.description
        let plan = try Plan(description, pool: builder.pool)
        var random = TestRandom(state: 3)
        for _ in 0..<3 {
            let (images, labels) = try LeNetStep.batch(8, &random, elementType)
            var sources = try variables(description)
            sources[step.images.id] = images
            sources[step.labels.id] = labels
            let values = try directly(description.updates.map(\.value), sources, builder)
            let outputs = try directly(description.outputs, sources, builder)
            plan.bind(input: 0, to: images.pointer)
            plan.bind(input: 1, to: labels.pointer)
            try withExtendedLifetime((images, labels)) { try plan.run(guarding: 0) }
            for (index, output) in outputs.enumerated() {
                #expect(agree(plan.doubles(index, output.type), output.doubles, tolerance))
            }
            for (update, value) in zip(description.updates, values) {
                let memory = try #require(description.variables.first { $0.node === update.variable }?.memory)
                // Adam divides by the root of tiny second moments: compare what a step can move, not the last bits.
                let allowed = update.variable.name == "theta" ? 10 * tolerance : tolerance
                #expect(agree(memory.doubles, value.doubles, allowed), "\(update.variable.name ?? "")")
            }
        }
    }

    @Test func sameBitsForAnyNumberOfThreads() throws {
        var reference: [UInt32] = []
        for threads in [1, 2, 3, 8] {
            let pool = ThreadPool(threads: threads, limit: threads)
            let step = try LeNetStep(batch: 16, builder: GraphBuilder(pool: pool))
            let plan = try Plan(step.description, pool: pool)
            var random = TestRandom(state: 5)
            for _ in 0..<3 {
                let (images, labels) = try LeNetStep.batch(16, &random)
                plan.write(images, toInput: 0)
                plan.write(labels, toInput: 1)
                try plan.run(guarding: 0)
            }
            let theta = try #require(step.description.variables.first { $0.node.name == "theta" }?.memory)
            let bits = theta.doubles.map { Float($0).bitPattern }
            if reference.isEmpty { reference = bits }
            #expect(bits == reference, "\(threads) threads")
        }
    }

    @Test func fusesWhatTheStandardLibraryWrites() throws {
        let builder = GraphBuilder(pool: ThreadPool(threads: 1))
        let plan = try Plan(LeNetStep(batch: 8, builder: builder).description, pool: builder.pool)
        let names = plan.steps.map(\.name)
        #expect(!names.contains { $0.contains("one_hot") || $0.contains("log_softmax") })
        #expect(names.filter { $0.hasPrefix("softmax_cross_entropy") }.count == 2)
        #expect(!names.contains { $0.contains("maximum") })
        // The gradients are written straight into the flat vector: nothing is copied.
        #expect(!names.contains("concat") && !names.contains("copy"))
        // All of Adam is one pass over the parameters, and the last step.
        let count = plan.steps.filter { $0.output.shape == [61706] }.count
        #expect(count == 1)
    }

    @Test func runsKeepTheirMemory() throws {
        let builder = GraphBuilder(pool: ThreadPool(threads: 2))
        let plan = try Plan(LeNetStep(batch: 4, builder: builder).description, pool: builder.pool)
        var random = TestRandom(state: 9)
        let (images, labels) = try LeNetStep.batch(4, &random)
        plan.write(images, toInput: 0)
        plan.write(labels, toInput: 1)
        let pointers = [plan.output(0), plan.output(1)]
        for _ in 0..<3 { try plan.run(guarding: 0) }
        #expect(pointers == [plan.output(0), plan.output(1)])
    }
}
