import Graphs
import Language
import Tensors
import Training

/// An `optimizer` as declared: calling it with its settings gives an `OptimizerValue`.
final class DeclaredOptimizer: FunctionValue {
    let template: DeclarationTemplate

    init(_ template: DeclarationTemplate) {
        self.template = template
        super.init(signature: template.signature)
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "optimizer \(signature.text)" }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        .object(OptimizerValue(template, arguments: try machine.bind(call, to: signature)))
    }
}

/// An optimizer with its settings: `adam(1e-3)`. A setting that is a function is a schedule.
final class OptimizerValue: ObjectValue {
    let template: DeclarationTemplate
    let arguments: [Value]

    init(_ template: DeclarationTemplate, arguments: [Value]) {
        self.template = template
        self.arguments = arguments
    }

    var typeName: String { "optimizer" }
    func preview() -> String { "optimizer " + settingsText(template, arguments) }

    var fieldNames: [String] { template.signature.parameters.map(\.name) }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        guard let index = template.signature.parameters.firstIndex(where: { $0.name == name }) else { return nil }
        if case .unset = arguments[index] {
            return template.signature.parameters[index].defaultText.map(Value.string)
        }
        return arguments[index]
    }

    /// The rule as training runs it.
    ///
    /// - Throws: where a state's first value is not one number, or the body refuses to be evaluated.
    func definition(at span: SourceSpan, _ machine: Machine) throws -> OptimizerDefinition {
        var settings: [(name: String, value: Double)] = []
        var schedules: [(name: String, value: (_ step: Int) throws -> Double)] = []
        for (parameter, value) in zip(template.signature.parameters, arguments) {
            if let number = value.plainNumber {
                settings.append((parameter.name, number))
            } else if case .function(let function) = value {
                schedules.append((parameter.name, scheduled(function, parameter.name, at: span, machine)))
            }
        }
        return OptimizerDefinition(
            name: template.name, states: try firstStates(at: span, machine), settings: settings, schedules: schedules
        ) { step, builder in
            try machine.building(with: builder) { try self.update(step, at: span, machine) }
        }
    }

    private func scheduled(
        _ function: FunctionValue, _ setting: String, at span: SourceSpan, _ machine: Machine
    ) -> (Int) throws -> Double {
        { step in
            let result = try machine.call(function, .number(Double(step)), at: span)
            guard let number = result.plainNumber else {
                throw Diagnostic(
                    "the schedule of '\(setting)' gives no number", at: span, found: result.described)
            }
            return number
        }
    }

    /// Runs the body once on a stand-in to learn what the states start from.
    private func firstStates(at span: SourceSpan, _ machine: Machine) throws -> [(name: String, initial: Double)] {
        let builder = GraphBuilder(pool: machine.builder.pool)
        let states = OptimizerPipeline(states: [:], builder: builder)
        try machine.building(with: builder) {
            let type = TensorType(.float32, [1])
            let scalar = TensorType(.float64, .scalar)
            let step = OptimizerStep(
                theta: builder.placeholder("theta", type), gradient: builder.placeholder("g", type),
                step: builder.placeholder("t", scalar),
                schedules: scheduleNames.reduce(into: [:]) { $0[$1] = builder.placeholder($1, scalar) }, states: [:])
            _ = try run(step, states, at: span, machine)
        }
        return states.initial
    }

    private var scheduleNames: [String] {
        zip(template.signature.parameters, arguments).compactMap { parameter, value in
            if case .function = value { return parameter.name }
            return nil
        }
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
        let arguments = zip(template.signature.parameters, arguments).map { parameter, value in
            step.schedules[parameter.name].map(Value.tensor) ?? value
        }
        let names: [String: Value] = [
            "theta": .tensor(step.theta), "g": .tensor(step.gradient), "t": .tensor(step.step),
        ]
        return try machine.run(
            template, arguments: arguments, names: names, pipeline: pipeline,
            wanted: ["theta"] + template.stateNames, at: span
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
