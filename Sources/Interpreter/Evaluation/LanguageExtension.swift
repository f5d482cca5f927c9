import Language

/// A declaration of another kind than `fn`, compiled: `net LeNet(classes: 10) { … }`.
final class DeclarationTemplate {
    let kind: Declaration.Kind
    let name: String
    let documentation: String?
    /// The head, for "declared here".
    let headSpan: SourceSpan
    /// From the opening word to the end of the body.
    let span: SourceSpan
    /// The parameters and the body. Implicit names (`x`, `theta`, `g`, `t`, `w`) are slots after the parameters.
    let code: FunctionCode
    /// What the body captured of its surroundings.
    let captures: [Value]
    /// Names of `state` variables, in order.
    let stateNames: [String]
    /// Written as `name(…) = expression`.
    let hasExpressionBody: Bool

    init(_ node: DeclarationNode, captures: [Value]) {
        kind = node.kind
        name = node.code.signature.name
        documentation = node.code.documentation
        headSpan = node.headSpan
        span = node.span
        code = node.code
        stateNames = node.stateNames
        hasExpressionBody = node.hasExpressionBody
        self.captures = captures
    }

    var signature: Signature { code.signature }
}

extension Machine {
    /// Runs the body of a declaration.
    ///
    /// - Parameters:
    ///   - arguments: one for each parameter; `.unset` takes the default.
    ///   - names: values for implicit names of the body, by name.
    ///   - pipeline: what statements, `here`, `weight` and `state` of the body talk to.
    ///   - wanted: names of the body whose final values are asked for (`theta`, the states, parameters).
    /// - Returns: the body's value and the wanted values.
    func run(
        _ template: DeclarationTemplate, arguments: [Value], names: [String: Value] = [:],
        pipeline inner: (any Pipeline)?,
        wanted: [String] = [], at span: SourceSpan
    ) throws -> (result: Value, values: [String: Value]) {
        guard hasTurn else {
            return try takingTurn {
                try run(template, arguments: arguments, names: names, pipeline: inner, wanted: wanted, at: span)
            }
        }
        let code = template.code
        let frame = try enter(code, at: span)
        let outer = pipeline
        pipeline = inner
        defer {
            pipeline = outer
            leave(frame, code)
        }
        for (index, argument) in arguments.enumerated() { frame[index] = argument }
        for (index, slot) in code.captureSlots.enumerated() { frame[slot] = template.captures[index] }
        for (name, value) in names {
            if let slot = code.slotNames[name] { frame[slot] = value }
        }
        do {
            for (slot, value) in code.defaults {
                if case .unset = frame[slot] { frame[slot] = try value.evaluate(self, frame) }
            }
            let result = try code.body.evaluate(self, frame)
            var values: [String: Value] = [:]
            for name in wanted {
                let parameter = code.signature.parameters.firstIndex { $0.name == name }
                guard let slot = parameter ?? code.slotNames[name] else { continue }
                if case .cell(let cell) = frame[slot] { values[name] = cell.value } else { values[name] = frame[slot] }
            }
            return (signal == .none ? result : takeReturn(), values)
        } catch {
            throw locating(error, inCallOf: template.name, at: span)
        }
    }

    /// Binds the arguments of a call to the parameters of a declaration; what is left out is `.unset` and takes its default
    /// when the body runs.
    func bind(_ call: CallArguments, to signature: Signature) throws -> [Value] {
        let targets = try signature.match(labels: call.labels, spans: call.spans, call: call.span)
        var values = [Value](repeating: .unset, count: signature.parameters.count)
        for (argument, target) in targets.enumerated() { values[target] = call.values[argument] }
        return values
    }

    /// Runs a block or function value inside of a net: its statements work on the running value of `inner`.
    func run(block function: FunctionValue, in inner: any Pipeline, at span: SourceSpan) throws -> Value {
        guard let code = function.code else { return try call(function, CallArguments([], at: span)) }
        let frame = try enter(code, at: span)
        let outer = pipeline
        pipeline = inner
        defer {
            pipeline = outer
            leave(frame, code)
        }
        placeCaptures(of: function, code, frame)
        return try execute(code, frame)
    }
}

/// `name: value` between the braces of `fit` and its like, evaluated.
struct SettingValue {
    let name: Identifier
    let form: Setting.Form
    let value: Value
    let valueSpan: SourceSpan
    /// What stands between the commas where the value is written as a list.
    var elementTexts: [String]?
}

/// The parts of the language that are about nets and training.
protocol LanguageExtension {
    /// The value that a declared name is bound to.
    func declare(_ template: DeclarationTemplate, _ machine: Machine) throws -> Value
    func fit(net: Value, data: Value, settings: [SettingValue], at span: FitSpans, _ machine: Machine) throws -> Value
    func resume(run: Value, settings: [SettingValue], at span: SourceSpan, _ machine: Machine) throws -> Value
    /// `body` takes one parameter for each `in` setting, in order.
    func trials(
        _ kind: Trials.Kind, settings: [SettingValue], body: FunctionValue, at span: SourceSpan, _ machine: Machine
    ) throws -> Value
    /// `show adam`: text, nil where there is nothing special to show.
    func show(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String?
    /// `why net.conv3`.
    func why(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String
    /// Builtins that it brings.
    static var builtins: [Builtin] { get }
}

/// The places of a `fit` expression.
struct FitSpans {
    let whole: SourceSpan
    let net: SourceSpan
    let data: SourceSpan
    let settings: SourceSpan
}

/// `l2(5e-4) on "*.W"`.
final class RestrictedValue: ObjectValue {
    let value: Value
    let selector: Value
    let selectorSpan: SourceSpan
    let typeName = "restricted value"

    init(_ value: Value, to selector: Value, at span: SourceSpan) {
        self.value = value
        self.selector = selector
        selectorSpan = span
    }

    func preview() -> String { "\(value.shown) on \(selector.shown)" }
}

/// `x in -3...3` as an argument: a variable and the values that it takes.
final class VariableRange: ObjectValue {
    let name: Identifier
    let values: Value
    let typeName = "variable"

    init(_ name: Identifier, in values: Value) {
        self.name = name
        self.values = values
    }

    func preview() -> String { "\(name.name) in \(values.shown)" }
}
