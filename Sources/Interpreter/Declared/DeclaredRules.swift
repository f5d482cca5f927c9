import Graphs
import Language
import Networks
import Training

/// A `loss` or `metric`: a function of the targets and of what the net says, with settings after these two.
final class DeclaredObjective: FunctionValue {
    let template: DeclarationTemplate
    private let given: [Value]

    /// - Parameter given: values of the settings, one for each parameter; `.unset` takes the default.
    init(_ template: DeclarationTemplate, given: [Value]? = nil) {
        self.template = template
        self.given = given ?? [Value](repeating: .unset, count: template.signature.parameters.count)
        super.init(signature: template.signature)
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "\(template.kind.rawValue) \(signature.text)" }

    /// `cross_entropy(y, logits)` is a number; with settings alone it is the same loss with these settings.
    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        let isSetting = !call.labels.isEmpty && call.labels.allSatisfy { $0 != nil && $0?.name != parameterName(0) }
        guard isSetting else {
            let values = try machine.bind(call, to: signature)
            return try evaluate(values, at: call.span, machine)
        }
        let settings = Signature(signature.name, Array(signature.parameters.dropFirst(2)))
        let values = try machine.bind(call, to: settings)
        return .function(DeclaredObjective(template, given: [.unset, .unset] + values))
    }

    private func parameterName(_ index: Int) -> String? {
        signature.parameters.indices.contains(index) ? signature.parameters[index].name : nil
    }

    /// The value for targets and outputs.
    func value(of y: Node, _ output: Node, at span: SourceSpan, _ machine: Machine) throws -> Node {
        var values = given
        values[0] = .tensor(y)
        values[1] = .tensor(output)
        let result = try evaluate(values, at: span, machine)
        guard let node = try machine.node(result, at: span) else {
            throw Diagnostic("the \(template.kind.rawValue) '\(template.name)' gives no number", at: span)
        }
        return node
    }

    private func evaluate(_ values: [Value], at span: SourceSpan, _ machine: Machine) throws -> Value {
        let outer = machine.impliedClasses
        defer { machine.impliedClasses = outer }
        if case .tensor(let output) = values[1], output.shape.rank > 0 {
            machine.impliedClasses = output.shape[output.shape.rank - 1]
        }
        return try machine.run(template, arguments: values, pipeline: nil, at: span).result
    }
}

/// A `regularizer`: calling it with its settings gives a `RegularizerValue`.
final class DeclaredRegularizer: FunctionValue {
    let template: DeclarationTemplate

    init(_ template: DeclarationTemplate) {
        self.template = template
        super.init(signature: template.signature)
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "regularizer \(signature.text)" }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        .object(RegularizerValue(template, arguments: try machine.bind(call, to: signature)))
    }
}

/// A regularizer with its settings.
final class RegularizerValue: ObjectValue {
    let template: DeclarationTemplate
    let arguments: [Value]

    init(_ template: DeclarationTemplate, arguments: [Value]) {
        self.template = template
        self.arguments = arguments
    }

    var typeName: String { "regularizer" }
    func preview() -> String { "regularizer " + settingsText(template, arguments) }

    /// What it adds to the loss for the weights that `selector` selects.
    func penalty(on selector: Selector?, at span: SourceSpan, _ machine: Machine) -> Regularizer {
        Regularizer(on: selector) { weight, builder in
            try machine.building(with: builder) {
                let (result, _) = try machine.run(
                    self.template, arguments: self.arguments, names: ["w": .tensor(weight)], pipeline: nil, at: span)
                guard let node = try machine.node(result, at: span) else {
                    throw Diagnostic("the regularizer '\(self.template.name)' gives no number", at: span)
                }
                return node
            }
        }
    }
}

/// A `schedule`: calling it with its settings gives a function of the step.
final class DeclaredSchedule: FunctionValue {
    let template: DeclarationTemplate

    init(_ template: DeclarationTemplate) {
        self.template = template
        super.init(signature: template.signature)
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "schedule \(signature.text)" }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        let values = try machine.bind(call, to: signature)
        let result = try machine.run(template, arguments: values, pipeline: nil, at: call.span).result
        guard case .function = result else {
            throw Diagnostic(
                "the schedule '\(template.name)' is no function of the step", at: template.headSpan,
                expected: "t -> …", found: result.described)
        }
        return result
    }
}

/// `adam(lr: 0.001)`: a declaration's name with the settings that were given.
func settingsText(_ template: DeclarationTemplate, _ arguments: [Value]) -> String {
    let settings = zip(template.signature.parameters, arguments).map { parameter, value in
        if case .unset = value { return "\(parameter.name): \(parameter.defaultText ?? "")" }
        return "\(parameter.name): \(value.shown)"
    }
    return "\(template.name)(\(settings.joined(separator: ", ")))"
}
