import Language

/// `net LeNet(classes: 10) { … }` and the other declared kinds.
final class DeclarationNode: Executable {
    let kind: Declaration.Kind
    let closure: ClosureNode
    let stateNames: [String]
    let headSpan: SourceSpan
    let hasExpressionBody: Bool

    var code: FunctionCode { closure.code }

    init(
        _ kind: Declaration.Kind, _ closure: ClosureNode, stateNames: [String], headSpan: SourceSpan,
        hasExpressionBody: Bool, span: SourceSpan
    ) {
        self.kind = kind
        self.closure = closure
        self.stateNames = stateNames
        self.headSpan = headSpan
        self.hasExpressionBody = hasExpressionBody
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let template = DeclarationTemplate(self, captures: closure.captured(machine, frame))
        return try machine.located(headSpan) { try machine.session.language.declare(template, machine) }
    }
}

/// `here`, `channels`, `features` inside of a net.
final class RunningNameNode: Executable {
    let name: String

    init(_ name: String, span: SourceSpan) {
        self.name = name
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if let value = try machine.pipeline?.name(name, machine) { return value }
        throw Diagnostic("'\(name)' is only known inside of a net", at: span)
    }
}

/// `weight b = zeros([units]) if bias`; where the condition fails the name stands for 0.
final class WeightNode: Executable {
    let name: String
    let slot: Int
    let value: Executable
    let condition: Executable?

    init(_ name: String, slot: Int, value: Executable, condition: Executable?, span: SourceSpan) {
        self.name = name
        self.slot = slot
        self.value = value
        self.condition = condition
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        guard let pipeline = machine.pipeline else {
            throw Diagnostic("'weight' stands in a layer or a net", at: span)
        }
        if let condition, try condition.holds(machine, frame) == false {
            frame[slot] = .number(0)
        } else {
            frame[slot] = try pipeline.weight(name, at: span, machine) { try value.evaluate(machine, frame) }
        }
        return .none
    }
}

/// `state m = 0`.
final class StateNode: Executable {
    let name: String
    let slot: Int
    let value: Executable

    init(_ name: String, slot: Int, value: Executable, span: SourceSpan) {
        self.name = name
        self.slot = slot
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        guard let pipeline = machine.pipeline else { throw Diagnostic("'state' stands in an optimizer", at: span) }
        let initial = try value.evaluate(machine, frame)
        frame[slot] = try pipeline.state(name, initial: initial, at: span, machine)
        return .none
    }
}

/// `l2(5e-4) on "*.W"`.
final class RestrictedNode: Executable {
    let value: Executable
    let selector: Executable

    init(_ value: Executable, _ selector: Executable, span: SourceSpan) {
        self.value = value
        self.selector = selector
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        .object(
            RestrictedValue(
                try value.evaluate(machine, frame), to: try selector.evaluate(machine, frame), at: selector.span))
    }
}

/// `x in -3...3` between the parentheses of a call.
final class VariableRangeNode: Executable {
    let name: Identifier
    let values: Executable

    init(_ name: Identifier, _ values: Executable, span: SourceSpan) {
        self.name = name
        self.values = values
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        .object(VariableRange(name, in: try values.evaluate(machine, frame)))
    }
}

/// `name: value` between the braces of `fit` and its like.
struct SettingNode {
    let name: Identifier
    let form: Setting.Form
    let value: Executable
}

extension [SettingNode] {
    fileprivate func evaluate(_ machine: Machine, _ frame: Frame) throws -> [SettingValue] {
        try map {
            SettingValue(
                name: $0.name, form: $0.form, value: try $0.value.evaluate(machine, frame), valueSpan: $0.value.span,
                elementTexts: ($0.value as? ListNode)?.elements.nodes.map(\.span.text))
        }
    }
}

/// `fit NET on DATA { … }`.
final class FitNode: Executable {
    let net: Executable
    let data: Executable
    let settings: [SettingNode]
    let spans: FitSpans

    init(_ net: Executable, _ data: Executable, _ settings: [SettingNode], settingsSpan: SourceSpan, span: SourceSpan) {
        self.net = net
        self.data = data
        self.settings = settings
        spans = FitSpans(whole: span, net: net.span, data: data.span, settings: settingsSpan)
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let (net, data) = (try net.evaluate(machine, frame), try data.evaluate(machine, frame))
        let settings = try settings.evaluate(machine, frame)
        return try machine.located(span) {
            try machine.session.language.fit(net: net, data: data, settings: settings, at: spans, machine)
        }
    }
}

/// `resume RUN { … }`.
final class ResumeNode: Executable {
    let run: Executable
    let settings: [SettingNode]

    init(_ run: Executable, _ settings: [SettingNode], span: SourceSpan) {
        self.run = run
        self.settings = settings
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let run = try run.evaluate(machine, frame)
        let settings = try settings.evaluate(machine, frame)
        return try machine.located(span) {
            try machine.session.language.resume(run: run, settings: settings, at: span, machine)
        }
    }
}

/// `compare { … } do { … }`, `sweep { … } do { … }`.
final class TrialsNode: Executable {
    let kind: Trials.Kind
    let settings: [SettingNode]
    let body: Executable

    init(_ kind: Trials.Kind, _ settings: [SettingNode], body: Executable, span: SourceSpan) {
        self.kind = kind
        self.settings = settings
        self.body = body
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let settings = try settings.evaluate(machine, frame)
        guard case .function(let body) = try body.evaluate(machine, frame) else { return .none }
        return try machine.located(span) {
            try machine.session.language.trials(kind, settings: settings, body: body, at: span, machine)
        }
    }
}

/// `show adam`.
final class ShowNode: Executable {
    let value: Executable

    init(_ value: Executable, span: SourceSpan) {
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let shown = try value.evaluate(machine, frame)
        if machine.isChecking { return .none }
        let text = try machine.located(span) { try machine.session.language.show(shown, at: value.span, machine) }
        machine.session.emit(.output((text ?? shown.shown) + "\n"))
        return .none
    }
}

/// `why net.conv3`.
final class WhyNode: Executable {
    let value: Executable

    init(_ value: Executable, span: SourceSpan) {
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let subject = try value.evaluate(machine, frame)
        if machine.isChecking { return .none }
        let text = try machine.located(span) { try machine.session.language.why(subject, at: value.span, machine) }
        machine.session.emit(.output(text + "\n"))
        return .none
    }
}
