import Figures
import Graphs
import Language
import Networks
import Tensors

/// A layer, block or net with its settings, and with weights once it was trained or loaded. A value: training gives
/// another one.
final class NetworkValue: ObjectValue {
    let declaration: DeclaredNetwork
    /// One for each parameter of the declaration; `.unset` takes the default.
    let arguments: [Value]
    /// Nil before it met an input shape.
    let weights: Weights?
    /// Of one sample; known with the weights.
    let sampleShape: Shape?
    /// What `freeze` selected before there were weights, in order; a later one wins.
    let freezing: [(selector: Selector, isFrozen: Bool)]
    /// What was done to its layers, in order.
    let edits: [NetworkEdit]

    init(
        _ declaration: DeclaredNetwork, arguments: [Value], weights: Weights? = nil, sampleShape: Shape? = nil,
        freezing: [(selector: Selector, isFrozen: Bool)] = [], edits: [NetworkEdit] = []
    ) {
        self.declaration = declaration
        self.arguments = arguments
        self.weights = weights
        self.sampleShape = sampleShape
        self.freezing = freezing
        self.edits = edits
    }

    var name: String { declaration.template.name }
    var kind: Declaration.Kind { declaration.template.kind }
    var typeName: String { kind.rawValue }
    /// What counts it within its scope: `conv`, `bottleneck`.
    var scopeName: String { name.prefix(1).lowercased() + name.dropFirst() }

    /// The same net with other weights.
    func with(weights: Weights, sampleShape: Shape) -> NetworkValue {
        NetworkValue(declaration, arguments: arguments, weights: weights, sampleShape: sampleShape, edits: edits)
    }

    /// The same net as it is known before it was trained: the check before running knows its input.
    func expecting(sampleShape: Shape) -> NetworkValue {
        NetworkValue(
            declaration, arguments: arguments, weights: weights, sampleShape: sampleShape, freezing: freezing,
            edits: edits)
    }

    /// The same net with a part frozen or thawed.
    func freezing(_ selector: Selector, _ isFrozen: Bool) throws -> NetworkValue {
        guard var weights else {
            return NetworkValue(
                declaration, arguments: arguments, sampleShape: sampleShape,
                freezing: freezing + [(selector: selector, isFrozen: isFrozen)], edits: edits)
        }
        try weights.setFrozen(isFrozen, selector)
        return NetworkValue(
            declaration, arguments: arguments, weights: weights, sampleShape: sampleShape, edits: edits)
    }

    func preview() -> String {
        let settings = zip(declaration.template.signature.parameters, arguments).compactMap {
            parameter, value -> String? in
            if case .unset = value { return nil }
            return "\(parameter.name): \(value.shown)"
        }
        let head =
            ([kind.rawValue + " " + name + (settings.isEmpty ? "" : "(\(settings.joined(separator: ", ")))")]
            + edits.map(\.text)).joined(separator: " |> ")
        guard let weights else { return head }
        return head + ", \(grouped(weights.parameterCount)) parameters in \(weights.count) weights"
    }

    var fieldNames: [String] { ["name", "weights", "parameters"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        // While a script is checked a trained net has no weights yet.
        if weights == nil, machine.isChecking, ["weights", "parameters"].contains(name) { return .unknown }
        switch name {
        case "name": return .string(self.name)
        case "weights": return .list((weights?.entries ?? []).map { .string($0.name) })
        case "parameters": return weights.map { .number(Double($0.parameterCount)) } ?? Value.none
        default: return try layer(named: name, machine)
        }
    }

    /// The layer or block of its body at a path, once an input shape is known.
    func layer(named path: String, _ machine: Machine) throws -> Value? {
        let path = path.replacing("/", with: ".")
        guard let last = path.last, last.isASCII, last.isNumber else { return nil }
        guard let sampleShape else { return machine.isChecking ? .unknown : nil }
        let traced = try trace(for: sampleShape, machine)
        return traced.trace.layers.first { $0.path == path }.map {
            .object(LayerValue(self, $0, sampleShape: sampleShape))
        }
    }

    /// Its body, evaluated on the shape of a sample.
    func trace(for sampleShape: Shape, _ machine: Machine) throws -> TracedNetwork {
        try TracedNetwork(
            InterpretedNetwork(value: self, machine: machine, span: declaration.template.headSpan),
            sampleShape: sampleShape, builder: GraphBuilder(pool: machine.builder.pool))
    }

    /// `net["conv1.W"]`.
    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? {
        guard subscripts.count == 1, case .index(let value, let span) = subscripts[0] else { return nil }
        guard case .string(let name) = value else {
            throw Diagnostic("a net takes the name of a weight between its brackets", at: span, found: value.described)
        }
        guard let weights else {
            if machine.isChecking { return .unknown }
            throw Diagnostic(
                "the net has no weights yet", at: span,
                hint: "they are there once it met data: take them from a run's net")
        }
        guard let tensor = weights[name] else {
            if let layer = try layer(named: name, machine) { return layer }
            let names = weights.entries.map(\.name)
            throw Diagnostic(
                "the net has no weight '\(name)'", at: span,
                expected: names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : ""),
                hint: closestName(to: name, among: names).map { "did you mean '\($0)'?" })
        }
        return Value(machine.builder.constant(tensor))
    }

    /// `net(x)`.
    func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        guard call.values.count == 1, call.labels[0] == nil else {
            throw Diagnostic("\(typeName.withArticle) is applied to one input", at: call.span)
        }
        return try pipe(call.values[0], at: call.span, machine)
    }

    /// `x |> net`: within a net a part of it; at the prompt on its own, with new weights where it has none.
    func pipe(_ input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        if case .unknown = input { return .unknown }
        guard let node = try machine.node(input, at: span) else {
            throw Diagnostic("\(name) is applied to a tensor", at: span, found: input.described)
        }
        if let pipeline = machine.pipeline as? NetworkPipeline {
            return Value(try pipeline.application.apply(self, to: node, at: span))
        }
        let trace = NetworkTrace(builder: machine.builder)
        let application = NetworkApplication(machine, trace, numbers: .direct(self))
        return Value(try application.run(self, on: node, at: span))
    }

    func isEqual(to other: any ObjectValue) -> Bool {
        guard let other = other as? NetworkValue else { return false }
        if self === other { return true }
        guard edits.isEmpty, other.edits.isEmpty else { return false }
        return declaration === other.declaration && weights == other.weights
            && zip(arguments, other.arguments).allSatisfy { $0.equals($1) }
    }
}
