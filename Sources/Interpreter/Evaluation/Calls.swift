import Language

/// `f(a, k: b) { … }`.
class CallNode: Executable {
    let callee: Executable
    let arguments: NodeRow
    let labels: [Identifier?]
    let hasLabels: Bool
    private let spans: [SourceSpan]
    /// What the callee names, where it is a name of a module's outermost level.
    private let variable: Unmanaged<GlobalVariable>?
    /// The signature that the labels were matched with last, and the outcome.
    private var matched: (signature: Signature, targets: [Int])?

    init(_ callee: Executable, _ arguments: [Executable], labels: [Identifier?], span: SourceSpan) {
        self.callee = callee
        self.arguments = NodeRow(arguments)
        self.labels = labels
        hasLabels = labels.contains { $0 != nil }
        spans = arguments.map(\.span)
        variable = (callee as? GlobalNode).map { Unmanaged.passUnretained($0.variable) }
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if let variable, let function = variable._withUnsafeGuaranteedRef({ $0.function }) {
            return try function._withUnsafeGuaranteedRef { try callClosure($0, machine, frame) }
        }
        let value = try callee.evaluate(machine, frame)
        if case .function(let function) = value, function.heldCode != nil {
            return try callClosure(function, machine, frame)
        }
        return try callOther(value, machine, frame)
    }

    /// A call of a function that is written in nnx.
    private func callClosure(_ function: FunctionValue, _ machine: Machine, _ frame: Frame) throws -> Value {
        guard let code = function.heldCode else { preconditionFailure("'\(function.signature.name)' has no body") }
        return try code._withUnsafeGuaranteedRef { try callClosure(function, $0, machine, frame) }
    }

    /// Arguments go straight to the new frame.
    @inline(__always)
    private func callClosure(
        _ function: FunctionValue, _ code: FunctionCode, _ machine: Machine, _ frame: Frame
    ) throws -> Value {
        let isPlain = !hasLabels && arguments.count == code.parameterCount
        let new = try machine.enter(code, at: span)
        defer { machine.leave(new, code) }
        if isPlain {
            // Nothing but `.none` is overwritten, which needs no end.
            for index in 0..<arguments.count {
                (new + index).initialize(to: try arguments.evaluate(index, machine, frame))
            }
            guard code.isPipeline else {
                machine.placeCaptures(of: function, code, new)
                do { return try machine.execute(code, new) } catch {
                    throw machine.locating(error, inCallOf: code.signature.name, at: span)
                }
            }
        } else {
            let targets = try targets(for: function.signature)
            for index in 0..<code.parameterCount { new[index] = .unset }
            for argument in 0..<targets.count {
                new[targets[argument]] = try arguments.evaluate(argument, machine, frame)
            }
        }
        return try machine.finish(function, code, new, at: span)
    }

    private func targets(for signature: Signature) throws -> [Int] {
        if let matched, matched.signature === signature { return matched.targets }
        let targets = try signature.match(labels: labels, spans: spans, call: span)
        matched = (signature, targets)
        return targets
    }

    final func callOther(_ value: Value, _ machine: Machine, _ frame: Frame) throws -> Value {
        try call(value, evaluated(machine, frame), machine)
    }

    fileprivate final func call(_ callee: Value, _ call: CallArguments, _ machine: Machine) throws -> Value {
        do { return try machine.call(callee, call) } catch { throw machine.locating(error, at: span) }
    }

    final func evaluated(_ machine: Machine, _ frame: Frame) throws -> CallArguments {
        CallArguments(span: span, values: try arguments.evaluate(machine, frame), labels: labels, spans: spans)
    }

    // MARK: Appending to a variable

    override func changes(_ place: VariablePlace) -> Bool {
        arguments.count == 2 && !hasLabels && arguments.nodes[0].reads(place) && callee.isBuiltin(named: "append")
    }

    override func evaluate(replacing place: VariablePlace, _ machine: Machine, _ frame: Frame) throws -> Value {
        var values = try arguments.evaluate(0, machine, frame)
        let value = try arguments.evaluate(1, machine, frame)
        if try append(value, to: &values, in: place, machine, frame) { return values }
        let call = CallArguments(span: span, values: [values, value], labels: labels, spans: spans)
        return try self.call(callee.evaluate(machine, frame), call, machine)
    }

    /// Appends to what a variable holds; false where that is nothing that grows where it lies.
    fileprivate final func append(
        _ value: Value, to values: inout Value, in place: VariablePlace, _ machine: Machine, _ frame: Frame
    ) throws -> Bool {
        do {
            return try machine.append(value, to: &values, at: span) { place.put(.none, frame) }
        } catch {
            place.put(values, frame)
            throw error
        }
    }
}

extension Executable {
    fileprivate final func isBuiltin(named name: String) -> Bool {
        guard let literal = self as? LiteralNode, case .function(let function) = literal.value else { return false }
        return (function as? BuiltinFunction)?.builtin.name == name
    }
}

/// `x.f(a)`: a call of the field `f`, or of the function `f` with `x` as its first argument.
final class MethodCallNode: CallNode {
    let base: Executable
    let name: Identifier
    /// The function of that name, where there is one.
    let function: Executable?
    /// Of the arguments with what stands before the dot in front.
    private let allLabels: [Identifier?]
    private let allSpans: [SourceSpan]

    init(
        _ base: Executable, _ name: Identifier, function: Executable?, _ arguments: [Executable],
        labels: [Identifier?], span: SourceSpan
    ) {
        self.base = base
        self.name = name
        self.function = function
        allLabels = [nil] + labels
        allSpans = [span] + arguments.map(\.span)
        super.init(base, arguments, labels: labels, span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        try evaluate(on: base.evaluate(machine, frame), machine, frame)
    }

    /// The call where what stands before the dot is evaluated already.
    final func evaluate(on value: Value, _ machine: Machine, _ frame: Frame) throws -> Value {
        if case .unknown = value {
            _ = try evaluated(machine, frame)
            return .unknown
        }
        let isField: Value?
        do { isField = try machine.field(name.name, of: value, at: name.span) } catch {
            throw machine.locating(error, at: name.span)
        }
        if let field = isField { return try callOther(field, machine, frame) }
        guard let function else { throw machine.unknownField(name.name, of: value, at: name.span) }
        let callee = try function.evaluate(machine, frame)
        let values = try arguments.evaluate(machine, frame, after: value)
        return try call(callee, CallArguments(span: span, values: values, labels: allLabels, spans: allSpans), machine)
    }

    override func changes(_ place: VariablePlace) -> Bool {
        arguments.count == 1 && !hasLabels && base.reads(place) && function?.isBuiltin(named: "append") == true
    }

    override func evaluate(replacing place: VariablePlace, _ machine: Machine, _ frame: Frame) throws -> Value {
        var values = try base.evaluate(machine, frame)
        guard values.isListOrTensor else { return try evaluate(on: values, machine, frame) }
        let value = try arguments.evaluate(0, machine, frame)
        if try append(value, to: &values, in: place, machine, frame) { return values }
        guard let function else { preconditionFailure("no function '\(name.name)'") }
        let call = CallArguments(span: span, values: [values, value], labels: allLabels, spans: allSpans)
        return try self.call(function.evaluate(machine, frame), call, machine)
    }
}

extension Value {
    fileprivate var isListOrTensor: Bool {
        switch self {
        case .list, .tensor: true
        default: false
        }
    }
}

/// `value |> nets.f(a)`: a function of a module takes the value first; what a method gives is piped into.
final class PipeIntoMethodNode: Executable {
    let value: Executable
    let method: MethodCallNode

    init(_ value: Executable, into method: MethodCallNode, span: SourceSpan) {
        self.value = value
        self.method = method
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let input = try value.evaluate(machine, frame)
        let owner = try method.base.evaluate(machine, frame)
        return try machine.located(method.span) {
            if case .function(let function)? = try machine.field(method.name.name, of: owner, at: method.name.span) {
                return try function.pipe(input, method.evaluated(machine, frame), machine)
            }
            return try machine.pipe(input, into: method.evaluate(on: owner, machine, frame), at: method.span)
        }
    }
}

/// `value |> f(a)` and `value |> f`.
final class PipeNode: Executable {
    let value: Executable
    let target: Executable
    /// The arguments after the target's name, where there are parentheses.
    let call: CallNode?

    init(_ value: Executable, into target: Executable, call: CallNode?, span: SourceSpan) {
        self.value = value
        self.target = target
        self.call = call
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let input = try value.evaluate(machine, frame)
        let callee = try target.evaluate(machine, frame)
        do {
            guard let call else { return try machine.pipe(input, into: callee, at: target.span) }
            var arguments = try call.evaluated(machine, frame)
            arguments.span = call.span
            switch callee {
            case .function(let function): return try function.pipe(input, arguments, machine)
            case .unknown where machine.isChecking: return .unknown
            default:
                return try machine.pipe(input, into: machine.call(callee, arguments), at: call.span)
            }
        } catch {
            throw machine.locating(error, at: call?.span ?? target.span)
        }
    }
}

extension Machine {
    /// `input |> target`.
    func pipe(_ input: Value, into target: Value, at span: SourceSpan) throws -> Value {
        switch target {
        case .function(let function): return try function.pipe(input, at: span, self)
        case .object(let object): return try object.pipe(input, at: span, self)
        case .unknown where isChecking: return .unknown
        case .cell(let cell): return try pipe(input, into: cell.value, at: span)
        default:
            throw Diagnostic(
                "a value cannot be piped into \(target.kindName)", at: span,
                expected: "a function, a layer or a net after '|>'", found: target.described)
        }
    }
}
