import Datasets
import Figures
import Graphs
import Language
import Networks
import Tensors
import Training

/// `activations` and `gradients`: how large the numbers are that flow forward and back through each layer.
enum LayerStatisticsBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "activations", ["net", "data", "layer:", "samples: 100"],
            "Mean, deviation and share of zeros of what each layer gives, over samples of a dataset or a batch, in "
                + "evaluation mode; dead is the share of units that give 0 to every sample. Fields: layers, mean, "
                + "deviation, zeros, dead. A net without weights gets new ones from the seed; layer is a selector.",
            example: "activations(dense(3), ones([2, 4])).layers   # -> [\"dense1\"]"
        ) { arguments in
            let network = try arguments.network(0)
            let count = try arguments.positive(3, default: 100)
            let shape = try arguments.sampleShape(1)
            try arguments.require(shape, of: network, at: 1)
            let definition = arguments.definition(network)
            let machine = arguments.machine
            let records = try NetworkSummary(definition, sampleShape: shape, pool: machine.builder.pool).layers
            let chosen = arguments.has(2) ? try arguments.layers(2, among: records) : records.filter { !$0.isBlock }
            guard let samples = try arguments.samples(1, atMost: count) else { return .unknown }
            let paths = Set(chosen.map(\.path))
            let statistics = try layerStatistics(
                definition, weights: arguments.weights(of: network, for: shape), of: samples,
                layers: { paths.contains($0.path) }, cancellation: machine.cancellation, pool: machine.builder.pool)
            let names = statistics.map(\.path)
            func chart(_ title: String, _ values: [Double], range: ClosedRange<Double>? = nil) -> Figure.Panel {
                .bars(BarChart(title: title, names: names, axis: Axis(range: range), groups: [.init(values: values)]))
            }
            let (mean, deviation) = (statistics.map(\.mean), statistics.map(\.deviation))
            let (zeros, dead) = (statistics.map(\.zeros), statistics.map(\.dead))
            return arguments.show(
                Figure(
                    title: "activations of \(network.name)", panelColumns: 2,
                    panels: [
                        chart("mean", mean), chart("deviation", deviation),
                        chart("share of zeros", zeros, range: 0...1), chart("share of dead units", dead, range: 0...1),
                    ]),
                fields: [
                    "layers": .list(names.map(Value.string)), "mean": try machine.vector(mean),
                    "deviation": try machine.vector(deviation), "zeros": try machine.vector(zeros),
                    "dead": try machine.vector(dead),
                ])
        },
        Builtin(
            "gradients", ["net", "data", "selector: \"*.W\"", "samples: 100", "loss:"],
            "Norm of the gradient of the loss in each selected weight over samples of a dataset, as in a training step. "
                + "Fields: weights, norm, and rms, the norm over the square root of the weight's size. A net without "
                + "weights gets new ones from the seed.",
            example: "fn slope(net, data) = gradients(net, data).norm   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.trainingSplit(1)
            let machine = arguments.machine
            let shape = Shape(data.sampleShape)
            try arguments.require(shape, of: network, at: 1)
            let count = try arguments.positive(3, default: 100)
            let definition = arguments.definition(network)
            let all = try NetworkSummary(definition, sampleShape: shape, pool: machine.builder.pool).weights
                .filter(\.isTrainable).map(\.name)
            let names = try arguments.weights(2, among: all)
            if machine.isChecking { return .unknown }
            let loss = try arguments.loss(4, for: data.classCount)
            let norms = try gradientNorms(
                definition, weights: arguments.weights(of: network, for: shape), on: data, samples: count,
                loss: loss.objective(at: arguments.span, machine), seed: machine.session.random.seed,
                pool: machine.builder.pool
            ).filter { names.contains($0.name) }
            let norm = norms.map(\.norm)
            let rms = norms.map { $0.norm / Double(max($0.count, 1)).squareRoot() }
            let isWide = (norm.filter { $0 > 0 }.min() ?? 1) * 20 < (norm.max() ?? 1)
            return arguments.show(
                Figure(
                    panels: [
                        .bars(
                            BarChart(
                                title: "gradients of \(network.name)", names: norms.map(\.name),
                                axis: Axis(label: "norm of the gradient", scale: isWide ? .log : .linear),
                                groups: [.init(values: norm)]))
                    ]),
                fields: [
                    "weights": .list(norms.map { .string($0.name) }), "norm": try machine.vector(norm),
                    "rms": try machine.vector(rms),
                ])
        },
    ]
}

extension Arguments {
    /// The names of `all` that a selector names, "*.W" unless given.
    func weights(_ index: Int, among all: [String]) throws -> Set<String> {
        let selector = try machine.selector(has(index) ? self[index] : .string("*.W"), at: span(index))
        let names = all.filter(selector.matches)
        guard !names.isEmpty else {
            let error = WeightMismatch.selectsNothing(selector, among: all)
            let near = closestName(to: selector.description, among: all)
            throw Diagnostic(
                error.message, at: span(index), expected: error.expected,
                hint: near.map { "did you mean '\($0)'?" } ?? error.hint)
        }
        return Set(names)
    }

    /// Shape of the samples of a dataset, of its training split, or of a batch.
    func sampleShape(_ index: Int) throws -> Shape {
        if let data = try data(index) { return Shape(data.sampleShape) }
        let batch = try node(index)
        guard batch.shape.rank > 0 else { throw wrong(index, expected: "data, or a batch: [batch, …]") }
        return batch.shape.removing(axis: 0)
    }

    /// The samples themselves; nil while checking.
    func samples(_ index: Int, atMost count: Int) throws -> SampleParts? {
        if machine.isChecking { return nil }
        if let data = try data(index) { return SampleParts(of: data, atMost: count) }
        return try node(index).value.map { SampleParts($0) }
    }

    private func data(_ index: Int) throws -> Dataset? {
        guard case .object = self[index] else { return nil }
        return try pair(index)?.train ?? dataset(index)
    }
}
