import Language

/// Reads a local variable or a parameter.
final class LocalNode: Executable {
    let slot: Int

    init(slot: Int, span: SourceSpan) {
        self.slot = slot
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if case .cell(let cell) = frame[slot] { return cell.value }
        return frame[slot]
    }
}

/// A name of a module's outermost level.
final class GlobalVariable {
    let name: String
    var value: Value = .unset
    /// Declared by `var`.
    var isMutable = false
    var documentation: String?
    /// Where it was declared last.
    var declaration: SourceSpan?
    /// What a declared function expects, so that calls are checked before anything runs.
    var signature: Signature?
    /// What declared it; nil for other names.
    var kind: Declaration.Kind?
    /// Assigned inside of a function: a loop that is cut short while checking cannot know its value.
    var isAssignedInFunction = false

    init(name: String) { self.name = name }

    var isBound: Bool {
        if case .unset = value { return false }
        return true
    }
}

/// Reads a name of a module's outermost level.
final class GlobalNode: Executable {
    let variable: GlobalVariable

    init(_ variable: GlobalVariable, span: SourceSpan) {
        self.variable = variable
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = variable.value
        if case .unset = value {
            throw Diagnostic("'\(variable.name)' has no value yet", at: span, hint: "bind it before this line runs")
        }
        return value
    }
}

/// Where a binding or an assignment puts a value.
enum VariablePlace {
    case local(Int)
    case global(GlobalVariable)

    /// Binds anew: what a closure captured before is left alone.
    func bind(_ value: Value, _ frame: Frame) {
        switch self {
        case .local(let slot): frame[slot] = value
        case .global(let variable): variable.value = value
        }
    }

    func read(_ frame: Frame) -> Value {
        switch self {
        case .local(let slot):
            if case .cell(let cell) = frame[slot] { return cell.value }
            return frame[slot]
        case .global(let variable): return variable.value
        }
    }

    /// Changes the variable. Where it is not certain that this line runs, the value is not known from here on.
    func assign(_ value: Value, _ machine: Machine, _ frame: Frame, at span: SourceSpan) throws {
        let value = machine.uncertainty > 0 ? Value.unknown : value
        switch self {
        case .local(let slot):
            if case .cell(let cell) = frame[slot] { cell.value = value } else { frame[slot] = value }
        case .global(let variable):
            if machine.turn != nil { throw FunctionScope.changesOutsideOfTrial(variable.name, at: span) }
            variable.value = value
        }
    }
}

/// `let pattern = value`, `var pattern = value`.
final class BindingNode: Executable {
    let places: [VariablePlace]
    let isTuple: Bool
    let value: Executable

    init(_ places: [VariablePlace], isTuple: Bool, value: Executable, span: SourceSpan) {
        self.places = places
        self.isTuple = isTuple
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let result = try value.evaluate(machine, frame)
        if machine.signal != .none { return .none }
        if isTuple {
            for (place, part) in zip(places, try machine.parts(of: result, count: places.count, at: span)) {
                place.bind(part, frame)
            }
        } else {
            places[0].bind(result, frame)
        }
        return .none
    }
}

/// `x = value`, `x -= value`.
final class AssignmentNode: Executable {
    let place: VariablePlace
    let value: Executable

    /// - Parameter value: with the operator applied already: `x - value`.
    init(_ place: VariablePlace, value: Executable, span: SourceSpan) {
        self.place = place
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let result = try value.evaluate(machine, frame)
        if machine.signal == .none { try place.assign(result, machine, frame, at: span) }
        return .none
    }
}

/// `x[0].lr -= value`: changes a part of a variable's value, which is replaced as a whole.
final class PartAssignmentNode: Executable {
    enum Step {
        case field(Identifier)
        case index([SubscriptNode], SourceSpan)
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
        case field(Identifier)
        case index([SubscriptValue], SourceSpan)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        var path: [EvaluatedStep] = []
        for step in steps {
            switch step {
            case .field(let name): path.append(.field(name))
            case .index(let nodes, let span):
                path.append(.index(try nodes.map { try $0.evaluate(machine, frame) }, span))
            }
        }
        let new = try value.evaluate(machine, frame)
        let old = place.read(frame)
        if case .unknown = old { return .none }
        try place.assign(try replacing(in: old, path[...], new, machine), machine, frame, at: span)
        return .none
    }

    private func replacing(
        in value: Value, _ path: ArraySlice<EvaluatedStep>, _ new: Value, _ machine: Machine
    ) throws -> Value {
        guard let step = path.first else {
            guard let operation else { return new }
            return try machine.binary(operation, value, new, at: span)
        }
        let rest = path.dropFirst()
        switch step {
        case .field(let name):
            guard case .record(var record) = value else {
                throw Diagnostic("only a record's fields can be set", at: name.span, found: value.described)
            }
            guard let old = record[name.name] ?? (rest.isEmpty && operation == nil ? Value.none : nil) else {
                throw machine.unknownField(name.name, of: value, at: name.span)
            }
            record[name.name] = try replacing(in: old, rest, new, machine)
            return .record(record)
        case .index(let subscripts, let span):
            let part = rest.isEmpty && operation == nil ? Value.none : try machine.element(value, subscripts, at: span)
            let changed = try replacing(in: part, rest, new, machine)
            return try machine.replacingElement(of: value, subscripts, by: changed, at: span)
        }
    }
}

/// Makes a function value: takes along what the body uses of the surrounding variables.
final class ClosureNode: Executable {
    enum Capture {
        /// A variable that never changes: its value.
        case value(slot: Int)
        /// A variable that may change: the variable itself.
        case variable(slot: Int)
    }

    let code: FunctionCode
    let captures: [Capture]

    init(_ code: FunctionCode, captures: [Capture], span: SourceSpan) {
        self.code = code
        self.captures = captures
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        .function(FunctionValue(signature: code.signature, code: code, captures: captured(machine, frame)))
    }

    func captured(_ machine: Machine, _ frame: Frame) -> [Value] {
        captures.map { capture in
            switch capture {
            case .value(let slot): return frame[slot]
            case .variable(let slot):
                if case .cell = frame[slot] { return frame[slot] }
                let cell = Cell(frame[slot])
                frame[slot] = .cell(cell)
                if machine.isChecking { machine.checkedCells.append(cell) }
                return .cell(cell)
            }
        }
    }
}
