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

    init(_ machine: Machine, _ trace: NetworkTrace, numbers: Numbers) {
        self.machine = machine
        self.trace = trace
        self.numbers = numbers
    }

    /// The outermost net: a net's own body has no scope, a lone layer or block has one.
    func run(_ network: NetworkValue, on input: Node, at span: SourceSpan) throws -> Node {
        network.kind == .net
            ? try body(of: network, on: input, at: span) : try apply(network, to: input, at: span)
    }

    /// A part of a net, in a scope of its own.
    func apply(_ network: NetworkValue, to input: Node, at span: SourceSpan) throws -> Node {
        try scoped(network.scopeName, at: span) { try body(of: network, on: input, at: span) }
    }

    /// Evaluates something as a layer of the name `kind`.
    func scoped(_ kind: String, at span: SourceSpan, _ body: () throws -> Node) throws -> Node {
        trace.enter(kind, origin: machine.origin(of: span))
        let output = try body()
        trace.leave(output: output)
        return output
    }

    private func body(of network: NetworkValue, on input: Node, at span: SourceSpan) throws -> Node {
        let template = network.declaration.template
        let pipeline = NetworkPipeline(self, running: input)
        var arguments = network.arguments
        var names: [String: Value] = [:]
        switch template.kind {
        case .layer:
            let last: Value = input.shape.rank > 0 ? .number(Double(input.shape[input.shape.rank - 1])) : .none
            names = ["x": .tensor(input), "channels": last, "features": last]
        case .net, .block:
            if network.declaration.takesInput { arguments[0] = .tensor(input) }
        case .function, .loss, .regularizer, .optimizer, .schedule, .augment, .metric:
            preconditionFailure("\(template.kind.rawValue) is not applied to an input")
        }
        do {
            let (result, _) = try machine.run(
                template, arguments: arguments, names: names, pipeline: pipeline, at: span)
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

    /// `weight name = …` of the layer that is being evaluated.
    func weight(_ name: String, value: Value, at span: SourceSpan) throws -> Node {
        let (shape, initializer) = try initial(value, of: name, at: span)
        do {
            let placeholder = try trace.weight(
                name, shape: shape, initializer: initializer, origin: machine.origin(of: span))
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
