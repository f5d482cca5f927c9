import Graphs
import Language
import Networks
import Tensors

/// Builtins that show a net's architecture.
enum DrawingBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "draw", ["net", "input:"],
            "The architecture with repeated blocks folded. input is the shape of one sample; a net with weights knows "
                + "it, and without one a usual size of image is taken.",
            example: "draw(dense(10), input: [784])   # -> none"
        ) { arguments in
            let network = try arguments.network(0)
            let shapes: [Shape]
            if arguments.has(1) {
                shapes = [try arguments.shape(1)]
            } else {
                shapes = network.sampleShape.map { [$0] } ?? usualShapes
            }
            let summary = try summary(of: arguments.definition(network), shapes, arguments.machine)
            if !arguments.machine.isChecking {
                arguments.machine.session.emit(.output(NetworkDrawing(summary).text))
            }
            return .none
        }
    ]

    private static let usualShapes: [Shape] = [[224, 224, 3], [32, 32, 3], [28, 28, 1]]

    /// For the first shape that the net takes; where it takes none, what it says to the last.
    private static func summary(
        of definition: InterpretedNetwork, _ shapes: [Shape], _ machine: Machine
    ) throws -> NetworkSummary {
        for shape in shapes.dropLast() {
            if let summary = try? NetworkSummary(definition, sampleShape: shape, pool: machine.builder.pool) {
                return summary
            }
        }
        return try NetworkSummary(definition, sampleShape: shapes[shapes.count - 1], pool: machine.builder.pool)
    }
}
