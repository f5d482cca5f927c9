import Datasets
import Graphs
import Networks
import Tensors
import Testing
import Training

/// Linear regression by `fit` in float64 against the same training written out in plain loops.
@Suite struct FitTests {
    enum Rule: CaseIterable {
        case sgd, momentum, adam

        var optimizer: OptimizerDefinition {
            switch self {
            case .sgd: .sgd(0.05)
            case .momentum: .momentum(0.02, mu: 0.9)
            case .adam: .adam(0.05)
            }
        }

        /// One step of the textbook formula.
        func apply(_ theta: inout [Double], _ g: [Double], _ first: inout [Double], _ second: inout [Double], t: Int) {
            var decay1 = 1.0
            var decay2 = 1.0
            for _ in 0..<t {
                decay1 *= 0.9
                decay2 *= 0.999
            }
            for index in theta.indices {
                switch self {
                case .sgd: theta[index] -= 0.05 * g[index]
                case .momentum:
                    first[index] = 0.9 * first[index] + g[index]
                    theta[index] -= 0.02 * first[index]
                case .adam:
                    first[index] = 0.9 * first[index] + 0.1 * g[index]
                    second[index] = 0.999 * second[index] + 0.001 * g[index] * g[index]
                    let denominator = (second[index] / (1 - decay2)).squareRoot() + 1e-8
                    theta[index] -= 0.05 * (first[index] / (1 - decay1)) / denominator
                }
            }
        }
    }

    /// Weights and the mean loss of each epoch of y = x W + b, mean squared error plus `penalty` Σ W².
    private func loop(
        _ rule: Rule, _ data: Dataset, start: [Double], epochs: Int, batch: Int, seed: UInt64, penalty: Double
    ) throws -> (theta: [Double], losses: [Double]) {
        var theta = start
        var (first, second) = ([0.0, 0, 0], [0.0, 0, 0])
        var losses: [Double] = []
        var t = 0
        for epoch in 0..<epochs {
            let order = epochOrder(count: data.size, seed: seed, epoch: epoch)
            var sum = 0.0
            for begin in stride(from: 0, to: data.size, by: batch) {
                let chosen = order[begin..<min(begin + batch, data.size)]
                var g = [2 * penalty * theta[0], 2 * penalty * theta[1], 0]
                for index in chosen {
                    let sample = try data.sample(Int(index))
                    let x = sample.values.map { Double($0) }
                    let error = x[0] * theta[0] + x[1] * theta[1] + theta[2] - Double(sample.label[0])
                    sum += error * error
                    for (place, factor) in [x[0], x[1], 1].enumerated() {
                        g[place] += 2 * error * factor / Double(chosen.count)
                    }
                }
                t += 1
                rule.apply(&theta, g, &first, &second, t: t)
            }
            losses.append(sum / Double(data.size))
        }
        return (theta, losses)
    }

    /// 11 samples in batches of 4: the last one is short.
    private func request(_ rule: Rule) throws -> FitRequest {
        var request = FitRequest(
            Sample.linear(), on: try Sample.regression(11), loss: Sample.meanSquaredError, optimizer: rule.optimizer)
        request.precision = .float64
        request.batch = 4
        request.epochs = 6
        request.seed = 3
        return request
    }

    private func theta(_ weights: Weights) -> [Double] {
        (weights["dense1.W"]?.doubles ?? []) + (weights["dense1.b"]?.doubles ?? [])
    }

    private func isClose(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
    }

    @Test(arguments: Rule.allCases, [false, true])
    func equalsTheLoopWrittenOut(_ rule: Rule, isRegularized: Bool) throws {
        var request = try request(rule)
        if isRegularized { request.regularizers = [try Sample.squares()] }
        let start = try initialWeights(
            request.definition, sampleShape: [2], seed: request.seed, precision: .float64)
        let expected = try loop(
            rule, request.train, start: theta(start), epochs: 6, batch: 4, seed: 3, penalty: isRegularized ? 0.1 : 0)
        let result = try fit(request)
        #expect(isClose(theta(result.weights), expected.theta, 1e-12))
        #expect(isClose(result.history.loss, expected.losses, 1e-12))
        #expect(result.history.stepLoss.count == 18)
        #expect(result.stopReason == .finished && result.trainAccuracy == nil)

        request.precision = .float32
        request.weights = start
        let single = try fit(request)
        #expect(isClose(theta(single.weights), expected.theta, 1e-4))
        #expect(single.weights["dense1.W"]?.elementType == .float32)
    }

    @Test func aRuleThatIsNotElementwiseRunsWeightByWeight() throws {
        var request = try request(.sgd)
        request.optimizer = .normalized(0.5)
        request.epochs = 1
        request.batch = 11
        let before = theta(try initialWeights(request.definition, sampleShape: [2], seed: 3, precision: .float64))
        let after = theta(try fit(request).weights)
        let moves = zip(before, after).map { $1 - $0 }
        #expect(abs((moves[0] * moves[0] + moves[1] * moves[1]).squareRoot() - 0.5) < 1e-9)
        #expect(abs(abs(moves[2]) - 0.5) < 1e-9)
    }

    @Test func schedulesAreReadAtEveryStep() throws {
        var request = try request(.sgd)
        let plain = try fit(request)
        var asked: [Int] = []
        request.optimizer = OptimizerDefinition(
            name: "scheduled",
            schedules: [
                (
                    "lr",
                    Schedule { step in
                        asked.append(step)
                        return 0.05
                    }
                )
            ]
        ) { step, builder in
            let rate = try #require(step.schedules["lr"])
            return OptimizerUpdate(theta: try builder.subtract(step.theta, builder.multiply(step.gradient, rate)))
        }
        let scheduled = try fit(request)
        #expect(asked == Array(1...18))
        #expect(isClose(theta(scheduled.weights), theta(plain.weights), 1e-12))
    }

    @Test func frozenMeansFrozen() throws {
        var request = try Sample.moonsRequest()
        request.epochs = 3
        request.regularizers = [try Sample.squares()]
        request.frozen = [try Selector(parsing: "dense1")]
        let start = try initialWeights(request.definition, sampleShape: [2], seed: 7)
        let result = try fit(request)
        #expect(result.weights["dense1.W"]?.doubles == start["dense1.W"]?.doubles)
        #expect(result.weights["dense1.b"]?.doubles == start["dense1.b"]?.doubles)
        #expect(result.weights["dense2.W"]?.doubles != start["dense2.W"]?.doubles)
        #expect(result.weights.isFrozen("dense1.W") && !result.weights.isFrozen("dense2.W"))
        #expect(result.state.optimizerStates.map(\.tensor.count) == [8 * 2 + 2, 8 * 2 + 2])

        request.frozen = []
        request.weights = result.weights
        #expect(try fit(request).weights["dense1.W"]?.doubles == start["dense1.W"]?.doubles)
    }

    @Test func learnsMoonsAndMeasuresBothSplits() throws {
        var request = try Sample.moonsRequest(200)
        request.epochs = 60
        let result = try fit(request)
        #expect(result.history.loss.count == 60 && result.history.validationLoss.count == 60)
        #expect(result.history.loss[59] < result.history.loss[0] / 4)
        #expect(try #require(result.trainAccuracy) > 0.95)
        let evaluated = try evaluate(
            request.definition, weights: result.weights, on: request.train, loss: Sample.crossEntropy)
        #expect(evaluated.accuracy == result.trainAccuracy)
        let tested = try evaluate(
            request.definition, weights: result.weights, on: try #require(request.validation),
            loss: Sample.crossEntropy)
        #expect(tested.accuracy == result.testAccuracy && tested.loss == result.history.validationLoss.last)
    }

    @Test func noEpochsGiveTheFirstWeights() throws {
        var request = try Sample.moonsRequest()
        request.epochs = 0
        let result = try fit(request)
        #expect(try result.weights == initialWeights(request.definition, sampleShape: [2], seed: 7))
        #expect(result.history.loss.isEmpty && result.trainAccuracy != nil && result.testAccuracy != nil)
    }

    @Test func earlyStoppingGivesTheBestWeights() throws {
        var request = try Sample.moonsRequest(optimizer: .adam(0.5))
        request.epochs = 200
        request.stop = EarlyStopping(patience: 2)
        let result = try fit(request)
        let losses = result.history.validationLoss
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(result.stopReason == .early)
        #expect(losses.count == best + 3)
        let evaluated = try evaluate(
            request.definition, weights: result.weights, on: try #require(request.validation),
            loss: Sample.crossEntropy)
        #expect(evaluated.loss == losses[best] && evaluated.accuracy == result.testAccuracy)
    }

    @Test func aLossThatIsNoNumberIsNamed() throws {
        let origin = Origin(source: 0, lower: 10, upper: 20)
        let net = TestNetwork(name: "Broken") { x, trace in
            let y = try trace.dense(x, 2)
            trace.enter("root", origin: nil)
            trace.builder.origin = origin
            // The square root of a number below 0, once the first step has moved the weights.
            let broken = try trace.builder.call("log", trace.builder.subtract(1e-3, trace.builder.square(y)))
            trace.builder.origin = nil
            trace.leave(output: broken)
            return broken
        }
        var request = FitRequest(net, on: try Sample.moons().train, loss: Sample.crossEntropy, optimizer: .sgd(0.1))
        request.batch = 10
        let error = try #require(throws: NonFiniteLoss.self) { try fit(request) }
        #expect(error.epoch == 1 && error.step == 1)
        #expect(error.scope == "root1" && error.operation == "log")
        #expect(error.origin == origin)
        #expect(error.message.contains("at epoch 1, step 1") && error.message.contains("'log' in root1"))
    }

    @Test func aRateThatThrowsTheWeightsAwayIsNoticedAtTheNextStep() throws {
        var request = try request(.sgd)
        request.precision = .float32
        request.optimizer = .sgd(3e38)
        let error = try #require(throws: NonFiniteLoss.self) { try fit(request) }
        #expect(error.epoch == 1 && error.step == 2)
        #expect(error.name == "dense1.W" || error.name == "dense1.b")
        #expect(error.message.contains("'dense1."))
    }

    @Test func defaultsFitTheSizeOfTheData() throws {
        var request = try Sample.moonsRequest()
        request.batch = nil
        request.epochs = 1
        let result = try fit(request)
        #expect(result.state.batch == 32 && result.history.stepLoss.count == 2 && result.notes.isEmpty)
        request.batch = 500
        let clamped = try fit(request)
        #expect(clamped.state.batch == 50)
        #expect(clamped.notes == ["batch 500 is larger than the 50 samples: every step takes all of them"])
    }

    @Test func stepsCanBeLimited() throws {
        var request = try Sample.moonsRequest()
        request.maximumSteps = 6
        let result = try fit(request)
        #expect(result.stopReason == .stepLimit && result.history.stepLoss.count == 6)
        #expect(result.history.loss.count == 1 && result.state.stepInEpoch == 2)
    }
}
