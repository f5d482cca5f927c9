import Figures
import Graphs
import Language
import Networks
import Tensors

/// `draw`: a net's architecture as a figure.
enum DrawingBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "draw", ["net", "input:", "depth:"],
            "Draws the architecture: boxes and arrows with the shapes on them, branches and shortcuts, repeated blocks "
                + "folded. input is the shape of one sample; a net with weights knows it, and without one a usual size "
                + "of image is taken. depth is how many levels of blocks are opened, all unless given.",
            example: "draw(dense(10), input: [784])"
        ) { arguments in
            let network = try arguments.network(0)
            let shapes: [Shape]
            if arguments.has(1) {
                shapes = [try arguments.shape(1)]
            } else {
                shapes = network.sampleShape.map { [$0] } ?? usualShapes
            }
            let depth = arguments.has(2) ? try arguments.integer(2) : nil
            if let depth, depth < 0 { throw arguments.wrong(2, expected: "a whole number of 0 or more") }
            let diagram = try diagram(of: arguments.definition(network), shapes, depth: depth, arguments.machine)
            if arguments.machine.isChecking { return .unknown }
            return arguments.show(Figure(panels: [.diagram(Diagram(diagram))]))
        }
    ]

    private static let usualShapes: [Shape] = [[224, 224, 3], [32, 32, 3], [28, 28, 1]]

    /// For the first shape that the net takes; where it takes none, what it says to the last.
    private static func diagram(
        of definition: InterpretedNetwork, _ shapes: [Shape], depth: Int?, _ machine: Machine
    ) throws -> NetworkDiagram {
        func diagram(_ shape: Shape) throws -> NetworkDiagram {
            try NetworkDiagram(
                definition, sampleShape: shape, depth: depth, builder: GraphBuilder(pool: machine.builder.pool))
        }
        for shape in shapes.dropLast() {
            if let diagram = try? diagram(shape) { return diagram }
        }
        return try diagram(shapes[shapes.count - 1])
    }
}

extension Diagram {
    /// The flow of a net as boxes and arrows.
    init(_ network: NetworkDiagram) {
        self.init(
            title: network.name, subtitle: "\(grouped(network.parameters)) parameters",
            input: extents(network.sampleShape.dimensions), elements: network.parts.map(Element.init))
    }
}

extension Diagram.Element {
    fileprivate init(_ part: NetworkDiagram.Part) {
        let output = extents(Array(part.output.dimensions.dropFirst()))
        switch part {
        case .layer(let layer):
            self = .box(
                Diagram.Box(
                    name: layer.name, detail: layer.detail,
                    note: layer.parameters > 0 ? shortCount(layer.parameters) : "",
                    kind: layer.role.color, strips: layer.attached, output: output))
        case .block(let name, _, let times, let inside, _):
            self = .group(name: name, times: times, inside.map(Self.init), output: output)
        case .branches(let ways, let join, _):
            self = .branches(ways.map { $0.map(Self.init) }, join: join, output: output)
        }
    }
}

extension NetworkDiagram.Role {
    /// A colour of the palette.
    fileprivate var color: Int {
        switch self {
        case .convolution: 0
        case .dense: 4
        case .pooling: 2
        case .elementwise: 9
        case .reshaping: 9
        case .block: 3
        }
    }
}

/// "28 × 28 × 6".
func extents(_ dimensions: [Int]) -> String { dimensions.map(String.init).joined(separator: " × ") }

/// A count in at most four digits: 456, 61.7k, 138M.
private func shortCount(_ count: Int) -> String {
    let units: [(size: Double, name: String)] = [(1e9, "G"), (1e6, "M"), (1e3, "k")]
    for unit in units where Double(count) >= unit.size {
        return shortNumberText(Double(count) / unit.size, digits: 3) + unit.name
    }
    return String(count)
}
