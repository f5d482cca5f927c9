import Graphs
import Language
import Tensors
import Training

/// `minimize`, and what it gives.
enum MinimizeBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "minimize", ["f", "from", "optimizer:", "steps: 100"],
            "Runs a declared optimizer on any function. Gives value (the last position), path, history and diverged.",
            example: "minimize(x -> (x - 3)^2, from: 0.0, optimizer: sgd(0.1), steps: 200).value   # -> 3"
        ) { arguments in
            let machine = arguments.machine
            let function = try arguments.function(0)
            let start = try arguments.node(1)
            let steps = try arguments.count(3, unit: .steps, default: 100)
            let optimizer = try arguments.optimizer(2)
            let origin = arguments.span
            if machine.isChecking { return try check(function, start, origin, machine) }
            guard let tensor = start.value else { throw arguments.wrong(1, expected: "numbers to start from") }
            var request = MinimizeRequest(
                { position, builder in
                    try machine.building(with: builder) {
                        try value(of: function, at: position, origin, machine)
                    }
                }, from: try tensor.converted(to: .float64),
                optimizer: try optimizer.definition(at: arguments.span(2), machine), steps: steps)
            request.cancellation = machine.cancellation
            request.pool = machine.builder.pool
            request.progress = { progress in machine.takingTurn { machine.session.emit(.progress(progress)) } }
            do {
                let result = try machine.givingTurn { try Training.minimize(request) }
                if result.stopReason == .interrupted {
                    throw Interruption(message: "minimize was stopped after step \(result.steps)", aborted: false)
                }
                return .object(MinimizationValue(result))
            } catch is Cancelled {
                throw Interruption(message: "minimize was broken off", aborted: true)
            } catch let error as OperationError where error.argument == "optimizer" {
                throw machine.locating(error, at: arguments.span(2))
            }
        }
    ]

    private static func value(
        of function: FunctionValue, at position: Node, _ span: SourceSpan, _ machine: Machine
    ) throws -> Node {
        let result = try machine.call(function, .tensor(position), at: span)
        guard let node = try machine.node(result, at: span) else {
            throw Diagnostic("the function to be minimised gives no number", at: span, found: result.described)
        }
        return node
    }

    /// Evaluates the function once on the start's shape; the result is known only when the script runs.
    private static func check(
        _ function: FunctionValue, _ start: Node, _ span: SourceSpan, _ machine: Machine
    ) throws -> Value {
        let position = machine.builder.placeholder("checked", TensorType(.float64, start.shape))
        let result = try machine.call(function, .tensor(position), at: span)
        if case .tensor(let node) = result, node.shape.count != 1 {
            throw Diagnostic(
                "the function to be minimised does not give one number", at: span, expected: "a number",
                found: "a tensor of shape \(node.shape)", hint: "reduce it with sum(…) or mean(…)")
        }
        return .unknown
    }
}

/// What `minimize` gave.
final class MinimizationValue: ObjectValue {
    let result: MinimizeResult

    init(_ result: MinimizeResult) { self.result = result }

    var typeName: String { "minimization" }

    func preview() -> String {
        let value = result.history.count > 0 ? result.history[flat: result.history.count - 1] : .nan
        return "minimum after \(result.steps) steps: f = \(shortNumberText(value))"
            + (result.diverged ? ", diverged" : "")
    }

    var fieldNames: [String] { ["value", "path", "history", "diverged", "steps"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "value": return Value(machine.builder.constant(result.value))
        case "path": return Value(machine.builder.constant(result.path))
        case "history": return Value(machine.builder.constant(result.history))
        case "diverged": return .bool(result.diverged)
        case "steps": return .number(Double(result.steps))
        default: return nil
        }
    }
}

extension Arguments {
    /// A number of things, with `unit` or without any.
    func count(_ index: Int, unit: Unit, default fallback: Int) throws -> Int {
        guard has(index) else { return fallback }
        if case .quantity(let quantity) = self[index], quantity.unit == unit, let count = wholeNumber(quantity.value) {
            return count
        }
        return try count(index)
    }

    fileprivate func optimizer(_ index: Int) throws -> RuleValue {
        guard has(index) else {
            throw Diagnostic(
                "'\(name)' needs an optimizer", at: span, hint: "add optimizer: adam(0.05), after 'use optim'")
        }
        if let rule = try machine.rule([.optimizer], self[index], at: span(index)) { return rule }
        throw wrong(index, expected: "an optimizer such as adam(0.05)")
    }
}
