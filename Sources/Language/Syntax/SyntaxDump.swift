extension Program {
    /// The tree as an S-expression, a line a statement, without places: for tests and for comparing trees.
    public var dump: String { statements.map(\.dump).joined(separator: "\n") }
}

extension Expression {
    /// The tree as an S-expression.
    public var dump: String {
        switch kind {
        case .number(let number): number.dump
        case .quantity(let number, let unit): "(\(number.dump) \(unit.rawValue))"
        case .string(let parts): dumpString(parts)
        case .bool(let value): "\(value)"
        case .none: "none"
        case .name(let name): name
        case .list(let elements): list("list", elements.map(\.dump))
        case .record(let fields): list("record", fields.map { "\($0.name.name): \($0.value.dump)" })
        case .range(let lower, let upper, let isClosed): list(isClosed ? "..." : "..<", [lower.dump, upper.dump])
        case .lambda(let lambda):
            "(-> (\(lambda.parameters.map(\.name).joined(separator: " "))) \(lambda.body.dump))"
        case .call(let call):
            list(
                "call",
                [call.callee.dump] + call.arguments.map { ($0.label.map { "\($0.name): " } ?? "") + $0.value.dump }
                    + call.blocks.map(\.dump))
        case .field(let base, let name): "(. \(base.dump) \(name.name))"
        case .index(let base, let subscripts): list("index", [base.dump] + subscripts.map(\.dump))
        case .unary(let operation, let operand): "(\(operation.rawValue) \(operand.dump))"
        case .binary(let operation, let left, let right): list(operation.rawValue, [left.dump, right.dump])
        case .logical(let operation, let left, let right): list(operation.rawValue, [left.dump, right.dump])
        case .pipe(let value, let function): list("|>", [value.dump, function.dump])
        case .conditional(let conditional): conditional.dump
        case .match(let match): list("match", [match.subject.dump] + match.cases.map(\.dump))
        case .block(let block): block.dump
        case .restricted(let value, let selector): list("on", [value.dump, selector.dump])
        case .variable(let name, let values): list("in", [name.name, values.dump])
        case .fit(let fit): list("fit", [fit.net.dump, fit.data.dump] + fit.settings.entries.map(\.dump))
        case .resume(let run, let settings): list("resume", [run.dump] + settings.entries.map(\.dump))
        case .trials(let trials):
            list(trials.kind.rawValue, trials.settings.entries.map(\.dump) + [trials.body.dump])
        }
    }
}

extension Statement {
    /// The tree as an S-expression.
    public var dump: String {
        switch kind {
        case .binding(let binding):
            list(binding.isMutable ? "var" : "let", [binding.pattern.dump, binding.value.dump])
        case .assignment(let assignment):
            list(
                (assignment.operation?.rawValue ?? "") + "=", [assignment.target.dump, assignment.value.dump])
        case .declaration(let declaration): declaration.dump
        case .forLoop(let loop): list("for", [loop.pattern.dump, loop.sequence.dump, loop.body.dump])
        case .whileLoop(let condition, let body): list("while", [condition.dump, body.dump])
        case .repeatLoop(let count, let body): list("repeat", [count.dump, body.dump])
        case .breakLoop: "(break)"
        case .continueLoop: "(continue)"
        case .returnValue(let value): list("return", value.map { [$0.dump] } ?? [])
        case .use(let use):
            list("use", [use.source.dump] + (use.alias.map { ["as", $0.name] } ?? []))
        case .parameter(let parameter): list("param", [parameter.name.name, parameter.value.dump])
        case .seed(let value): list("seed", [value.dump])
        case .expect(let condition): list("expect", [condition.dump])
        case .expectError(let message, let body): list("expect_error", [message.dump, body.dump])
        case .show(let value): list("show", [value.dump])
        case .why(let value): list("why", [value.dump])
        case .weight(let name, let value, let condition):
            list("weight", [name.name, value.dump] + (condition.map { ["if", $0.dump] } ?? []))
        case .state(let variables): list("state", variables.map { "\($0.name.name): \($0.value.dump)" })
        case .expression(let value): value.dump
        }
    }
}

private func list(_ head: String, _ parts: [String]) -> String {
    parts.isEmpty ? "(\(head))" : "(\(head) \(parts.joined(separator: " ")))"
}

private func dumpString(_ parts: [StringPart]) -> String {
    let pieces = parts.map { part in
        switch part {
        case .text(let text): text.debugDescription
        case .interpolation(let value): value.dump
        }
    }
    return pieces.count == 1 && parts.plainText != nil ? pieces[0] : list("string", pieces)
}

extension NumberLiteral {
    fileprivate var dump: String { integer.map { "\($0)" } ?? "\(value)" }
}

extension Block {
    fileprivate var dump: String { "{\(statements.map(\.dump).joined(separator: "; "))}" }
}

extension Subscript {
    fileprivate var dump: String {
        switch self {
        case .all: ":"
        case .at(let position): position.dump
        case .range(let lower, let upper, let isClosed, _):
            "(\(isClosed ? "..." : "..<") \(lower?.dump ?? "_") \(upper?.dump ?? "_"))"
        }
    }
}

extension Setting {
    fileprivate var dump: String { name.name + (form == .variation ? " in " : ": ") + value.dump }
}

extension Pattern {
    fileprivate var dump: String {
        switch self {
        case .name(let name): name.name
        case .tuple(let names, _): "(\(names.map(\.name).joined(separator: " ")))"
        }
    }
}

extension Conditional {
    fileprivate var dump: String {
        let parts = branches.flatMap { [$0.condition.dump, $0.body.dump] }
        return list("if", parts + (otherwise.map { ["else", $0.dump] } ?? []))
    }
}

extension Match.Case {
    fileprivate var dump: String {
        let shown = patterns.map { pattern in
            switch pattern {
            case .value(let value): value.dump
            case .binding(let name): "(bind \(name.name))"
            case .anything: "_"
            }
        }
        return list("case", shown + (guardCondition.map { ["if", $0.dump] } ?? []) + [body.dump])
    }
}

extension Use.Source {
    fileprivate var dump: String {
        switch self {
        case .module(let path): path.map(\.name).joined(separator: ".")
        case .file(let path): path.debugDescription
        }
    }
}

extension Declaration {
    fileprivate var dump: String {
        let shownParameters = parameters.map { parameters in
            let shown = parameters.map { $0.name.name + ($0.defaultValue.map { ": " + $0.dump } ?? "") }
            return ["(\(shown.joined(separator: ", ")))"]
        }
        let shownBody =
            switch body {
            case .block(let block): block.dump
            case .expression(let value): "= " + value.dump
            }
        return list(kind.rawValue, [name.name] + (shownParameters ?? []) + [shownBody])
    }
}
