import Language
import Tensors

/// `use optim`: runs the module the first time, and binds its alias.
final class UseNode: Executable {
    let module: Module?
    let alias: GlobalVariable?

    init(_ use: Use, _ module: Module?, alias: GlobalVariable?, span: SourceSpan) {
        self.module = module
        self.alias = alias
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        guard let module else { return .none }
        try module.run(machine, at: span)
        alias?.value = .object(ModuleValue(module))
        return .none
    }
}

/// `seed 7`: random numbers begin anew.
final class SeedNode: Executable {
    let value: Executable

    init(_ value: Executable, span: SourceSpan) {
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let seed = try value.evaluate(machine, frame)
        if machine.isUnknown(seed) { return .none }
        guard let number = seed.plainNumber, let whole = wholeNumber(number), whole >= 0 else {
            throw Diagnostic("a seed is a whole number of 0 or more", at: value.span, found: seed.described)
        }
        machine.session.random = RandomStream(seed: UInt64(whole))
        return .none
    }
}

/// `param epochs = 5`: the value given from outside, else the one written here.
final class ParameterNode: Executable {
    let variable: GlobalVariable
    let value: Executable

    init(_ variable: GlobalVariable, _ value: Executable, span: SourceSpan) {
        self.variable = variable
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let fallback = try value.evaluate(machine, frame)
        guard let text = machine.session.configuration.parameters[variable.name] else {
            variable.value = fallback
            return .none
        }
        if case .string = fallback {
            variable.value = .string(text)
            return .none
        }
        let given = try machine.session.value(ofParameter: variable.name, text: text, machine)
        guard given.typeName == fallback.typeName || fallback.typeName == "none" else {
            throw Diagnostic(
                "the value given for '\(variable.name)' is of another kind", at: span,
                expected: "\(fallback.kindName), such as \(fallback.shown)", found: given.described)
        }
        variable.value = given
        return .none
    }
}

/// `expect …`: a failed one is told with both sides, and the script goes on.
final class ExpectNode: Executable {
    enum Form {
        case condition(Executable)
        case comparison(BinaryOperator, Executable, Executable)
        case closeness(CallNode)
    }

    let form: Form
    let source: String

    init(_ form: Form, source: String, span: SourceSpan) {
        self.form = form
        self.source = source
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        switch form {
        case .condition(let node):
            let holds = try node.holds(machine, frame)
            if holds == false { fail(machine, found: "false", expected: nil) }
        case .comparison(let operation, let left, let right):
            let (a, b) = (try left.evaluate(machine, frame), try right.evaluate(machine, frame))
            let outcome = try machine.binary(operation, a, b, at: span)
            if try machine.truth(of: outcome, at: span) == false {
                fail(machine, found: "left \(a.shown), right \(b.shown)", expected: nil)
            }
        case .closeness(let call):
            let arguments = try call.evaluated(machine, frame)
            let closeness = try machine.closeness(arguments)
            if case .far(let found, let expected) = closeness { fail(machine, found: found, expected: expected) }
        }
        return .none
    }

    private func fail(_ machine: Machine, found: String, expected: String?) {
        if machine.isChecking { return }
        machine.session.failedExpectations += 1
        machine.session.emit(
            .note(
                Diagnostic(
                    "expectation failed: \(source.oneLine)", at: span, expected: expected, found: found)))
    }
}

/// `expect_error "text" { … }`: holds where the block is refused with a message that contains the text.
final class ExpectErrorNode: Executable {
    let message: Executable
    let body: Executable
    /// What is wrong with the block before it runs.
    let found: [Diagnostic]

    init(_ message: Executable, body: Executable, found: [Diagnostic], span: SourceSpan) {
        self.message = message
        self.body = body
        self.found = found
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let wanted = try message.evaluate(machine, frame)
        if machine.isChecking { return .none }
        guard case .string(let text) = wanted else {
            throw Diagnostic("'expect_error' needs a part of the message", at: message.span, found: wanted.described)
        }
        var errors = found
        if errors.isEmpty {
            do {
                _ = try body.evaluate(machine, frame)
            } catch {
                switch machine.locating(error, at: span) {
                case let diagnostic as Diagnostic: errors = [diagnostic]
                case let diagnostics as Diagnostics: errors = diagnostics.all
                default: throw error
                }
            }
        }
        if errors.contains(where: { $0.wholeText.contains(text) }) { return .none }
        machine.session.failedExpectations += 1
        machine.session.emit(
            .note(
                Diagnostic(
                    errors.isEmpty ? "expectation failed: no error" : "expectation failed: another error",
                    at: message.span, expected: "an error with '\(text)'",
                    found: errors.first.map { $0.message } ?? "the block ran to its end")))
        return .none
    }
}

extension Diagnostic {
    /// Everything that a reader may look for in it.
    var wholeText: String {
        [message, label, expected, found, hint].compactMap(\.self).joined(separator: "\n")
    }
}

extension String {
    /// Line ends and what is around them become one blank; at most 80 characters.
    var oneLine: String {
        let joined = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return joined.count > 80 ? joined.prefix(79) + "…" : joined
    }
}
