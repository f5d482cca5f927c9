import Datasets
import Figures
import Graphs
import Language
import Tensors
import Training

/// `top_losses`: the samples that a net does worst on.
enum TopLosses {
    static let all: [Builtin] = [
        Builtin(
            "top_losses", ["net", "data", "n: 9", "columns:"],
            "The samples on which the loss of a trained net is largest, the largest first: images with what the net said, "
                + "how sure it was, and what is true. Fields: index, loss, said, true, probability. The loss is the "
                + "cross-entropy for classes and the mean squared error for numbers.",
            example: "fn worst(net, data) = top_losses(net, data).index   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let machine = arguments.machine
            try arguments.require(Shape(data.sampleShape), of: network, at: 1)
            let count = try arguments.positive(2, default: 9)
            let columns = try arguments.positive(3)
            if machine.isChecking { return .unknown }
            let samples = try topLosses(
                arguments.definition(network), weights: machine.weights(of: network, at: arguments.span(0)), on: data,
                count: count, cancellation: machine.cancellation, pool: machine.builder.pool)
            let names = data.classNames
            func name(_ number: Double) -> String {
                guard !names.isEmpty, let index = Int(exactly: number) else {
                    return shortNumberText(number, digits: 3)
                }
                return names.indices.contains(index) ? names[index] : "\(index)"
            }
            func value(_ number: Double) -> Value { names.isEmpty ? .number(number) : .string(name(number)) }
            let title = "largest losses of \(network.name) on \(data.name)"
            let captions = samples.map { sample in
                let sure = sample.probability.map { " \(Int((100 * $0).rounded())) %" } ?? ""
                return "\(name(sample.said))\(sure), is \(name(sample.truth))"
            }
            let panel: Figure.Panel
            if data.sampleShape.count == 3, [1, 3].contains(data.sampleShape[2]) {
                panel = .images(
                    ImageGrid(
                        title: title,
                        tiles: try zip(samples, captions).map { sample, caption in
                            ImageGrid.Tile(try Raster(of: data, at: sample.index), caption: caption)
                        }, columns: columns))
            } else {
                panel = .bars(
                    BarChart(
                        title: title, names: zip(samples, captions).map { "#\($0.index): \($1)" },
                        axis: Axis(label: "loss"), groups: [.init(values: samples.map(\.loss))]))
            }
            return arguments.show(
                Figure(panels: [panel]),
                fields: [
                    "index": try machine.vector(samples.map(\.index)), "loss": try machine.vector(samples.map(\.loss)),
                    "said": .list(samples.map { value($0.said) }), "true": .list(samples.map { value($0.truth) }),
                    "probability": try machine.vector(samples.map { $0.probability ?? .nan }),
                ])
        }
    ]
}

extension Raster {
    /// A sample of a dataset of images; what is normalised is shown from its least to its largest value.
    init(of data: Dataset, at index: Int) throws {
        let values = try data.sample(index).values.map(Double.init)
        let isPlain = values.allSatisfy { (0...1).contains($0) }
        let shape = data.sampleShape
        self.init(
            width: shape[1], height: shape[0], channels: shape[2], values: values, limits: isPlain ? 0...1 : nil)
    }
}
