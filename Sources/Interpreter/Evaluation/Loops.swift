import Language

/// `for pattern in sequence { … }`.
final class ForNode: Executable {
    let slots: [Int]
    let isTuple: Bool
    let sequence: Executable
    let body: Executable
    /// Variables that the body assigns, forgotten where the loop is cut short while checking.
    let assigned: [VariablePlace]

    init(
        slots: [Int], isTuple: Bool, sequence: Executable, body: Executable, assigned: [VariablePlace], span: SourceSpan
    ) {
        self.slots = slots
        self.isTuple = isTuple
        self.sequence = sequence
        self.body = body
        self.assigned = assigned
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let values = try sequence.evaluate(machine, frame)
        if case .unknown = values {
            for slot in slots { frame[slot] = .unknown }
            machine.runUncertain(body, frame)
            return .none
        }
        if case .range(let range) = values {
            let whole = try machine.wholeRange(range, at: sequence.span)
            return try walk(machine, frame, count: whole.count) { .number(Double(whole.lowerBound + $0)) }
        }
        let elements = try machine.elements(of: values, at: sequence.span)
        return try walk(machine, frame, count: elements.count) { elements[$0] }
    }

    @inline(__always)
    private func walk(_ machine: Machine, _ frame: Frame, count: Int, _ element: (Int) -> Value) throws -> Value {
        let limit = machine.iterationLimit(count)
        for index in 0..<limit {
            try machine.poll()
            let value = element(index)
            if isTuple {
                let parts = try machine.parts(of: value, count: slots.count, at: span)
                for index in 0..<slots.count { frame[slots[index]] = parts[index] }
            } else {
                frame[slots[0]] = value
            }
            _ = try body.evaluate(machine, frame)
            if machine.signal != .none, machine.endsLoop() { return .none }
            if machine.uncertainJump {
                machine.endUncertainLoop(assigned, frame)
                return .none
            }
        }
        if limit < count { machine.forget(assigned, frame) }
        return .none
    }
}

/// `while condition { … }`.
final class WhileNode: Executable {
    let condition: Executable
    let body: Executable
    let assigned: [VariablePlace]

    init(_ condition: Executable, _ body: Executable, assigned: [VariablePlace], span: SourceSpan) {
        self.condition = condition
        self.body = body
        self.assigned = assigned
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        var rounds = 0
        while true {
            try machine.poll()
            guard let holds = try condition.holds(machine, frame) else {
                machine.runUncertain(body, frame)
                return .none
            }
            guard holds else { return .none }
            if machine.isChecking, machine.pipeline == nil, rounds == Machine.checkedRounds {
                machine.forget(assigned, frame)
                return .none
            }
            rounds += 1
            _ = try body.evaluate(machine, frame)
            if machine.signal != .none, machine.endsLoop() { return .none }
            if machine.uncertainJump {
                machine.endUncertainLoop(assigned, frame)
                return .none
            }
        }
    }
}

/// `repeat count { … }`.
final class RepeatNode: Executable {
    let count: Executable
    let body: Executable
    let assigned: [VariablePlace]

    init(_ count: Executable, _ body: Executable, assigned: [VariablePlace], span: SourceSpan) {
        self.count = count
        self.body = body
        self.assigned = assigned
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = try count.evaluate(machine, frame)
        if machine.isUnknown(value), machine.isChecking {
            machine.runUncertain(body, frame)
            return .none
        }
        guard let number = value.plainNumber, let times = wholeNumber(number), times >= 0 else {
            throw Diagnostic(
                "'repeat' needs a whole number of 0 or more", at: count.span, found: value.described)
        }
        let limit = machine.iterationLimit(times)
        for _ in 0..<limit {
            try machine.poll()
            _ = try body.evaluate(machine, frame)
            if machine.signal != .none, machine.endsLoop() { return .none }
            if machine.uncertainJump {
                machine.endUncertainLoop(assigned, frame)
                return .none
            }
        }
        if limit < times { machine.forget(assigned, frame) }
        return .none
    }
}
