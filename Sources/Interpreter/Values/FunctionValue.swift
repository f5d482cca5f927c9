import Language

/// What a function expects.
final class Signature {
    struct Parameter: Sendable {
        let name: String
        /// The default as a reader would write it; nil for a required parameter.
        let defaultText: String?
        /// The default, where it is a number with a unit: the unit is that of the parameter.
        let defaultQuantity: Quantity?

        init(_ name: String, default defaultText: String? = nil, quantity defaultQuantity: Quantity? = nil) {
            self.name = name
            self.defaultText = defaultText
            self.defaultQuantity = defaultQuantity
        }

        var isRequired: Bool { defaultText == nil }
    }

    let name: String
    let parameters: [Parameter]
    /// Takes any number of further positional arguments, as `print` does.
    let isVariadic: Bool
    /// How many of the parameters have no default.
    let requiredCount: Int

    init(_ name: String, _ parameters: [Parameter], isVariadic: Bool = false) {
        self.name = name
        self.parameters = parameters
        self.isVariadic = isVariadic
        requiredCount = parameters.filter(\.isRequired).count
    }

    /// `clip(x, low: 0, high: 1)`.
    var text: String {
        let parts = parameters.map { parameter in
            parameter.defaultText.map { $0.isEmpty ? "\(parameter.name):" : "\(parameter.name): \($0)" }
                ?? parameter.name
        }
        return "\(name)(" + (parts + (isVariadic ? ["…"] : [])).joined(separator: ", ") + ")"
    }

    /// For each argument the parameter that it belongs to; variadic ones count on after the last parameter.
    ///
    /// - Throws: a `Diagnostic` that names what is unknown, given twice, missing or too much.
    func match(labels: [Identifier?], spans: [SourceSpan], call: SourceSpan, leading: Int = 0) throws -> [Int] {
        let targets = try targets(labels: labels, spans: spans, call: call)
        for (index, parameter) in parameters.enumerated() where parameter.isRequired && !targets.contains(index) {
            throw Diagnostic(
                "the argument '\(parameter.name)' of '\(name)' is missing", at: call, expected: text)
        }
        return targets
    }

    /// Checks the names of arguments only.
    func checkNames(_ labels: [Identifier?]) throws {
        for case let label? in labels where !parameters.contains(where: { $0.name == label.name }) {
            throw unknownSetting(label)
        }
    }

    private func targets(labels: [Identifier?], spans: [SourceSpan], call: SourceSpan) throws -> [Int] {
        var taken = [Bool](repeating: false, count: parameters.count)
        var targets = [Int](repeating: -1, count: labels.count)
        for (argument, label) in labels.enumerated() {
            guard let label else { continue }
            guard let index = parameters.firstIndex(where: { $0.name == label.name }) else {
                throw unknownSetting(label)
            }
            guard !taken[index] else {
                throw Diagnostic("the argument '\(label.name)' is given twice", at: label.span)
            }
            taken[index] = true
            targets[argument] = index
        }
        var next = 0
        for argument in labels.indices where labels[argument] == nil {
            while next < parameters.count, taken[next] { next += 1 }
            if next < parameters.count {
                taken[next] = true
                targets[argument] = next
                next += 1
            } else if isVariadic {
                targets[argument] = next
                next += 1
            } else {
                throw Diagnostic(
                    "too many arguments for '\(name)'", at: argument < spans.count ? spans[argument] : call,
                    expected: parameters.isEmpty ? "no argument: \(text)" : text,
                    found: labels.count == 1 ? "1 argument" : "\(labels.count) arguments")
            }
        }
        return targets
    }

    private func unknownSetting(_ label: Identifier) -> Diagnostic {
        let near = closestName(to: label.name, among: parameters.map(\.name))
        return Diagnostic(
            "unknown setting '\(label.name)' of '\(name)'", at: label.span,
            expected: parameters.isEmpty ? "no settings" : text, hint: near.map { "did you mean '\($0)'?" })
    }
}

/// Something that can be called. Closures are run by the machine; other kinds override `call`.
class FunctionValue {
    let signature: Signature
    /// The body, for a function that is written in nnx.
    let code: FunctionCode?
    /// The same for calls, which hold the function and need not count a reference to its body.
    let heldCode: Unmanaged<FunctionCode>?
    /// The values of the variables that the body captured, in the order of `code.captureSlots`.
    private(set) var captures: [Value]

    init(signature: Signature, code: FunctionCode? = nil, captures: [Value] = []) {
        self.signature = signature
        self.code = code
        heldCode = code.map(Unmanaged.passUnretained)
        self.captures = captures
    }

    deinit {
        // A function around a function around …, as a loop makes it, is taken apart here, not by recursion.
        guard !captures.isEmpty else { return }
        var pending = captures.functions
        captures = []
        while var function = pending.popLast() {
            guard isKnownUniquelyReferenced(&function) else { continue }
            pending += function.captures.functions
            function.captures = []
        }
    }

    var documentation: String? { code?.documentation }
    /// What the prompt shows.
    func preview() -> String {
        guard signature.name == Self.unnamed else { return "fn \(signature.text)" }
        return "(" + signature.parameters.map(\.name).joined(separator: ", ") + ") -> …"
    }

    /// What messages call a function without a name.
    static let unnamed = "function"

    /// Calls with arguments that are evaluated but not bound to parameters yet.
    func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        try machine.call(self, call)
    }

    /// `input |> f(…)`: a function takes the input as its first argument. A declared layer applies itself instead.
    func pipe(_ input: Value, _ call: CallArguments, _ machine: Machine) throws -> Value {
        try self.call(call.prepending(input), machine)
    }

    /// `input |> f` without parentheses.
    func pipe(_ input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        if let code, code.isPipeline, let applied = try machine.pipeline?.run(self, on: input, at: span, machine) {
            return applied
        }
        return try pipe(input, CallArguments(span: span, values: [], labels: [], spans: []), machine)
    }
}

extension [Value] {
    fileprivate var functions: [FunctionValue] {
        compactMap { value in
            if case .function(let function) = value { function } else { nil }
        }
    }
}

/// The arguments of a call as written: evaluated, with their labels and places.
struct CallArguments {
    /// The whole call.
    var span: SourceSpan
    var values: [Value]
    var labels: [Identifier?]
    var spans: [SourceSpan]

    init(span: SourceSpan, values: [Value], labels: [Identifier?], spans: [SourceSpan]) {
        self.span = span
        self.values = values
        self.labels = labels
        self.spans = spans
    }

    /// Positional arguments without places of their own.
    init(_ values: [Value], at span: SourceSpan) {
        self.init(
            span: span, values: values, labels: values.map { _ in nil }, spans: values.map { _ in span })
    }

    var hasLabels: Bool { labels.contains { $0 != nil } }

    /// The same call with one more positional argument in front.
    func prepending(_ value: Value) -> CallArguments {
        CallArguments(span: span, values: [value] + values, labels: [nil] + labels, spans: [span] + spans)
    }
}

/// A compiled body with all that is known of it before it runs.
final class FunctionCode {
    let signature: Signature
    let parameterCount: Int
    let documentation: String?
    let span: SourceSpan
    /// Set once the body is compiled; a body may mention its own function.
    var body: Executable {
        didSet { entry = Unmanaged.passUnretained(body) }
    }
    /// The body once more. It does not change while it runs, so a call need not count a reference to it.
    private var entry: Unmanaged<Executable>
    /// Parameters with a default, evaluated in the new frame where the argument is left out.
    var defaults: [(slot: Int, value: Executable)] = []
    /// Slots that the captured values go to.
    var captureSlots: [Int] = []
    /// The slot for the function itself, where the body calls it by name.
    var selfSlot: Int?
    var slotCount = 0
    /// Slots of the body's outermost variables by name (states of an optimizer, implicit parameters).
    var slotNames: [String: Int] = [:]
    /// A trailing block: inside of a net it works on the running value.
    var isPipeline = false
    /// While a script is checked: how many uncertain calls of it are going on.
    var uncertainCalls = 0

    init(signature: Signature, documentation: String?, span: SourceSpan) {
        self.signature = signature
        parameterCount = signature.parameters.count
        self.documentation = documentation
        self.span = span
        body = LiteralNode(.none, span: span)
        entry = Unmanaged.passUnretained(body)
    }

    /// Evaluates the body in a frame that holds the arguments and what was captured.
    @inline(__always)
    func run(_ machine: Machine, _ frame: Frame) throws -> Value {
        try entry._withUnsafeGuaranteedRef { try $0.evaluate(machine, frame) }
    }
}
