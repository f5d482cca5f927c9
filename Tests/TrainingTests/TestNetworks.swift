import Datasets
import Graphs
import Networks
import Scheduling
import Tensors
import Training

/// A net whose body is a closure.
struct TestNetwork: NetworkDefinition {
    var name: String
    var body: (Node, NetworkTrace) throws -> Node

    func trace(_ input: Node, into trace: NetworkTrace) throws -> Node { try body(input, trace) }
}

extension NetworkTrace {
    /// y = x W + b.
    func dense(_ x: Node, _ units: Int, bias: Bool = true, origin: Origin? = nil) throws -> Node {
        enter("dense", origin: origin)
        builder.origin = origin
        let features = x.shape[x.shape.rank - 1]
        var y = try builder.matmul(x, weight("W", shape: [features, units], initializer: .glorot, origin: origin))
        if bias { y = try builder.add(y, weight("b", shape: [units], initializer: .constant(0), origin: origin)) }
        leave(output: y)
        return y
    }

    func layer(_ kind: String, _ body: () throws -> Node) throws -> Node {
        enter(kind, origin: nil)
        let y = try body()
        leave(output: y)
        return y
    }
}

extension GraphBuilder {
    /// An operation of the table by its name.
    func call(_ name: String, _ inputs: Node..., attributes: Attributes = .none) throws -> Node {
        guard let operation = OperationTable[name] else { throw OperationError("no operation '\(name)'") }
        return try apply(operation, inputs, attributes)
    }
}

enum Sample {
    static func linear(_ units: Int = 1, bias: Bool = true) -> TestNetwork {
        TestNetwork(name: "Linear") { x, trace in try trace.dense(x, units, bias: bias) }
    }

    static func classifier(hidden: Int = 8, classes: Int = 2) -> TestNetwork {
        TestNetwork(name: "Classifier") { x, trace in
            let hidden = try trace.dense(x, hidden)
            let active = try trace.layer("tanh") { try trace.builder.call("tanh", hidden) }
            return try trace.dense(active, classes)
        }
    }

    /// Mean squared error.
    static func meanSquaredError(_ y: Node, _ output: Node, _ builder: GraphBuilder) throws -> Node {
        try builder.mean(builder.square(builder.subtract(output, y)))
    }

    /// Softmax cross-entropy, written out.
    static func crossEntropy(_ y: Node, _ logits: Node, _ builder: GraphBuilder) throws -> Node {
        let picked = try builder.call("one_hot", y, attributes: ["classes": .integer(logits.shape[1])])
        let right = try builder.sum(builder.multiply(picked, logits), axes: [1])
        let all = try builder.call("log", builder.sum(builder.call("exp", logits), axes: [1]))
        return try builder.mean(builder.subtract(all, right))
    }

    /// 0.1 Σ W², not for biases.
    static func squares() throws -> Regularizer {
        Regularizer(on: try Selector(parsing: "*.W")) { weight, builder in
            try builder.multiply(builder.sum(builder.square(weight)), 0.1)
        }
    }

    /// `count` points in the plane with the target 2 x₀ - x₁ + 0.5, and something that no plane fits.
    static func regression(_ count: Int) throws -> Dataset {
        var values: [Float] = []
        var targets: [Float] = []
        for index in 0..<count {
            let (first, second) = (Float(index % 5) - 2, Float(index * 3 % 7) / 3 - 1)
            values += [first, second]
            targets.append(2 * first - second + 0.5 + Float(index % 2) / 4)
        }
        return Dataset(
            name: "plane.train",
            store: try SampleStore(values: .floats(values), sampleShape: [2], targets: .values(targets, width: 1)))
    }

    static func moons(_ count: Int = 50) throws -> DatasetPair {
        try SyntheticSets.moons(n: count, noise: 0.1, testCount: 30, seed: 3)
    }

    /// A run of the classifier on moons.
    static func moonsRequest(_ count: Int = 50, optimizer: OptimizerDefinition = .adam(0.05)) throws -> FitRequest {
        let data = try moons(count)
        var request = FitRequest(classifier(), on: data.train, loss: crossEntropy, optimizer: optimizer)
        request.validation = data.test
        request.batch = 16
        request.seed = 7
        return request
    }
}

extension OptimizerDefinition {
    static func sgd(_ rate: Double) -> OptimizerDefinition {
        OptimizerDefinition(name: "sgd", settings: [("lr", rate)]) { step, builder in
            OptimizerUpdate(theta: try builder.subtract(step.theta, builder.multiply(step.gradient, rate)))
        }
    }

    static func momentum(_ rate: Double, mu: Double) -> OptimizerDefinition {
        OptimizerDefinition(name: "momentum", states: [("velocity", 0)], settings: [("lr", rate), ("mu", mu)]) {
            step, builder in
            let old = step.states["velocity"] ?? step.gradient
            let velocity = try builder.add(builder.multiply(old, mu), step.gradient)
            return OptimizerUpdate(
                theta: try builder.subtract(step.theta, builder.multiply(velocity, rate)),
                states: ["velocity": velocity])
        }
    }

    static func adam(_ rate: Double) -> OptimizerDefinition {
        OptimizerDefinition(name: "adam", states: [("m", 0), ("v", 0)], settings: [("lr", rate)]) { step, builder in
            func average(_ state: String, _ new: Node, _ beta: Double) throws -> (raw: Node, unbiased: Node) {
                let old = step.states[state] ?? new
                let raw = try builder.add(builder.multiply(old, beta), builder.multiply(new, 1 - beta))
                let decayed = try builder.call("power", builder.scalar(beta), step.step)
                return (raw, try builder.divide(raw, builder.subtract(1, decayed)))
            }
            let m = try average("m", step.gradient, 0.9)
            let v = try average("v", builder.square(step.gradient), 0.999)
            let denominator = try builder.add(builder.call("sqrt", v.unbiased), 1e-8)
            let move = try builder.multiply(builder.divide(m.unbiased, denominator), rate)
            return OptimizerUpdate(
                theta: try builder.subtract(step.theta, move), states: ["m": m.raw, "v": v.raw])
        }
    }

    /// Divides the gradient by its norm: not elementwise.
    static func normalized(_ rate: Double) -> OptimizerDefinition {
        OptimizerDefinition(name: "normalized") { step, builder in
            let norm = try builder.call("sqrt", builder.sum(builder.square(step.gradient)))
            let unit = try builder.divide(step.gradient, builder.add(norm, 1e-12))
            return OptimizerUpdate(theta: try builder.subtract(step.theta, builder.multiply(unit, rate)))
        }
    }
}

/// The message, expectation and hint of the error that `body` throws; empty where it throws none.
func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as OperationError {
        return [error.message, error.expected, error.found, error.hint].compactMap { $0 }.joined(separator: " | ")
    } catch {
        return "\(error)"
    }
}
