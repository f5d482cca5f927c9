import Graphs
import Language
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An entry of the operation table as a function of the language.
class OperationFunction: FunctionValue {
    let operation: Operation
    private let scalar: (@Sendable (Double) -> Double)?

    /// `max` and `min` reduce one argument and compare two.
    static func make(_ operation: Operation) -> OperationFunction {
        switch operation.name {
        case "max": ExtremumFunction(operation, comparing: Machine.entry("maximum"))
        case "min": ExtremumFunction(operation, comparing: Machine.entry("minimum"))
        case "concat": BranchingFunction(operation, block: "parallel")
        case "add": BranchingFunction(operation, block: "summed")
        case "reshape": ReshapingFunction(operation)
        default: OperationFunction(operation)
        }
    }

    init(_ operation: Operation, signature: Signature? = nil) {
        self.operation = operation
        scalar = Self.scalars[operation.name]
        super.init(signature: signature ?? Self.signature(of: operation))
    }

    override var documentation: String? { operation.documentation.summary }

    static func signature(of operation: Operation) -> Signature {
        Signature(
            operation.name,
            operation.parameters.map { parameter in
                if let fallback = parameter.fallback { return .init(parameter.name, default: fallback.text) }
                if parameter.isOptional { return .init(parameter.name, default: "") }
                if case .optionalTensor = parameter.kind { return .init(parameter.name, default: "") }
                return .init(parameter.name)
            })
    }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        // The common case of a number, without a node.
        if let scalar, call.values.count == 1, case .number(let number) = call.values[0], call.labels[0] == nil {
            return .number(scalar(number))
        }
        let arguments = try Arguments(of: self, call, machine)
        if arguments.hasUnknown { return .unknown }
        return try apply(arguments, machine)
    }

    func apply(_ arguments: Arguments, _ machine: Machine) throws -> Value {
        var inputs: [Node] = []
        var attributes = Attributes()
        do {
            for (index, parameter) in operation.parameters.enumerated() {
                let position = self.position(of: parameter.name, index)
                guard arguments.has(position) else {
                    if let fallback = parameter.fallback { attributes[parameter.name] = fallback }
                    if parameter.name == "classes", let classes = machine.impliedClasses {
                        attributes[parameter.name] = .integer(classes)
                    }
                    continue
                }
                switch parameter.kind {
                case .tensor, .optionalTensor: inputs.append(try arguments.node(position))
                case .tensors: inputs += try nodes(arguments, position)
                default: attributes[parameter.name] = try attribute(parameter.kind, arguments, position)
                }
            }
        } catch is NeedsValue where machine.isChecking && machine.pipeline == nil {
            return .unknown
        }
        return Value(try machine.apply(operation, inputs, attributes, at: arguments.span))
    }

    /// Where the argument of a parameter stands.
    func position(of name: String, _ index: Int) -> Int { index }

    private func nodes(_ arguments: Arguments, _ index: Int) throws -> [Node] {
        try arguments.elements(index).map { element in
            guard let node = try arguments.machine.node(element, at: arguments.span(index)) else {
                throw arguments.wrong(index, expected: "a list of tensors")
            }
            return node
        }
    }

    private func attribute(_ kind: OperationParameter.Kind, _ arguments: Arguments, _ index: Int) throws -> Attribute {
        switch kind {
        case .integer: return .integer(try arguments.integer(index))
        case .integers:
            if let number = arguments[index].plainNumber, !arguments[index].isTensor {
                guard let whole = wholeNumber(number) else { throw arguments.wrong(index, expected: "a whole number") }
                return .integer(whole)
            }
            return .integers(try arguments.integers(index))
        case .number: return .number(try arguments.number(index))
        case .flag: return .flag(try arguments.flag(index, default: false))
        case .word(let words, let orIntegers):
            if case .string(let word) = arguments[index] {
                guard words.contains(word) else {
                    let near = closestName(to: word, among: words)
                    throw arguments.wrong(
                        index, expected: words.joined(separator: ", ") + (orIntegers ? " or a whole number" : ""),
                        hint: near.map { "did you mean '\($0)'?" })
                }
                return .text(word)
            }
            guard orIntegers else { throw arguments.wrong(index, expected: words.joined(separator: ", ")) }
            let list = try arguments.integers(index)
            return arguments[index].plainNumber != nil && list.count == 1 ? .integer(list[0]) : .integers(list)
        case .tensor, .optionalTensor, .tensors: preconditionFailure("a tensor is no attribute")
        }
    }

    /// Functions of one number that need no tensor.
    private static let scalars: [String: @Sendable (Double) -> Double] = [
        "sqrt": { $0.squareRoot() }, "exp": { exp($0) }, "log": { log($0) }, "expm1": { expm1($0) },
        "log1p": { log1p($0) }, "sin": { sin($0) }, "cos": { cos($0) }, "tan": { tan($0) }, "tanh": { tanh($0) },
        "erf": { erf($0) }, "abs": { abs($0) }, "square": { $0 * $0 }, "floor": { $0.rounded(.down) },
        "ceil": { $0.rounded(.up) }, "sum": { $0 }, "mean": { $0 },
    ]
}

/// `max(x)`, `max(x, axis: 0)` and `max(a, b)`.
final class ExtremumFunction: OperationFunction {
    private let comparing: Operation

    init(_ operation: Operation, comparing: Operation) {
        self.comparing = comparing
        let own = Self.signature(of: operation)
        super.init(
            operation,
            signature: Signature(
                operation.name, [own.parameters[0], .init("b", default: "")] + own.parameters.dropFirst()))
    }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        if call.values.count == 2, case .number(let a) = call.values[0], case .number(let b) = call.values[1],
            call.labels[1] == nil
        {
            if a.isNaN || b.isNaN { return .number(.nan) }
            return .number(operation.name == "max" ? max(a, b) : min(a, b))
        }
        return try super.call(call, machine)
    }

    override func apply(_ arguments: Arguments, _ machine: Machine) throws -> Value {
        guard arguments.has(1) else { return try super.apply(arguments, machine) }
        if arguments.has(2) {
            throw Diagnostic(
                "'\(operation.name)' of two values has no axis", at: arguments.span(2),
                hint: "\(operation.name)(x, axis: …) reduces one tensor")
        }
        let (a, b) = (try arguments.node(0), try arguments.node(1))
        // A number takes the type of the tensor beside it.
        let left = a.shape.rank == 0 && !a.isTracked ? try machine.builder.convert(a, to: b.elementType) : a
        let right = b.shape.rank == 0 && !b.isTracked ? try machine.builder.convert(b, to: a.elementType) : b
        return Value(try machine.apply(comparing, [left, right], at: arguments.span))
    }

    override func position(of name: String, _ index: Int) -> Int { index == 0 ? 0 : index + 1 }
}

extension Attribute {
    /// As a script writes it.
    var text: String {
        switch self {
        case .integer(let value): "\(value)"
        case .integers(let values): "[" + values.map(String.init).joined(separator: ", ") + "]"
        case .number(let value): numberText(value)
        case .flag(let flag): flag ? "true" : "false"
        case .text(let text): text
        }
    }
}
