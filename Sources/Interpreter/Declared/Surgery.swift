import Graphs
import Language
import Networks
import Tensors
import Training

/// A change of a net's layers.
enum NetworkEdit {
    /// The last layer of the net's own body is left out.
    case dropLast
    case append(NetworkValue)
    /// The layer at a path gives way to another one.
    case replace(path: String, NetworkValue)
    /// What comes after a layer of the net's own body is left out.
    case take(path: String)

    var text: String {
        switch self {
        case .dropLast: "drop_last"
        case .append(let layer): "append(\(layer.name))"
        case .replace(let path, let layer): "replace(\"\(path)\", \(layer.name))"
        case .take(let path): "take(\"\(path)\")"
        }
    }
}

/// The edits of a net while its body is evaluated.
final class Surgery {
    /// A layer of the net's own body.
    struct Stage {
        let path: String
        let before: NetworkTrace.Mark
        let input: Node
        var after: (mark: NetworkTrace.Mark, output: Node)?
    }

    let edits: [NetworkEdit]
    /// Scope of the net.
    let path: String
    var stages: [Stage] = []
    /// Edits from here on are still to be done.
    var nextEdit = 0
    /// Indices of the replacements that took place.
    private(set) var replaced = Set<Int>()

    init(_ edits: [NetworkEdit], path: String) {
        self.edits = edits
        self.path = path
    }

    func full(_ inner: String) -> String {
        (path.isEmpty ? "" : path + ".") + inner.replacing("/", with: ".")
    }

    /// What stands for the layer at a path from now on. Each replacement takes place once.
    func replacement(of layer: String) -> NetworkValue? {
        for index in edits.indices.reversed() where index >= nextEdit && !replaced.contains(index) {
            guard case .replace(let path, let replacement) = edits[index], full(path) == layer else { continue }
            // Earlier ones for the same layer have nothing left to do.
            for other in edits.indices where other >= nextEdit && other <= index {
                if case .replace(path, _) = edits[other] { replaced.insert(other) }
            }
            return replacement
        }
        return nil
    }

    func noLayer(_ name: String, of network: NetworkValue, at span: SourceSpan) -> Diagnostic {
        let names = stages.map { String($0.path.dropFirst(path.isEmpty ? 0 : path.count + 1)) }
        let near = closestName(to: name, among: names)
        return Diagnostic(
            "\(network.name) has no layer '\(name)'", at: span,
            expected: names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : ""),
            hint: near.map { "did you mean '\($0)'?" })
    }
}

extension NetworkValue {
    /// The same net with its layers changed. Weights of layers that stay keep their numbers; new ones are drawn from the
    /// session's seed.
    func editing(_ edit: NetworkEdit, at span: SourceSpan, _ machine: Machine) throws -> NetworkValue {
        let edited = NetworkValue(
            declaration, arguments: arguments, sampleShape: sampleShape, freezing: freezing, edits: edits + [edit])
        guard let weights, let sampleShape else { return edited }
        let specifications = try TracedNetwork(
            InterpretedNetwork(value: edited, machine: machine, span: span), sampleShape: sampleShape,
            builder: GraphBuilder(pool: machine.builder.pool)
        ).specifications
        let shapes = Dictionary(specifications.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
        let kept = weights.filter { name in
            if case .replace(let path, _) = edit, name.hasPrefix(path.replacing("/", with: ".") + ".") { return false }
            return shapes[name] == weights[name]?.shape
        }
        let all = try Weights(
            specifications, seed: machine.session.random.seed,
            elementType: weights.entries.first?.tensor.elementType ?? .float32, keeping: kept)
        return edited.with(weights: all, sampleShape: sampleShape)
    }
}

/// Builtins that change a net's layers. `append`, `take` and `replace` have other meanings for other values.
enum SurgeryBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "drop_last", ["net"], "The net without the last layer of its body; the other layers keep their weights.",
            example: "drop_last(dense(10) |> append(relu)).name   # -> \"dense\""
        ) { arguments in
            .object(try arguments.network(0).editing(.dropLast, at: arguments.span, arguments.machine))
        },
        Builtin(
            "replace", ["net", "layer", "by"],
            "The net with the layer of that name (\"conv2\", \"stage1.conv2\") replaced; or a text with every "
                + "occurrence of a part replaced.",
            example: "replace(\"a-b\", \"-\", \"+\")   # -> \"a+b\""
        ) { arguments in
            if case .string(let text) = arguments[0] {
                return .string(text.replacing(try arguments.text(1), with: try arguments.text(2)))
            }
            return .object(
                try arguments.network(0).editing(
                    .replace(path: try arguments.text(1), try arguments.network(2)), at: arguments.span,
                    arguments.machine))
        },
        Builtin(
            "initialize", ["net", "input", "seed:"],
            "The net with new weights for samples of the shape input, drawn from a seed.",
            example: "initialize(dense(3), input: [4]).parameters   # -> 15"
        ) { arguments in
            let network = try arguments.network(0)
            let shape = try arguments.shape(1)
            let machine = arguments.machine
            let seed = arguments.has(2) ? UInt64(try arguments.count(2)) : machine.session.random.seed
            if machine.isChecking {
                _ = try parameterCount(arguments.definition(network), sampleShape: shape, pool: machine.builder.pool)
                return .object(network)
            }
            var weights = try initialWeights(
                arguments.definition(network), sampleShape: shape, seed: seed, pool: machine.builder.pool)
            for (selector, isFrozen) in network.freezing { try weights.setFrozen(isFrozen, selector) }
            return .object(network.with(weights: weights, sampleShape: shape))
        },
        Builtin(
            "changes", ["before", "after"],
            "Which weights of two nets differ, and by how much: the length of the difference, that over the length "
                + "before, and the largest difference.",
            example: "fn moved(a, b) = changes(a, b)   # -> none"
        ) { arguments in
            let (before, after) = (try arguments.network(0), try arguments.network(1))
            let machine = arguments.machine
            if machine.isChecking { return .none }
            let table = WeightChanges(
                from: try machine.weights(of: before, at: arguments.span(0)),
                to: try machine.weights(of: after, at: arguments.span(1)))
            machine.session.emit(.output(table.text))
            return .none
        },
    ]
}
