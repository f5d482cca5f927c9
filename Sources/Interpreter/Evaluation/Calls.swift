import Language

/// `f(a, k: b) { … }`.
class CallNode: Executable {
    let callee: Executable
    let arguments: [Executable]
    let labels: [Identifier?]
    let hasLabels: Bool
    /// The argument of a call with one.
    private let onlyArgument: Executable?
    /// The signature that the labels were matched with last, and the outcome.
    private var matched: (signature: Signature, targets: [Int])?

    init(_ callee: Executable, _ arguments: [Executable], labels: [Identifier?], span: SourceSpan) {
        self.callee = callee
        self.arguments = arguments
        self.labels = labels
        hasLabels = labels.contains { $0 != nil }
        onlyArgument = arguments.count == 1 ? arguments[0] : nil
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = try callee.evaluate(machine, frame)
        if case .function(let function) = value, let code = function.code {
            return try callClosure(function, code, machine, frame)
        }
        return try callOther(value, machine, frame)
    }

    /// Arguments go straight to the new frame.
    private func callClosure(
        _ function: FunctionValue, _ code: FunctionCode, _ machine: Machine, _ frame: Frame
    ) throws -> Value {
        let parameterCount = function.signature.parameters.count
        let isPlain = !hasLabels && arguments.count == parameterCount
        let new = try machine.enter(code, at: span)
        defer { machine.leave(new, code) }
        if isPlain {
            if let onlyArgument {
                new[0] = try onlyArgument.evaluate(machine, frame)
            } else {
                for index in 0..<arguments.count { new[index] = try arguments[index].evaluate(machine, frame) }
            }
            guard code.isPipeline else {
                do { return try machine.execute(function, code, new) } catch {
                    throw machine.locating(error, inCallOf: code.signature.name, at: span)
                }
            }
        } else {
            let targets = try targets(for: function.signature)
            for index in 0..<parameterCount { new[index] = .unset }
            for (argument, target) in targets.enumerated() {
                new[target] = try arguments[argument].evaluate(machine, frame)
            }
        }
        return try machine.finish(function, code, new, at: span)
    }

    private func targets(for signature: Signature) throws -> [Int] {
        if let matched, matched.signature === signature { return matched.targets }
        let targets = try signature.match(labels: labels, spans: arguments.map(\.span), call: span)
        matched = (signature, targets)
        return targets
    }

    final func callOther(_ value: Value, _ machine: Machine, _ frame: Frame) throws -> Value {
        let call = try evaluated(machine, frame)
        do { return try machine.call(value, call) } catch {
            throw machine.locating(error, at: span)
        }
    }

    final func evaluated(_ machine: Machine, _ frame: Frame) throws -> CallArguments {
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(machine, frame)) }
        return CallArguments(span: span, values: values, labels: labels, spans: arguments.map(\.span))
    }
}

/// `x.f(a)`: a call of the field `f`, or of the function `f` with `x` as its first argument.
final class MethodCallNode: CallNode {
    let base: Executable
    let name: Identifier
    /// The function of that name, where there is one.
    let function: Executable?

    init(
        _ base: Executable, _ name: Identifier, function: Executable?, _ arguments: [Executable],
        labels: [Identifier?], span: SourceSpan
    ) {
        self.base = base
        self.name = name
        self.function = function
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
        let call = try evaluated(machine, frame).prepending(value)
        do { return try machine.call(callee, call) } catch { throw machine.locating(error, at: span) }
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
