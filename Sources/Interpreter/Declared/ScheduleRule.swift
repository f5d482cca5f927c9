import Figures
import Language
import Training

// A schedule with its settings.
extension RuleValue {
    /// The function of the step that it is in a course.
    ///
    /// - Throws: where a setting is counted in epochs and there are none, or the body gives no function.
    func function(over course: Schedule.Course, at span: SourceSpan, _ machine: Machine) throws -> FunctionValue {
        if course.stepsPerEpoch == nil, template.mentions("steps_per_epoch") {
            throw Diagnostic(
                "the schedule '\(template.name)' counts in epochs, and there are none here", at: span,
                hint: "fit has epochs; minimize and plot have steps alone")
        }
        if course.validationLoss == nil, template.mentions("val_loss") {
            throw Diagnostic(
                "the schedule '\(template.name)' follows the validation loss, and there is none", at: span,
                hint: "add validate: data.test to the fit")
        }
        let names: [String: Value] = [
            "total": .number(Double(course.steps)),
            "steps_per_epoch": course.stepsPerEpoch.map { .number(Double($0)) } ?? .none,
            "val_loss": .list((course.validationLoss ?? []).map(Value.number)),
        ]
        let arguments = try zip(declaration.settings.parameters, settings).map { parameter, value in
            try setting(value, of: parameter, over: course, at: span, machine)
        }
        let result = try machine.run(template, arguments: arguments, names: names, pipeline: nil, at: span).result
        guard case .function(let function) = result else {
            throw Diagnostic(
                "the schedule '\(template.name)' is no function of the step", at: template.headSpan,
                expected: "t -> …", found: result.described)
        }
        return function
    }

    /// What the body reads: steps as a number, and a schedule inside of this one as its function.
    private func setting(
        _ value: Value, of parameter: Signature.Parameter, over course: Schedule.Course, at span: SourceSpan,
        _ machine: Machine
    ) throws -> Value {
        if let inner = try machine.rule([.schedule], value, at: span) {
            return .function(try inner.function(over: course, at: span, machine))
        }
        var quantity: Quantity?
        switch value {
        case .quantity(let given): quantity = given
        case .unset: quantity = parameter.defaultQuantity
        default: break
        }
        guard let quantity else { return value }
        switch quantity.unit {
        case .epochs:
            guard let stepsPerEpoch = course.stepsPerEpoch else {
                throw Diagnostic(
                    "'\(parameter.name)' of '\(template.name)' is counted in epochs, and there are none here", at: span,
                    expected: "\(parameter.name): 100 steps", found: Value.quantity(quantity).described)
            }
            return .number(quantity.value * Double(stepsPerEpoch))
        case .steps: return .number(quantity.value)
        default: return .quantity(quantity)
        }
    }
}

extension DeclarationTemplate {
    /// Whether the declaration reads an implicit name.
    fileprivate func mentions(_ name: String) -> Bool { substituting([name: ""], in: span) != span.text }
}

extension Machine {
    /// A setting's value as a schedule: a declared one, or any function of the step. Nil for anything else.
    func schedule(_ value: Value, of setting: String, at span: SourceSpan) throws -> Schedule? {
        if let rule = try rule([.schedule], value, at: span) {
            return Schedule { course in
                let function = try rule.function(over: course, at: span, self)
                return { step in try self.rate(function, at: step, of: setting, at: span) }
            }
        }
        guard case .function(let function) = value, !(function is DeclaredRule || function is DeclaredNetwork) else {
            return nil
        }
        return Schedule { step in try self.rate(function, at: step, of: setting, at: span) }
    }

    private func rate(
        _ function: FunctionValue, at step: Int, of setting: String, at span: SourceSpan
    ) throws -> Double {
        let result = try call(function, .number(Double(step)), at: span)
        if let number = result.plainNumber { return number }
        // Not known before the script runs; no rate is wrong then.
        if isChecking, isUnknown(result) { return 0 }
        throw Diagnostic("the schedule of '\(setting)' gives no number", at: span, found: result.described)
    }
}

/// `plot(cosine(0.1), steps: 1000)`.
struct SchedulePlot {
    let arguments: Arguments
    let decoration: Decoration
    /// Index of the argument that holds the number of steps.
    let stepsIndex: Int

    /// The schedules of `plot`'s first argument, or nil where it is something else.
    func schedules() throws -> [RuleValue]? {
        let values: [Value]
        if case .list(let list) = arguments[0] { values = list } else { values = [arguments[0]] }
        let rules = try values.compactMap {
            try arguments.machine.rule([.schedule], $0, at: arguments.span(0))
        }
        return rules.count == values.count && !rules.isEmpty ? rules : nil
    }

    /// The rate over the steps.
    func plot(_ rules: [RuleValue]) throws -> Plot {
        let machine = arguments.machine
        guard arguments.has(stepsIndex) else {
            throw Diagnostic(
                "a schedule is plotted over a number of steps", at: arguments.span, expected: "steps: 1000",
                hint: "plot(run.schedule) shows the steps that a run took")
        }
        let steps = try arguments.count(stepsIndex, unit: .steps, default: 0)
        guard steps >= 1 else { throw arguments.wrong(stepsIndex, expected: "1 step or more") }
        let shown = Self.shown(steps)
        let series = try rules.enumerated().map { index, rule in
            let function = try rule.function(
                over: Schedule.Course(steps: steps), at: arguments.span(0), machine)
            let rates = try shown.map { step -> Double in
                guard let rate = try arguments.call(function, .number(Double(step))).plainNumber else {
                    throw arguments.wrong(0, expected: "a schedule that gives one number for each step")
                }
                return rate
            }
            return Series.line(x: shown.map(Double.init), y: rates, label: try decoration.label(index))
        }
        var plot = Plot(
            title: try decoration.title, x: Axis(label: "step", wholeNumbers: true), y: Axis(label: "learning rate"),
            series: series)
        try decoration.adorn(&plot)
        return plot
    }

    /// Steps that a curve shows: all, or of many a thousand.
    private static func shown(_ steps: Int) -> [Int] {
        steps <= 1000 ? Array(1...steps) : (0..<1000).map { 1 + Int((Double($0) / 999 * Double(steps - 1)).rounded()) }
    }
}

/// The learning rates that a run took: `run.schedule`.
final class TakenSchedule: ObjectValue {
    let rates: [Double]
    private let name: String

    init(_ rates: [Double], of name: String) {
        self.rates = rates
        self.name = name
    }

    let typeName = "schedule"
    var fieldNames: [String] { ["rates"] }

    func preview() -> String {
        guard let first = rates.first, let last = rates.last else { return "schedule without steps" }
        return "schedule of \(rates.count) steps, from \(shortNumberText(first)) to \(shortNumberText(last))"
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        name == "rates" ? try machine.vector(rates) : nil
    }

    func figure(_ machine: Machine) throws -> Figure? {
        Figure(
            Plot(
                title: name, x: Axis(label: "step", wholeNumbers: true), y: Axis(label: "learning rate"),
                series: [.line(x: rates.indices.map { Double($0 + 1) }, y: rates)]))
    }
}
