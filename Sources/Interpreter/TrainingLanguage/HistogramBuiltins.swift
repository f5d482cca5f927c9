import Figures
import Graphs
import Language
import Networks
import Tensors
import Training

/// `histograms` of weights.
enum HistogramBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "histograms", ["net", "selector: \"*.W\"", "bins: 40", "columns:"],
            "Draws how the numbers of the selected weights are distributed, a panel a weight. Of a run the weights before "
                + "training are drawn beside those after it; {small: a, large: b} compares nets.",
            example: "histograms(initialize(dense(3), input: [4]), \"*.W\")"
        ) { arguments in
            let machine = arguments.machine
            let bins = try arguments.positive(2, default: 40)
            let columns = try arguments.positive(3)
            let nets = try nets(arguments)
            guard let first = nets.first else {
                throw arguments.wrong(0, expected: "a net, a run, or a record of nets")
            }
            let names = first.weights.entries.filter(\.isTrainable).map(\.name)
            if machine.isChecking {
                if !names.isEmpty { _ = try arguments.weights(1, among: names) }
                return .unknown
            }
            let chosen = try arguments.weights(1, among: names)
            guard chosen.count <= mostPanels else {
                throw Diagnostic(
                    "\(chosen.count) weights are too many for one figure", at: arguments.span(1),
                    expected: "at most \(mostPanels)", hint: "a narrower selector, such as \"conv1.W\"")
            }
            let panels = names.filter(chosen.contains).map { name -> Figure.Panel in
                let numbers = nets.compactMap { net in net.weights[name].map { (net.label, $0.doubles) } }
                let edges = Series.binEdges(numbers.flatMap(\.1), bins: bins)
                return .plot(
                    Plot(
                        title: name, y: Axis(label: "count", wholeNumbers: true),
                        series: numbers.map { .histogram($0.1, edges: edges, label: nets.count > 1 ? $0.0 : nil) }))
            }
            return arguments.show(
                Figure(title: panels.count > 1 ? "weights of \(first.name)" : "", panelColumns: columns, panels: panels)
            )
        }
    ]

    private static let mostPanels = 36

    private static func nets(_ arguments: Arguments) throws -> [(label: String, name: String, weights: Weights)] {
        let machine = arguments.machine
        func weights(_ network: NetworkValue) throws -> Weights {
            if network.weights == nil, machine.isChecking { return Weights() }
            return try machine.weights(of: network, at: arguments.span(0))
        }
        switch arguments[0] {
        case .record(let record):
            return try zip(record.names, record.values).map { label, value in
                let network = try machine.network(value, at: arguments.span(0))
                return (label, network.name, try weights(network))
            }
        case .object(let object):
            guard let run = object as? RunValue, let result = run.result else { break }
            return [
                ("before", run.network.name, try run.evaluation.weightsAtStart(seed: result.seed)),
                ("after", run.network.name, result.weights),
            ]
        default: break
        }
        let network = try arguments.network(0)
        return [("", network.name, try weights(network))]
    }
}
