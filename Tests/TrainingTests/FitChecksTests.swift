import Datasets
import Graphs
import Networks
import Tensors
import Testing
import Training

/// What is refused before the first step, and how.
@Suite struct FitChecksTests {
    private func refused(_ change: (inout FitRequest) throws -> Void) throws -> String {
        var request = try Sample.moonsRequest()
        try change(&request)
        return refusal { _ = try fit(request) }
    }

    @Test func classesAndHead() throws {
        let text = try refused { $0.definition = Sample.classifier(classes: 8) }
        #expect(
            text == "Classifier does not fit the 2 classes of the data | [batch, 2 classes] | [batch, 8] | "
                + "end the net with dense(2)")
    }

    @Test func settings() throws {
        #expect(try refused { $0.batch = 0 }.contains("batch is 0 | 1 or more samples a step | 0"))
        #expect(try refused { $0.batch = -4 }.contains("batch is -4"))
        #expect(try refused { $0.epochs = -1 }.contains("epochs is -1 | 0 or more"))
        #expect(try refused { $0.epochs = Int.max }.contains("a number that can be counted"))
        #expect(try refused { $0.stop = EarlyStopping(patience: 0) }.contains("patience is 0"))
        #expect(
            try refused {
                $0.stop = EarlyStopping(patience: 1)
                $0.validation = nil
            }.contains("add validate: data.test"))
        #expect(try refused { $0.checkpoint = Checkpoint(everyEpochs: 0, path: "x") }.contains("checkpoint is every 0"))
    }

    @Test func learningRates() throws {
        let negative = try refused { $0.optimizer = .sgd(-0.1) }
        #expect(negative.contains("'lr' of sgd is -0.1 | a number of 0 or more | -0.1"))
        #expect(negative.contains("give the rate as 0.1"))
        #expect(try refused { $0.optimizer = .sgd(.nan) }.contains("'lr' of sgd is nan"))
        #expect(
            try refused { $0.optimizer.schedules = [("lr", Schedule { $0 < 3 ? 0.1 : -1 })] }
                .contains("'lr' of adam is -1.0 at step 3"))
        #expect(
            try refused { $0.optimizer.validate = { throw OperationError("beta1 must be below 1") } }
                == "beta1 must be below 1")
    }

    @Test func data() throws {
        #expect(try refused { $0.train = try $0.train.take(0) }.contains("has no samples to train on"))
        #expect(try refused { $0.validation = try $0.train.take(0) }.contains("has no samples to validate with"))
        #expect(
            try refused { $0.validation = try SyntheticSets.spirals(n: 30, arms: 3, seed: 1).test }
                .contains("is no validation data"))
    }

    @Test func losses() throws {
        #expect(
            try refused { $0.loss = { _, output, _ in output } }
                .contains("the loss is not one number | a scalar, shape [] | shape [16, 2]"))
        #expect(
            try refused { $0.loss = { _, _, builder in try builder.scalar(1) } }
                .contains("the loss does not depend on the net"))
        #expect(
            try refused { $0.regularizers = [Regularizer(penalty: { weight, _ in weight })] }
                .contains("the penalty of 'dense1.W' is not one number"))
        #expect(
            try refused {
                $0.regularizers = [Regularizer(on: try Selector(parsing: "conv*"), penalty: { w, b in try b.sum(w) })]
            }.contains("\"conv*\" selects none of the net's weights | one of dense1.W, dense1.b, dense2.W, dense2.b"))
    }

    @Test func weights() throws {
        #expect(
            try refused { $0.frozen = [try Selector(parsing: "**")] }
                .contains("there is nothing to train: all weights are frozen"))
        #expect(try refused { $0.frozen = [try Selector(parsing: "lstm")] }.contains("selects none"))
        #expect(
            try refused {
                $0.definition = TestNetwork(name: "Empty") { x, trace in
                    try trace.layer("tanh") { try trace.builder.call("tanh", x) }
                }
            }.contains("the net has no weights to train"))
        #expect(
            try refused {
                $0.weights = try initialWeights(Sample.classifier(hidden: 3), sampleShape: [2], seed: 1)
            }.contains("the weight 'dense1.W' has another shape | [2, 8] | [2, 3]"))
    }

    @Test func optimizers() throws {
        #expect(
            try refused {
                $0.optimizer = OptimizerDefinition(name: "odd") { step, builder in
                    OptimizerUpdate(
                        theta: try builder.reshape(step.theta, to: Shape([1] + step.theta.shape.dimensions)))
                }
            }.contains("the optimizer odd gives theta another shape"))
        #expect(
            try refused {
                $0.optimizer = OptimizerDefinition(name: "odd") { step, _ in
                    OptimizerUpdate(theta: step.theta, states: ["m": step.gradient])
                }
            }.contains("gives 'm', which is none of its states"))
    }

    @Test func nets() throws {
        #expect(
            try refused {
                $0.definition = TestNetwork(name: "Wrong") { x, trace in
                    try trace.builder.matmul(x, trace.weight("W", shape: [3, 2], initializer: .he))
                }
            } != "")
    }
}
