import Graphs
import Scheduling
import Tensors
import Testing
import Training

@Suite struct MinimizeTests {
    /// 3 (θ₀ - 3)² + (θ₁ + 1)².
    private static func bowl(_ theta: Node, _ builder: GraphBuilder) throws -> Node {
        let scale = builder.constant(try Tensor([3, 1], shape: [2]))
        let center = builder.constant(try Tensor([3, -1], shape: [2]))
        return try builder.sum(builder.multiply(scale, builder.square(builder.subtract(theta, center))))
    }

    private func request(_ optimizer: OptimizerDefinition, steps: Int) throws -> MinimizeRequest {
        MinimizeRequest(Self.bowl, from: try Tensor([0, 0], shape: [2]), optimizer: optimizer, steps: steps)
    }

    @Test func followsTheFormula() throws {
        let result = try minimize(request(.sgd(0.1), steps: 20))
        var (x, y) = (0.0, 0.0)
        var (path, values) = ([0.0, 0.0], [28.0])
        for _ in 0..<20 {
            x -= 0.1 * 6 * (x - 3)
            y -= 0.1 * 2 * (y + 1)
            path += [x, y]
            values.append(3 * (x - 3) * (x - 3) + (y + 1) * (y + 1))
        }
        #expect(result.path.shape == [21, 2] && result.history.shape == [21])
        #expect(zip(result.path.doubles, path).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(zip(result.history.doubles, values).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(result.value.doubles == Array(result.path.doubles.suffix(2)))
        #expect(!result.diverged && result.stopReason == .finished && result.steps == 20)
    }

    @Test func aFunctionThatNeedsNumbersRunsStepByStep() throws {
        for optimizer in [OptimizerDefinition.sgd(0.1), .momentum(0.05, mu: 0.9), .adam(0.1)] {
            let planned = try minimize(request(optimizer, steps: 50))
            var direct = try request(optimizer, steps: 50)
            direct.function = { theta, builder in
                guard theta.value != nil else { throw NeedsValueError() }
                return try Self.bowl(theta, builder)
            }
            let stepped = try minimize(direct)
            #expect(stepped.path.shape == planned.path.shape)
            #expect(zip(stepped.path.doubles, planned.path.doubles).allSatisfy { abs($0 - $1) < 1e-9 })
            #expect(zip(stepped.history.doubles, planned.history.doubles).allSatisfy { abs($0 - $1) < 1e-9 })
        }
    }

    @Test func divergenceIsToldAndStops() throws {
        let result = try minimize(request(.sgd(0.6), steps: 2000))
        #expect(result.diverged && result.stopReason == .diverged)
        #expect(result.steps < 100)
        #expect(result.path.shape == [result.steps + 1, 2])
        #expect(result.path.doubles.allSatisfy { $0.isFinite })
    }

    @Test func aValueThatIsNoNumberStops() throws {
        let request = MinimizeRequest(
            { theta, builder in try builder.sum(builder.call("log", theta)) }, from: try Tensor([1], shape: [1]),
            optimizer: .sgd(0.4), steps: 50)
        let result = try minimize(request)
        #expect(result.diverged && result.steps < 10)
        #expect(result.path.shape == [result.steps + 1, 1])
    }

    @Test func scalarsConstantsAndNoSteps() throws {
        let scalar = MinimizeRequest(
            { theta, builder in try builder.square(theta) }, from: try Tensor(scalar: 2), optimizer: .sgd(0.25),
            steps: 1)
        let result = try minimize(scalar)
        #expect(result.value.shape == .scalar && result.value.doubles == [1])
        #expect(result.path.shape == [2] && result.path.doubles == [2, 1])

        let constant = MinimizeRequest(
            { _, builder in try builder.scalar(5) }, from: try Tensor(scalar: 2), optimizer: .sgd(0.25), steps: 3)
        #expect(try minimize(constant).path.doubles == [2, 2, 2, 2])

        let none = try minimize(request(.sgd(0.1), steps: 0))
        #expect(none.path.shape == [1, 2] && none.history.doubles == [28])
    }

    @Test func longPathsAreThinned() throws {
        let size = 1 << 16
        let start = try Tensor(repeating: 1, TensorType(.float64, [size]))
        let request = MinimizeRequest(
            { theta, builder in try builder.sum(builder.square(theta)) }, from: start, optimizer: .sgd(0.01),
            steps: 400)
        let result = try minimize(request)
        #expect(result.path.count <= MinimizeResult.pathLimit)
        #expect(result.path.shape[0] > 100 && result.history.count == 401)
        #expect(result.path[flat: result.path.count - 1] == result.value[flat: size - 1])
    }

    @Test func interruptsBetweenSteps() throws {
        let token = CancellationToken()
        var request = try request(.sgd(0.1), steps: 50)
        request.cancellation = token
        request.optimizer.schedules = [
            (
                "pause",
                Schedule { step in
                    if step == 7 { token.cancel() }
                    return 0
                }
            )
        ]
        let result = try minimize(request)
        #expect(result.stopReason == .interrupted && result.steps == 7 && result.path.shape == [8, 2])
        token.abort()
        #expect(throws: Cancelled.self) { try minimize(request) }
    }

    @Test func refusesWhatCannotBeMinimized() throws {
        var request = try request(.sgd(-1), steps: 5)
        #expect(refusal { _ = try minimize(request) }.contains("'lr' of sgd is -1.0"))
        request.optimizer = .sgd(1)
        request.steps = -1
        #expect(refusal { _ = try minimize(request) }.contains("steps is -1"))
        request.steps = 1
        request.function = { theta, _ in theta }
        #expect(refusal { _ = try minimize(request) }.contains("a scalar, shape [] | shape [2]"))
    }
}
