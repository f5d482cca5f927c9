import Language

/// Statements in a row; the value is that of the last.
final class BlockNode: Executable {
    private let row: NodeRow
    var statements: [Executable] { row.nodes }

    init(_ statements: [Executable], span: SourceSpan) {
        row = NodeRow(statements)
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        var last = Value.none
        for index in 0..<row.count {
            last = try row.evaluate(index, machine, frame)
            if machine.signal != .none { return .none }
        }
        return last
    }
}

/// A statement of a net's or a trailing block's body: inside of a net its value is applied to the running value.
final class PipelineStatementNode: Executable {
    let value: Executable

    init(_ value: Executable) {
        self.value = value
        super.init(span: value.span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let result = try value.evaluate(machine, frame)
        guard let pipeline = machine.pipeline, machine.signal == .none else { return result }
        return try pipeline.apply(result, at: span, machine)
    }
}

/// `return`, `break`, `continue`.
final class JumpNode: Executable {
    let signal: Machine.Signal
    let value: Executable?

    init(_ signal: Machine.Signal, value: Executable? = nil, span: SourceSpan) {
        self.signal = signal
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if let value {
            let result = try value.evaluate(machine, frame)
            if machine.signal != .none { return .none }
            if signal == .return { machine.returnValue = result }
        }
        machine.signal = signal
        return .none
    }
}

/// `if … { … } else { … }`.
final class ConditionalNode: Executable {
    let condition: Executable
    let body: Executable
    let otherwise: Executable

    init(_ condition: Executable, _ body: Executable, otherwise: Executable, span: SourceSpan) {
        self.condition = condition
        self.body = body
        self.otherwise = otherwise
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        guard let holds = try condition.holds(machine, frame) else {
            machine.runUncertain(body, frame)
            machine.runUncertain(otherwise, frame)
            return .unknown
        }
        return holds ? try body.evaluate(machine, frame) : try otherwise.evaluate(machine, frame)
    }
}

/// `match subject { pattern if guard -> body }`.
final class MatchNode: Executable {
    enum Pattern {
        case value(Executable)
        case binding(Int)
        case anything
    }

    struct Case {
        let patterns: [Pattern]
        let guardCondition: Executable?
        let body: Executable
    }

    let subject: Executable
    let cases: [Case]

    init(_ subject: Executable, _ cases: [Case], span: SourceSpan) {
        self.subject = subject
        self.cases = cases
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = try subject.evaluate(machine, frame)
        if machine.isUnknown(value) {
            for one in cases {
                for case .binding(let slot) in one.patterns { frame[slot] = .unknown }
                machine.runUncertain(one.body, frame)
            }
            return .unknown
        }
        for one in cases {
            guard try one.patterns.contains(where: { try matches($0, value, machine, frame) }) else { continue }
            if let guardCondition = one.guardCondition {
                guard let holds = try guardCondition.holds(machine, frame) else {
                    for one in cases { machine.runUncertain(one.body, frame) }
                    return .unknown
                }
                guard holds else { continue }
            }
            return try one.body.evaluate(machine, frame)
        }
        throw Diagnostic(
            "no case of this match fits", at: subject.span, found: value.described,
            hint: "add a last case 'else -> …'")
    }

    private func matches(_ pattern: Pattern, _ value: Value, _ machine: Machine, _ frame: Frame) throws -> Bool {
        switch pattern {
        case .anything: return true
        case .binding(let slot):
            frame[slot] = value
            return true
        case .value(let node):
            let wanted = try node.evaluate(machine, frame)
            if case .range(let range) = wanted, let number = value.plainNumber { return range.contains(number) }
            return wanted.equals(value)
        }
    }
}

/// `a and b`, `a or b`.
final class LogicalNode: Executable {
    let isAnd: Bool
    let left: Executable
    let right: Executable

    init(isAnd: Bool, _ left: Executable, _ right: Executable, span: SourceSpan) {
        self.isAnd = isAnd
        self.left = left
        self.right = right
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        try holds(machine, frame).map(Value.bool) ?? .unknown
    }

    override func holds(_ machine: Machine, _ frame: Frame) throws -> Bool? {
        guard let first = try left.holds(machine, frame) else {
            machine.runUncertain(right, frame)
            return nil
        }
        return first == isAnd ? try right.holds(machine, frame) : first
    }
}
