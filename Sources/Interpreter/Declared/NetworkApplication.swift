import Graphs
import Language
import Networks
import Tensors
import Training

/// One evaluation of a net's body on an input: scopes and weights go to the trace, nodes to the graph.
final class NetworkApplication {
    /// Where a weight's numbers come from.
    enum Numbers {
        /// They come later: the weight is a placeholder.
        case placeholders
        /// At once: from the net's own weights, or else drawn from the session's seed.
        case direct(NetworkValue)
    }

    let machine: Machine
    let trace: NetworkTrace
    private let numbers: Numbers
    /// Nets with edits whose bodies are being evaluated, from the outermost in.
    private var surgeries: [Surgery] = []
    /// Parts that bring weights along, with the path of their scope.
    private var donors: [(path: String, network: NetworkValue)] = []
    /// The first numbers of a weight are being evaluated: random numbers are the session's.
    private var isInitializing = false

    init(_ machine: Machine, _ trace: NetworkTrace, numbers: Numbers) {
        self.machine = machine
        self.trace = trace
        self.numbers = numbers
    }

    /// The outermost net: a net's own body has no scope, a lone layer or block has one.
    func run(_ network: NetworkValue, on input: Node, at span: SourceSpan) throws -> Node {
        try edited(network, on: input, at: span) {
            network.kind == .net
                ? try body(of: network, on: input, at: span)
                : try scoped(network.scopeName, on: input, at: span) { try body(of: network, on: input, at: span) }
        }
    }

    /// A part of a net, in a scope of its own.
    func apply(_ network: NetworkValue, to input: Node, at span: SourceSpan) throws -> Node {
        func part(_ body: () throws -> Node) throws -> Node {
            try scoped(network.scopeName, on: input, at: span) {
                if network.weights != nil { donors.append((trace.path, network)) }
                defer { if network.weights != nil { donors.removeLast() } }
                return try body()
            }
        }
        if network.kind == .net {
            return try part {
                try edited(network, on: input, at: span) { try body(of: network, on: input, at: span) }
            }
        }
        return try edited(network, on: input, at: span) {
            try part { try body(of: network, on: input, at: span) }
        }
    }

    /// Evaluates something as a layer of the name `kind`.
    func scoped(_ kind: String, on input: Node, at span: SourceSpan, _ body: () throws -> Node) throws -> Node {
        let path = trace.nextPath(of: kind)
        for surgery in surgeries.reversed() {
            guard let replacement = surgery.replacement(of: path) else { continue }
            if replacement.scopeName != kind { trace.skip(kind) }
            return try apply(replacement, to: input, at: span)
        }
        let surgery = surgeries.last.flatMap { $0.path == trace.path ? $0 : nil }
        surgery?.stages.append(Surgery.Stage(path: path, before: trace.mark, input: input))
        let index = (surgery?.stages.count ?? 0) - 1
        trace.enter(kind, origin: machine.origin(of: span))
        let output = try body()
        trace.leave(output: output)
        surgery?.stages[index].after = (trace.mark, output)
        return output
    }

    /// Evaluates a body and does to its layers what the net's edits say.
    private func edited(
        _ network: NetworkValue, on input: Node, at span: SourceSpan, _ body: () throws -> Node
    ) throws -> Node {
        guard !network.edits.isEmpty else { return try body() }
        let surgery = Surgery(network.edits, path: trace.path)
        surgeries.append(surgery)
        defer { surgeries.removeLast() }
        var output = try body()
        for (index, edit) in network.edits.enumerated() {
            surgery.nextEdit = index + 1
            switch edit {
            case .append(let layer): output = try apply(layer, to: output, at: span)
            case .dropLast:
                guard let last = surgery.stages.popLast() else {
                    throw Diagnostic("\(network.name) has no layer that could be dropped", at: span)
                }
                trace.rewind(to: last.before)
                output = last.input
            case .take(let path):
                guard let place = surgery.stages.firstIndex(where: { $0.path == surgery.full(path) }),
                    let end = surgery.stages[place].after
                else { throw surgery.noLayer(path, of: network, at: span) }
                trace.rewind(to: end.mark)
                output = end.output
                surgery.stages.removeSubrange((place + 1)...)
            case .replace(let path, _):
                guard surgery.replaced.contains(index) else { throw surgery.noLayer(path, of: network, at: span) }
            }
        }
        return output
    }

    private func body(of network: NetworkValue, on input: Node, at span: SourceSpan) throws -> Node {
        let template = network.declaration.template
        let pipeline = NetworkPipeline(self, running: input, isBody: true)
        var arguments = network.arguments
        var names: [String: Value] = [:]
        switch template.kind {
        case .layer:
            let last: Value = input.shape.rank > 0 ? .number(Double(input.shape[input.shape.rank - 1])) : .none
            names = ["x": .tensor(input), "channels": last, "features": last, "training": .bool(trace.isLayerTraining)]
        case .net, .block:
            if network.declaration.takesInput { arguments[0] = .tensor(input) }
        case .function, .loss, .regularizer, .optimizer, .schedule, .augment, .metric:
            preconditionFailure("\(template.kind.rawValue) is not applied to an input")
        }
        do {
            let (result, values) = try machine.run(
                template, arguments: arguments, names: names, pipeline: pipeline, wanted: template.stateNames, at: span)
            try update(pipeline.states, to: values, at: span)
            return try pipeline.outcome(result, mustBeValue: template.kind == .layer, of: network.name, at: span)
        } catch let error as NeedsValueError {
            throw Diagnostic(
                "a condition in a net cannot depend on the numbers that flow through it",
                at: machine.session.span(of: error.origin) ?? span,
                hint: "where(condition, a, b) chooses element by element")
        } catch {
            throw machine.locating(error, at: span)
        }
    }

    /// Training keeps what the body assigned to its states.
    private func update(_ states: [String: Node], to values: [String: Value], at span: SourceSpan) throws {
        guard trace.isLayerTraining else { return }
        for (name, old) in states.sorted(by: { $0.value.id < $1.value.id }) {
            guard let value = values[name], let new = try machine.node(value, at: span) else {
                throw Diagnostic("the state '\(name)' is no tensor", at: span, found: values[name]?.described)
            }
            if new !== old { try trace.update(old, to: new) }
        }
    }

    // MARK: Weights, states and random numbers

    /// `weight name = …` of the layer that is being evaluated, and `state name = …`, which is no parameter.
    func weight(
        _ name: String, isTrainable: Bool = true, at span: SourceSpan, value: () throws -> Value
    ) throws -> Node {
        isInitializing = true
        defer { isInitializing = false }
        var (shape, initializer) = try initial(try value(), of: name, at: span)
        if let brought = broughtWeight(name), brought.shape == shape { initializer = .values(brought) }
        do {
            let placeholder = try trace.weight(
                name, shape: shape, initializer: initializer, isTrainable: isTrainable, origin: machine.origin(of: span)
            )
            guard case .direct(let network) = numbers, !machine.isChecking else { return placeholder }
            let fullName = placeholder.name ?? name
            let type = TensorType(trace.elementType, shape)
            let tensor =
                try network.weights?[fullName]
                ?? initializer.makeTensor(name: fullName, type: type, seed: machine.session.random.seed)
            return trace.builder.constant(tensor)
        } catch {
            throw machine.locating(error, at: span)
        }
    }

    /// A trained net that is used inside of another one keeps its numbers.
    private func broughtWeight(_ name: String) -> Tensor? {
        for donor in donors.reversed() {
            let inner =
                (trace.path.dropFirst(donor.path.count).drop { $0 == "." }) + (trace.path == donor.path ? "" : ".")
            let root = donor.network.kind == .net ? "" : "\(donor.network.scopeName)1."
            if let tensor = donor.network.weights?[root + inner + name] { return tensor }
        }
        return nil
    }

    /// New numbers for each step; nil where the session's are to be taken.
    func uniform(_ shape: Shape) throws -> Node? {
        guard !isInitializing, case .placeholders = numbers else { return nil }
        return try trace.uniform(shape)
    }

    private func initial(_ value: Value, of name: String, at span: SourceSpan) throws -> (Shape, Initializer) {
        if case .object(let object) = value, let initial = object as? InitializerValue {
            return (initial.shape, initial.initializer)
        }
        if case .number(let number) = value { return (.scalar, .constant(number)) }
        guard let node = try machine.node(value, at: span) else {
            throw Diagnostic(
                "a weight is given by its first numbers", at: span,
                expected: "glorot(shape), he(shape), zeros(shape), …", found: value.described)
        }
        guard let tensor = node.value else {
            if machine.isChecking { return (node.shape, .constant(0)) }
            throw Diagnostic("the first numbers of a weight cannot depend on the net's input", at: span)
        }
        return (node.shape, .values(tensor))
    }
}

/// How a weight starts, with its shape: what `glorot([features, units])` gives.
final class InitializerValue: ObjectValue {
    let shape: Shape
    let initializer: Initializer
    private let name: String

    init(_ name: String, _ initializer: Initializer, shape: Shape) {
        self.name = name
        self.initializer = initializer
        self.shape = shape
    }

    var typeName: String { "initializer" }
    func preview() -> String { "\(name) numbers of shape \(shape)" }
}
