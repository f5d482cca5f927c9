import Figures
import Graphs
import Language
import Networks
import Tensors
import Training

/// Builtins that ask a trained net.
enum PredictionBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "predict", ["net", "x"],
            "What a net says to a batch, in evaluation mode. A net without weights gets new ones from the seed.",
            example: "predict(dense(3), ones([2, 4])).shape   # -> [2, 3]"
        ) { arguments in
            let network = try arguments.network(0)
            let input = try arguments.node(1)
            guard input.shape.rank > 0 else { throw arguments.wrong(1, expected: "a batch: [batch, …]") }
            let machine = arguments.machine
            try arguments.require(input.shape.removing(axis: 0), of: network, at: 1)
            guard let tensor = input.value, !machine.isChecking else {
                let traced = try TracedNetwork(
                    arguments.definition(network), sampleShape: input.shape.removing(axis: 0), batch: input.shape[0],
                    builder: GraphBuilder(pool: machine.builder.pool))
                return .tensor(machine.builder.placeholder("checked", traced.output.type))
            }
            let weights = try arguments.weights(of: network, for: input.shape.removing(axis: 0))
            return Value(
                machine.builder.constant(
                    try Training.predict(
                        arguments.definition(network), weights: weights, tensor, cancellation: machine.cancellation,
                        pool: machine.builder.pool)))
        },
        Builtin(
            "evaluate", ["net", "data", "loss:", "metrics:"],
            "Loss, accuracy and metrics of a trained net over a dataset, in evaluation mode, as a record.",
            example: "fn check(net, data) = evaluate(net, data).accuracy   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let machine = arguments.machine
            try arguments.require(Shape(data.sampleShape), of: network, at: 1)
            if machine.isChecking { return .unknown }
            let weights = try machine.weights(of: network, at: arguments.span(0))
            let loss = try arguments.loss(2, for: data.classCount)
            let metrics = try machine.metrics(arguments[3], at: arguments.span(3))
            let result = try Training.evaluate(
                arguments.definition(network), weights: weights, on: data,
                loss: loss.objective(at: arguments.span, machine), keepsOutputs: !metrics.isEmpty,
                cancellation: machine.cancellation, pool: machine.builder.pool)
            let measured = try metrics.map { metric -> (name: String, value: Value) in
                guard let said = result.said else { return (metric.name, .none) }
                return (
                    metric.name,
                    try machine.measure(metric.value, said.targets, said.outputs, at: arguments.span(3))
                )
            }
            let own: [(name: String, value: Value)] = [
                ("loss", result.loss.map(Value.number) ?? .none),
                ("accuracy", result.accuracy.map(Value.number) ?? .none),
            ]
            return .record(Record(own.filter { part in !measured.contains { $0.name == part.name } } + measured))
        },
        Builtin(
            "confusion", ["net", "data"],
            "How often each class (row) was taken for each (column): a figure; .counts holds the numbers.",
            example: "fn matrix(net, data) = confusion(net, data)   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let machine = arguments.machine
            try arguments.require(Shape(data.sampleShape), of: network, at: 1)
            if data.classCount == 0 {
                throw Diagnostic(
                    "\(data.name) has no classes that could be confused", at: arguments.span(1),
                    expected: "data with classes", found: "targets that are numbers",
                    hint: "evaluate(net, data) gives the loss; plot(…) shows predictions")
            }
            if machine.isChecking { return .unknown }
            let counts = try confusionCounts(
                arguments.definition(network), weights: machine.weights(of: network, at: arguments.span(0)), on: data,
                cancellation: machine.cancellation, pool: machine.builder.pool)
            let classes = data.classCount
            let numbers = counts.doubles.map { Int($0) }
            let rows = (0..<classes).map { Array(numbers[$0 * classes..<($0 + 1) * classes]) }
            return arguments.show(
                Figure(MatrixTable.confusion(classNames: data.classNames, counts: rows)),
                fields: ["counts": Value(machine.builder.constant(counts))])
        },
    ]
}

extension Arguments {
    /// A net's weights, or new ones for samples of a shape.
    func weights(of network: NetworkValue, for sampleShape: Shape) throws -> Weights {
        if let weights = network.weights { return weights }
        return try initialWeights(
            definition(network), sampleShape: sampleShape, seed: machine.session.random.seed,
            pool: machine.builder.pool)
    }

    /// Refuses samples of another shape than those that a net was trained on, unless its weights fit these as well, as
    /// those of a net of convolutions do.
    func require(_ sampleShape: Shape, of network: NetworkValue, at index: Int) throws {
        guard let wanted = network.sampleShape, wanted != sampleShape else { return }
        func weightShapes(_ sampleShape: Shape) -> [Shape]? {
            try? NetworkSummary(
                definition(network), sampleShape: sampleShape, pool: machine.builder.pool
            ).weights.map(\.shape)
        }
        if let shapes = weightShapes(sampleShape), shapes == weightShapes(wanted) { return }
        throw Diagnostic(
            "\(network.name) was trained on samples of another shape", at: span(index),
            expected: Shape([1] + wanted.dimensions).namingBatch,
            found: Shape([1] + sampleShape.dimensions).namingBatch,
            hint: sampleShape.rank + 1 == wanted.rank
                ? "a single sample needs an axis in front: reshape(x, [1, …])" : nil)
    }

    func loss(_ index: Int, for classes: Int) throws -> RuleValue {
        guard has(index) else { return try machine.defaultLoss(classes: classes, at: span) }
        guard let rule = try machine.rule([.loss, .metric], self[index], at: span(index)) else {
            throw wrong(index, expected: "a loss such as cross_entropy")
        }
        return rule
    }
}
