import Graphs
import Language
import Tensors

/// `grad` and `value_and_grad`.
enum DerivativeBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "grad", ["f", "wrt:"],
            "The function that gives the derivative of f with respect to its first argument, or to those that wrt names.",
            example: "grad(x -> x^2)(3)   # -> 6", acceptsUnknown: false
        ) { .function(try GradientFunction($0, givesValue: false)) },
        Builtin(
            "value_and_grad", ["f", "wrt:"], "The function that gives both: [f(x), the derivative].",
            example: "value_and_grad(x -> x^2)(3)   # -> [9, 6]"
        ) { .function(try GradientFunction($0, givesValue: true)) },
    ]
}

/// ∂f/∂x as a function of the same arguments, in reverse mode.
final class GradientFunction: FunctionValue {
    private let function: FunctionValue
    /// Positions of the arguments that the derivative is taken by.
    private let positions: [Int]
    /// `wrt` was a list: the derivatives come as a list.
    private let isList: Bool
    private let givesValue: Bool

    init(_ arguments: Arguments, givesValue: Bool) throws {
        let function = try arguments.function(0)
        self.function = function
        self.givesValue = givesValue
        // A layer without settings is called with its input: grad(relu)(2).
        let signature =
            function is DeclaredNetwork && function.signature.parameters.isEmpty
            ? Signature(function.signature.name, [Signature.Parameter("x")]) : function.signature
        let parameters = signature.parameters
        guard !parameters.isEmpty else {
            throw arguments.wrong(0, expected: "a function of at least one argument")
        }
        guard arguments.has(1) else {
            positions = [0]
            isList = false
            super.init(signature: signature)
            return
        }
        let wanted: [Value]
        if case .string = arguments[1] {
            wanted = [arguments[1]]
            isList = false
        } else if arguments[1].plainNumber != nil {
            wanted = [arguments[1]]
            isList = false
        } else {
            wanted = try arguments.elements(1)
            isList = true
        }
        positions = try wanted.map { one in
            if let number = one.plainNumber, let index = wholeNumber(number), parameters.indices.contains(index) {
                return index
            }
            guard case .string(let name) = one, let index = parameters.firstIndex(where: { $0.name == name }) else {
                let near = closestName(to: one.printed, among: parameters.map(\.name))
                throw Diagnostic(
                    "'\(one.printed)' is no argument of '\(signature.name)'", at: arguments.span(1),
                    expected: signature.text, hint: near.map { "did you mean '\($0)'?" })
            }
            return index
        }
        super.init(signature: signature)
    }

    override func preview() -> String { "gradient of \(signature.text)" }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        let targets = try signature.match(labels: call.labels, spans: call.spans, call: call.span)
        var inner = call
        var leaves: [Node] = []
        for position in positions {
            guard let argument = targets.firstIndex(of: position) else {
                throw Diagnostic(
                    "the argument '\(signature.parameters[position].name)' is left out, but the derivative by it is wanted",
                    at: call.span)
            }
            if case .unknown = call.values[argument] { return .unknown }
            guard let node = try machine.node(call.values[argument], at: call.spans[argument]) else {
                throw Diagnostic(
                    "a derivative is taken by a number or a tensor", at: call.spans[argument],
                    found: call.values[argument].described)
            }
            let leaf: Node
            if node.isTracked {
                leaf = try machine.renamed(node, at: call.spans[argument])
            } else if let value = node.value {
                leaf = machine.builder.constant(value, tracked: true)
            } else {
                leaf = node
            }
            leaves.append(leaf)
            inner.values[argument] = .tensor(leaf)
        }
        machine.gradientDepth += 1
        defer { machine.gradientDepth -= 1 }
        let result = try machine.call(function, inner)
        if case .unknown = result { return .unknown }
        guard let output = try machine.node(result, at: call.span) else {
            throw Diagnostic(
                "a derivative needs a function whose value is one number", at: call.span, found: result.described)
        }
        machine.builder.origin = machine.origin(of: call.span)
        let gradients = try machine.located(call.span) { try machine.builder.gradient(of: output, wrt: leaves) }
        let values = gradients.map { finished($0, machine) }
        let derivative: Value = isList ? .list(values) : values[0]
        guard givesValue else { return derivative }
        return .list([finished(output, machine), derivative])
    }

    /// Outside of all derivatives a result is plain numbers again.
    private func finished(_ node: Node, _ machine: Machine) -> Value {
        guard machine.gradientDepth == 1, let value = node.value else { return Value(node) }
        return Value(machine.builder.constant(value))
    }
}
