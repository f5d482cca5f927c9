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
    var value: Value = .unset {
        didSet { noteFunction() }
    }
    /// Declared by `var`.
    var isMutable = false {
        didSet { noteFunction() }
    }
    /// The function that the name stands for as long as anything runs: a call need not count a reference to it.
    private(set) var function: Unmanaged<FunctionValue>?
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

    private func noteFunction() {
        if !isMutable, case .function(let function) = value, function.code != nil {
            self.function = Unmanaged.passUnretained(function)
        } else {
            function = nil
        }
    }

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

    /// Sets what the place holds while a script runs.
    @inline(__always)
    func put(_ value: Value, _ frame: Frame) {
        switch self {
        case .local(let slot):
            if case .cell(let cell) = frame[slot] { cell.value = value } else { frame[slot] = value }
        case .global(let variable): variable.value = value
        }
    }

    /// Changes the value where it lies.
    func change(_ frame: Frame, _ body: (inout Value) throws -> Void) rethrows {
        switch self {
        case .local(let slot):
            if case .cell(let cell) = frame[slot] { try body(&cell.value) } else { try body(&frame[slot]) }
        case .global(let variable): try body(&variable.value)
        }
    }

    /// Changes the variable. Where it is not certain that this line runs, the value is not known from here on.
    func assign(_ value: Value, _ machine: Machine, _ frame: Frame, at span: SourceSpan) throws {
        if case .global(let variable) = self, machine.turn != nil {
            throw FunctionScope.changesOutsideOfTrial(variable.name, at: span)
        }
        put(machine.uncertainty > 0 ? .unknown : value, frame)
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
