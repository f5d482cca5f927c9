import Graphs
import Language

/// A `loss`, `metric`, `regularizer`, `optimizer` or `schedule` as declared: calling it with its settings gives a
/// `RuleValue`.
final class DeclaredRule: FunctionValue {
    let template: DeclarationTemplate
    /// The parameters that calls set; what a loss and a metric are applied to comes before them.
    let settings: Signature

    init(_ template: DeclarationTemplate) {
        self.template = template
        settings = Signature(
            template.name, Array(template.signature.parameters.dropFirst(template.kind.operandCount)))
        super.init(signature: template.signature)
    }

    var kind: Declaration.Kind { template.kind }
    override var documentation: String? { template.documentation }
    override func preview() -> String { "\(kind.rawValue) \(signature.text)" }

    /// `adam(1e-3)` is a rule with settings. `cross_entropy(y, logits)` is a number.
    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        guard isApplied(by: call) else { return .object(try configured(call, machine)) }
        return try machine.evaluate(self, try machine.bind(call, to: signature), at: call.span)
    }

    /// Whether a call names what the rule is applied to: the first of it by name, or as many values as it takes.
    private func isApplied(by call: CallArguments) -> Bool {
        let operands = signature.parameters.prefix(kind.operandCount).map(\.name)
        guard !operands.isEmpty else { return false }
        let unnamed = call.labels.count { $0 == nil }
        let named = call.labels.contains { label in label.map { operands.contains($0.name) } ?? false }
        return named || unnamed >= operands.count || (unnamed > 0 && settings.parameters.isEmpty)
    }

    /// The rule with the settings of a call.
    func configured(_ call: CallArguments, _ machine: Machine) throws -> RuleValue {
        let values = try machine.bind(call, to: settings)
        let targets = try settings.match(labels: call.labels, spans: call.spans, call: call.span)
        for (argument, target) in targets.enumerated() {
            try checkUnit(call.values[argument], of: settings.parameters[target], at: call.spans[argument])
        }
        return RuleValue(self, values)
    }

    /// A setting takes the unit of its default, steps and epochs for one another, or a number without.
    private func checkUnit(_ value: Value, of parameter: Signature.Parameter, at span: SourceSpan) throws {
        guard case .quantity(let given) = value, given.unit != .percent else { return }
        let durations: Set<Unit> = [.steps, .epochs]
        switch parameter.defaultQuantity?.unit {
        case given.unit?: return
        case let unit? where durations.contains(unit) && durations.contains(given.unit): return
        case let unit?:
            throw Diagnostic(
                "the setting '\(parameter.name)' of '\(template.name)' has another unit", at: span,
                expected: durations.contains(unit) ? "steps or epochs" : unit.rawValue, found: value.described)
        case nil:
            throw Diagnostic(
                "the setting '\(parameter.name)' of '\(template.name)' has no unit", at: span, expected: "a number",
                found: value.described, hint: "leave '\(given.unit.rawValue)' out")
        }
    }

    /// The rule as it is named without parentheses.
    func configured(at span: SourceSpan, _ machine: Machine) throws -> RuleValue {
        try configured(CallArguments([], at: span), machine)
    }
}

/// A declared rule with its settings: `adam(1e-3)`, `l2(1e-4)`, `cosine(0.1)`.
final class RuleValue: ObjectValue {
    let declaration: DeclaredRule
    /// One for each setting; `.unset` takes the default.
    let settings: [Value]

    init(_ declaration: DeclaredRule, _ settings: [Value]) {
        self.declaration = declaration
        self.settings = settings
    }

    var template: DeclarationTemplate { declaration.template }
    var kind: Declaration.Kind { declaration.kind }
    var typeName: String { kind.rawValue }

    func preview() -> String { "\(kind.rawValue) \(settingsText)" }

    /// `adam(lr: 0.001)`: the name and every setting.
    var settingsText: String { template.settingsText(settings, of: declaration.settings) }

    var fieldNames: [String] { declaration.settings.parameters.map(\.name) }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        declaration.settings.setting(name, among: settings)
    }

    /// A loss or metric is applied to targets and outputs.
    func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        guard kind.operandCount > 0 else {
            throw Diagnostic(
                "\(typeName.withArticle) cannot be called", at: call.span,
                hint: kind == .schedule
                    ? "plot(\(template.name)(…), steps: 1000) shows it; a run has the rates that it took in "
                        + "run.history.learning_rate"
                    : "\(template.name) has its settings already: \(settingsText)")
        }
        let operands = Signature(
            template.name, Array(declaration.signature.parameters.prefix(kind.operandCount)))
        return try machine.evaluate(declaration, try machine.bind(call, to: operands) + settings, at: call.span)
    }

    func isEqual(to other: any ObjectValue) -> Bool {
        guard let other = other as? RuleValue else { return false }
        return declaration === other.declaration && zip(settings, other.settings).allSatisfy { $0.equals($1) }
    }
}

extension Signature {
    /// The value of a parameter among those of all; for `.unset` the text of its default. Nil for another name.
    func setting(_ name: String, among values: [Value]) -> Value? {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else { return nil }
        if case .unset = values[index] { return parameters[index].defaultText.map(Value.string) }
        return values[index]
    }
}

extension Value {
    /// The value as it stands between the parentheses of a rule.
    var settingText: String {
        if case .object(let object) = self, let rule = object as? RuleValue { return rule.settingsText }
        return shown
    }
}

extension Declaration.Kind {
    /// How many parameters stand before the settings: targets and outputs of a loss or a metric.
    var operandCount: Int {
        switch self {
        case .loss, .metric: 2
        case .function, .net, .block, .layer, .regularizer, .optimizer, .schedule, .augment: 0
        }
    }
}

extension Machine {
    /// A value as a rule of one kind: with settings, or as named, with all by default. Nil for anything else.
    ///
    /// - Throws: where a setting without default is missing.
    func rule(_ kinds: Set<Declaration.Kind>, _ value: Value, at span: SourceSpan) throws -> RuleValue? {
        switch value {
        case .function(let declared as DeclaredRule) where kinds.contains(declared.kind):
            return try declared.configured(at: span, self)
        case .object(let object):
            guard let rule = object as? RuleValue, kinds.contains(rule.kind) else { return nil }
            return rule
        case .cell(let cell): return try rule(kinds, cell.value, at: span)
        default: return nil
        }
    }

    /// A rule of the standard library's, with all settings by default.
    func libraryRule(_ name: String, at span: SourceSpan) throws -> RuleValue {
        guard case .function(let declared as DeclaredRule)? = try session.libraryValue(name, self) else {
            throw Diagnostic("the standard library's '\(name)' is missing", at: span)
        }
        return try declared.configured(at: span, self)
    }
}
