import Graphs
import Language
import Tensors
import Training

// An optimizer with its settings as training runs it. A setting that is a function is a schedule.
extension RuleValue {
    /// The rule as training runs it.
    ///
    /// - Throws: where a state's first value is not one number, or the body refuses to be evaluated.
    func definition(at span: SourceSpan, _ machine: Machine) throws -> OptimizerDefinition {
        var schedules: [(name: String, value: Schedule)] = []
        for (parameter, value) in zip(declaration.settings.parameters, settings) {
            if let schedule = try machine.schedule(value, of: parameter.name, at: span) {
                schedules.append((parameter.name, schedule))
            } else if !isSetting(value), !machine.isUnknown(value) {
                throw Diagnostic(
                    "the setting '\(parameter.name)' of '\(template.name)' does not fit", at: span,
                    expected: "a number, or a schedule such as cosine(0.1)", found: value.described)
            }
        }
        let (states, numbers) = try standIn(schedules.map(\.name), at: span, machine)
        return OptimizerDefinition(name: template.name, states: states, settings: numbers, schedules: schedules) {
            step, builder in
            try machine.building(with: builder) { try self.update(step, at: span, machine) }
        }
    }

    /// Whether a rule can read a value: a number or a word.
    private func isSetting(_ value: Value) -> Bool {
        switch value {
        case .none, .bool, .number, .quantity, .string, .tensor, .unset: true
        default: false
        }
    }

    /// Runs the body once on a stand-in to learn what the states start from, and which numbers the settings are.
    private func standIn(
        _ schedules: [String], at span: SourceSpan, _ machine: Machine
    ) throws -> (states: [(name: String, initial: Double)], settings: [(name: String, value: Double)]) {
        let builder = GraphBuilder(pool: machine.builder.pool)
        let states = OptimizerPipeline(states: [:], builder: builder)
        let values = try machine.building(with: builder) {
            let type = TensorType(.float32, [1])
            let scalar = TensorType(.float64, .scalar)
            let step = OptimizerStep(
                theta: builder.placeholder("theta", type), gradient: builder.placeholder("g", type),
                step: builder.placeholder("t", scalar),
                schedules: schedules.reduce(into: [:]) { $0[$1] = builder.placeholder($1, scalar) }, states: [:])
            return try run(step, states, at: span, machine)
        }
        let numbers = declaration.settings.parameters.compactMap { parameter in
            values[parameter.name]?.plainNumber.map { (name: parameter.name, value: $0) }
        }
        return (states.initial, numbers)
    }

    private func update(_ step: OptimizerStep, at span: SourceSpan, _ machine: Machine) throws -> OptimizerUpdate {
        let pipeline = OptimizerPipeline(states: step.states, builder: machine.builder)
        let values = try run(step, pipeline, at: span, machine)
        if case .tensor(let theta)? = values["theta"], theta === step.theta {
            throw Diagnostic(
                "the optimizer '\(template.name)' never changes theta", at: template.headSpan,
                expected: "a statement such as theta -= lr * g")
        }
        var states: [String: Node] = [:]
        for name in template.stateNames {
            states[name] = try node(values[name], name, like: step.theta, at: span, machine)
        }
        return OptimizerUpdate(
            theta: try node(values["theta"], "theta", like: step.theta, at: span, machine), states: states)
    }

    private func run(
        _ step: OptimizerStep, _ pipeline: OptimizerPipeline, at span: SourceSpan, _ machine: Machine
    ) throws -> [String: Value] {
        let arguments = zip(declaration.settings.parameters, self.settings).map { parameter, value in
            step.schedules[parameter.name].map(Value.tensor) ?? value
        }
        let names: [String: Value] = [
            "theta": .tensor(step.theta), "g": .tensor(step.gradient), "t": .tensor(step.step),
        ]
        return try machine.run(
            template, arguments: arguments, names: names, pipeline: pipeline,
            wanted: ["theta"] + template.stateNames + declaration.settings.parameters.map(\.name), at: span
        ).values
    }

    private func node(
        _ value: Value?, _ name: String, like theta: Node, at span: SourceSpan, _ machine: Machine
    ) throws -> Node {
        guard let value, let node = try machine.node(value, at: span) else {
            throw Diagnostic(
                "the optimizer '\(template.name)' leaves no number in '\(name)'", at: template.headSpan,
                found: value?.described)
        }
        guard node.shape.broadcast(with: theta.shape) == theta.shape else {
            throw Diagnostic(
                "the optimizer '\(template.name)' changes the shape of '\(name)'", at: template.headSpan,
                expected: "the parameter's shape \(theta.shape)", found: "\(node.shape)")
        }
        let converted = try machine.builder.convert(node, to: theta.elementType)
        return converted.shape == theta.shape ? converted : try machine.builder.broadcast(converted, to: theta.shape)
    }
}

/// Gives the states of an optimizer's body their values.
final class OptimizerPipeline: Pipeline {
    private let states: [String: Node]
    private let builder: GraphBuilder
    /// What the states start from, in order of declaration.
    private(set) var initial: [(name: String, initial: Double)] = []

    init(states: [String: Node], builder: GraphBuilder) {
        self.states = states
        self.builder = builder
    }

    func state(_ name: String, initial value: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        guard let number = value.plainNumber else {
            throw Diagnostic("a state starts from one number", at: span, found: value.described)
        }
        initial.append((name, number))
        return .tensor(states[name] ?? builder.placeholder(name, TensorType(.float32, [1])))
    }

    func apply(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> Value { value }

    func name(_ name: String, _ machine: Machine) throws -> Value? { nil }

    func weight(_ name: String, at span: SourceSpan, _ machine: Machine, value: () throws -> Value) throws -> Value {
        throw Diagnostic("an optimizer has no weights", at: span, hint: "state \(name) = 0 keeps numbers between steps")
    }
}
