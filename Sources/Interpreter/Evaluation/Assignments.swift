import Graphs
import Language
import Tensors

// A variable that is changed gets a new value; the old one is often a list, a text or a tensor that nobody else holds.
// Then the new value is made of the old one where it lies, so that building something step by step takes a time in
// proportion to its size. What others hold is copied first: to a script, all are values.

/// `x = value`, `x -= value`.
final class AssignmentNode: Executable {
    let place: VariablePlace
    let value: Executable
    /// The value begins with the variable itself, as `x + value` does.
    private let isUpdate: Bool

    /// - Parameter value: with the operator applied already: `x - value`.
    init(_ place: VariablePlace, value: Executable, span: SourceSpan) {
        self.place = place
        self.value = value
        isUpdate = value.changes(place)
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if isUpdate, !machine.isChecking, machine.turn == nil {
            place.put(try value.evaluate(replacing: place, machine, frame), frame)
            return .none
        }
        let result = try value.evaluate(machine, frame)
        if machine.signal == .none { try place.assign(result, machine, frame, at: span) }
        return .none
    }
}

/// `x[0].lr -= value`: changes a part of a variable's value.
final class PartAssignmentNode: Executable {
    /// A field, or what stands between two brackets.
    final class Step {
        enum Kind {
            case field(Identifier)
            case index([SubscriptNode])
        }

        let kind: Kind
        let span: SourceSpan
        /// Where it is one position between brackets.
        fileprivate let position: Executable?

        /// What a message about the name or the position points at.
        fileprivate var place: SourceSpan { position?.span ?? span }

        init(_ kind: Kind, span: SourceSpan) {
            self.kind = kind
            self.span = span
            switch kind {
            case .field: position = nil
            case .index(let subscripts): position = subscripts.onlyPosition
            }
        }
    }

    let place: VariablePlace
    let steps: [Step]
    let operation: BinaryOperator?
    let value: Executable

    init(
        _ place: VariablePlace, steps: [Step], operation: BinaryOperator?, value: Executable, span: SourceSpan
    ) {
        self.place = place
        self.steps = steps
        self.operation = operation
        self.value = value
        super.init(span: span)
    }

    private enum EvaluatedStep {
        case field(String, Step)
        /// One position, that is no range.
        case position(Value, Step)
        case index([SubscriptValue], Step)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let first = try evaluated(steps[0], machine, frame)
        let rest = steps.count == 1 ? [] : try steps.dropFirst().map { try evaluated($0, machine, frame) }
        let new = try value.evaluate(machine, frame)
        if machine.isChecking || machine.turn != nil {
            var changed = place.read(frame)
            if case .unknown = changed { return .none }
            try change(&changed, first, rest[...], by: new, machine)
            try place.assign(changed, machine, frame, at: span)
        } else {
            try place.change(frame) { try change(&$0, first, rest[...], by: new, machine) }
        }
        return .none
    }

    private func evaluated(_ step: Step, _ machine: Machine, _ frame: Frame) throws -> EvaluatedStep {
        if let position = step.position {
            let value = try position.evaluate(machine, frame)
            guard case .range = value else { return .position(value, step) }
            return .index([try SubscriptNode.part(value, at: position.span)], step)
        }
        switch step.kind {
        case .field(let name): return .field(name.name, step)
        case .index(let subscripts): return .index(try subscripts.map { try $0.evaluate(machine, frame) }, step)
        }
    }

    /// Changes what the path names inside of `value`, which is as before where that is refused.
    private func change(
        _ value: inout Value, _ step: EvaluatedStep, _ rest: ArraySlice<EvaluatedStep>, by new: Value,
        _ machine: Machine
    ) throws {
        switch step {
        case .field(let name, let step):
            guard case .record(let record) = value else {
                throw Diagnostic("only a record's fields can be set", at: step.span, found: value.described)
            }
            try change(name, at: step, of: record, in: &value, rest, by: new, machine)
        case .position(let position, let step):
            if case .list(var elements) = value {
                guard let index = try machine.index(position, in: elements, at: step) else {
                    value = .unknown
                    return
                }
                value = .none
                defer { value = .list(elements) }
                return try changePart(&elements[index], rest, by: new, machine)
            }
            if case .string(let name) = position, case .record(let record) = value {
                return try change(name, at: step, of: record, in: &value, rest, by: new, machine)
            }
            if rest.isEmpty, try machine.setNumber(of: &value, at: position, operation, new) { return }
            try replacePart(of: &value, [.index(position, step.place)], rest, by: new, at: step.span, machine)
        case .index(let subscripts, let step):
            try replacePart(of: &value, subscripts, rest, by: new, at: step.span, machine)
        }
    }

    private func change(
        _ name: String, at step: Step, of record: consuming Record, in value: inout Value,
        _ rest: ArraySlice<EvaluatedStep>, by new: Value, _ machine: Machine
    ) throws {
        guard let place = record.layout.place(of: name) else {
            guard rest.isEmpty, operation == nil else { throw machine.unknownField(name, of: value, at: step.place) }
            value = .none
            record.append(name, new)
            value = .record(record)
            return
        }
        value = .none
        var changed = record
        defer { value = .record(changed) }
        try changed.change(at: place) { try changePart(&$0, rest, by: new, machine) }
    }

    private func changePart(
        _ part: inout Value, _ rest: ArraySlice<EvaluatedStep>, by new: Value, _ machine: Machine
    ) throws {
        if let step = rest.first { return try change(&part, step, rest.dropFirst(), by: new, machine) }
        guard let operation else {
            part = new
            return
        }
        try machine.combine(&part, operation, new, at: span)
    }

    /// The general case: a part is taken out, changed, and put into a new value.
    private func replacePart(
        of value: inout Value, _ subscripts: [SubscriptValue], _ rest: ArraySlice<EvaluatedStep>, by new: Value,
        at span: SourceSpan, _ machine: Machine
    ) throws {
        var part = Value.none
        if !rest.isEmpty || operation != nil { part = try machine.element(value, subscripts, at: span) }
        try changePart(&part, rest, by: new, machine)
        value = try machine.replacingElement(of: value, subscripts, by: part, at: span)
    }
}

extension Machine {
    /// `value = value operation other`. Before a text or a list grows where it lies, `makeSole` takes away what else
    /// refers to it; from there on nothing fails. Where the operation is refused, `value` is as before.
    @inline(__always)
    func combine(
        _ value: inout Value, _ operation: BinaryOperator, _ other: Value, at span: SourceSpan,
        makeSole: () -> Void = {}
    ) throws {
        if case .number(let a) = value, case .number(let b) = other, let result = operation.compute(a, b) {
            value = .number(result)
            return
        }
        if operation == .add, try extend(&value, by: other, at: span, makeSole: makeSole) { return }
        value = try binary(operation, value, other, at: span)
    }

    /// Text after text, a list after a list; false where `+` means something else.
    private func extend(
        _ value: inout Value, by other: Value, at span: SourceSpan, makeSole: () -> Void
    ) throws -> Bool {
        if case .string(var text) = value, case .string(let more) = other {
            makeSole()
            value = .none
            text += more
            value = .string(text)
            return true
        }
        if case .list(var elements) = value {
            if isChecking && (value.holdsUnknown || other.holdsUnknown) { return false }
            guard joins(value, other) else { return false }
            let more = try self.elements(of: other, at: span)
            makeSole()
            value = .none
            elements += more
            value = .list(elements)
            return true
        }
        return false
    }

    /// `append(values, value)` for lists and vectors, where they lie as far as nobody else holds them; false where it
    /// means something else.
    func append(_ value: Value, to values: inout Value, at span: SourceSpan, makeSole: () -> Void) throws -> Bool {
        // A first number makes a tensor of an empty list.
        if case .list(var elements) = values, !elements.isEmpty {
            makeSole()
            values = .none
            elements.append(value)
            values = .list(elements)
            return true
        }
        if case .tensor(var node) = values, case .number(let number) = value, node.shape.rank == 1, !node.isTracked,
            !node.isSymbolic
        {
            makeSole()
            values = .none
            defer { values = .tensor(node) }
            try located(span) { try Node.append(number, to: &node) }
            return true
        }
        return false
    }

    /// The position in a list that a subscript names; nil while checking where it is not known.
    fileprivate func index(
        _ position: Value, in elements: [Value], at step: PartAssignmentNode.Step
    ) throws -> Int? {
        if case .number(let number) = position, let index = wholeNumber(number), elements.indices.contains(index) {
            return index
        }
        return try index(position, count: elements.count, of: "a list of \(elements.count)", at: step.place)
    }

    /// `vector[position] operation= new` for a number in a vector of numbers; false where it is something else.
    fileprivate func setNumber(
        of value: inout Value, at position: Value, _ operation: BinaryOperator?, _ new: Value
    ) throws -> Bool {
        guard case .tensor(var node) = value, case .number(let place) = position, case .number(var number) = new,
            node.shape.rank == 1, !node.isTracked, let index = wholeNumber(place), index >= 0, index < node.shape[0],
            let old = node.number(at: index)
        else { return false }
        if let operation {
            guard let result = operation.compute(old, number) else { return false }
            number = result
        }
        value = .none
        defer { value = .tensor(node) }
        try Node.setElement(of: &node, at: index, to: number)
        return true
    }
}
