import Graphs
import Language
import Tensors
import Training

typealias NeedsValue = NeedsValueError

/// A function of the language that is written in Swift: everything that help, completion and the check of arguments need.
struct Builtin: Sendable {
    let name: String
    let parameters: [Signature.Parameter]
    /// Takes any number of further arguments.
    let isVariadic: Bool
    /// One line.
    let summary: String
    /// A line of nnx that runs, with what it gives after `# ->`.
    let example: String
    /// While a script is checked: runs although an argument is not known.
    let acceptsUnknown: Bool
    let run: @Sendable (Arguments) throws -> Value

    /// - Parameter parameters: as a reader writes them: `"x"`, `"tol: 1e-6"`, `"axis:"` for what may be left out; `"…"` at
    ///   the end for any number of further arguments.
    init(
        _ name: String, _ parameters: [String], _ summary: String, example: String, acceptsUnknown: Bool = false,
        run: @escaping @Sendable (Arguments) throws -> Value
    ) {
        self.name = name
        self.parameters = parameters.filter { $0 != "…" }.map(Self.parameter)
        isVariadic = parameters.last == "…"
        self.summary = summary
        self.example = example
        self.acceptsUnknown = acceptsUnknown
        self.run = run
    }

    static func parameter(_ text: String) -> Signature.Parameter {
        guard let colon = text.firstIndex(of: ":") else { return Signature.Parameter(text) }
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        return Signature.Parameter(String(text[..<colon]), default: String(value))
    }

    var signature: Signature { Signature(name, parameters, isVariadic: isVariadic) }
}

/// A builtin as a value.
final class BuiltinFunction: FunctionValue {
    let builtin: Builtin
    private let run: @Sendable (Arguments) throws -> Value
    private let acceptsUnknown: Bool

    init(_ builtin: Builtin) {
        self.builtin = builtin
        run = builtin.run
        acceptsUnknown = builtin.acceptsUnknown
        super.init(signature: builtin.signature)
    }

    override var documentation: String? { builtin.summary }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        let arguments = try Arguments(of: self, call, machine)
        if machine.isChecking, !acceptsUnknown, arguments.hasUnknown { return .unknown }
        do {
            return try run(arguments)
        } catch is NeedsValue where machine.isChecking && machine.pipeline == nil {
            return .unknown
        } catch {
            throw machine.locating(error, at: call.span)
        }
    }
}

/// The arguments of a builtin, bound to its parameters, with accessors that tell what is wrong with them.
final class Arguments {
    let machine: Machine
    private let signature: Signature
    /// The whole call.
    let span: SourceSpan
    private let values: [Value]
    private let spans: [SourceSpan]
    /// What a variadic builtin was given beyond its parameters.
    let rest: [Value]

    var name: String { signature.name }
    private var parameters: [Signature.Parameter] { signature.parameters }

    init(of function: FunctionValue, _ call: CallArguments, _ machine: Machine) throws {
        signature = function.signature
        self.machine = machine
        span = call.span
        let count = signature.parameters.count
        if call.values.count == count, !call.hasLabels {
            values = call.values
            spans = call.spans
            rest = []
            return
        }
        let targets = try signature.match(labels: call.labels, spans: call.spans, call: call.span)
        var values = [Value](repeating: .unset, count: count)
        var spans = [SourceSpan](repeating: call.span, count: count)
        var rest: [Value] = []
        for (argument, target) in targets.enumerated() {
            if target < count {
                values[target] = call.values[argument]
                spans[target] = call.spans[argument]
            } else {
                rest.append(call.values[argument])
            }
        }
        self.values = values
        self.spans = spans
        self.rest = rest
    }

    /// Whether something in the arguments is not known while a script is checked.
    var hasUnknown: Bool {
        machine.isChecking && (values.contains(where: \.holdsUnknown) || rest.contains(where: \.holdsUnknown))
    }

    func has(_ index: Int) -> Bool {
        switch values[index] {
        case .unset, .none: false
        default: true
        }
    }

    subscript(index: Int) -> Value { values[index] }
    func span(_ index: Int) -> SourceSpan { spans[index] }

    func wrong(_ index: Int, expected: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            "wrong argument '\(parameters[index].name)' of '\(name)'", at: spans[index], expected: expected,
            found: values[index].described, hint: hint)
    }

    func number(_ index: Int) throws -> Double {
        if let number = values[index].plainNumber { return number }
        try needValue(index)
        if case .quantity(let quantity) = values[index] {
            throw wrong(index, expected: "a number without a unit", hint: "leave '\(quantity.unit.rawValue)' out")
        }
        throw wrong(index, expected: "a number")
    }

    func number(_ index: Int, default fallback: Double) throws -> Double { has(index) ? try number(index) : fallback }

    func integer(_ index: Int) throws -> Int {
        let number = try number(index)
        guard let whole = wholeNumber(number) else { throw wrong(index, expected: "a whole number") }
        return whole
    }

    func integer(_ index: Int, default fallback: Int) throws -> Int { has(index) ? try integer(index) : fallback }

    func text(_ index: Int) throws -> String {
        guard case .string(let text) = values[index] else { throw wrong(index, expected: "a string") }
        return text
    }

    func flag(_ index: Int, default fallback: Bool) throws -> Bool {
        guard has(index) else { return fallback }
        guard case .bool(let flag) = values[index] else { throw wrong(index, expected: "true or false") }
        return flag
    }

    func function(_ index: Int) throws -> FunctionValue {
        guard case .function(let function) = values[index] else { throw wrong(index, expected: "a function") }
        return function
    }

    func record(_ index: Int) throws -> Record {
        guard case .record(let record) = values[index] else { throw wrong(index, expected: "a record") }
        return record
    }

    /// What can be walked over, as a list.
    func elements(_ index: Int) throws -> [Value] { try machine.elements(of: values[index], at: spans[index]) }

    func node(_ index: Int) throws -> Node {
        guard let node = try machine.node(values[index], at: spans[index]) else {
            throw wrong(index, expected: "a number or a tensor")
        }
        return node
    }

    /// The numbers of a tensor or a list, in row-major order.
    func numbers(_ index: Int) throws -> [Double] {
        let node = try node(index)
        guard let value = node.value else { throw needsValue(index) }
        return value.doubles
    }

    /// Whole numbers: `[2, 3]`, or a single one.
    func integers(_ index: Int) throws -> [Int] {
        try numbers(index).map { number in
            guard let whole = wholeNumber(number) else { throw wrong(index, expected: "whole numbers") }
            return whole
        }
    }

    /// The extents of a tensor to be made.
    func shape(_ index: Int) throws -> Shape {
        let extents = try integers(index)
        guard extents.allSatisfy({ $0 >= 0 }) else { throw wrong(index, expected: "extents of 0 or more") }
        return Shape(extents)
    }

    func call(_ function: FunctionValue, _ arguments: Value...) throws -> Value {
        try machine.call(function, CallArguments(arguments, at: span))
    }

    private func needValue(_ index: Int) throws {
        if case .tensor(let node) = values[index], node.isSymbolic, node.shape.count == 1 { throw needsValue(index) }
    }

    private func needsValue(_ index: Int) -> NeedsValue { NeedsValue.at(machine.origin(of: spans[index])) }
}
