import Graphs
import Language

/// A `layer`, `block` or `net` as declared: calling it with its settings gives a `NetworkValue`.
final class DeclaredNetwork: FunctionValue {
    let template: DeclarationTemplate
    /// `net Plain(x) = …` takes its input as the first parameter, which is no setting.
    let takesInput: Bool

    init(_ template: DeclarationTemplate) {
        self.template = template
        takesInput = template.kind == .net && template.hasExpressionBody && !template.signature.parameters.isEmpty
        let settings = takesInput ? Array(template.signature.parameters.dropFirst()) : template.signature.parameters
        super.init(signature: Signature(template.name, settings))
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "\(template.kind.rawValue) \(signature.text)" }

    /// `conv(6, 5)` is a layer; `relu(x)` with a tensor in front of the settings applies it at once. Where there are
    /// no settings, any number or tensor can only be meant as the input.
    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        guard let first = call.values.first, call.labels[0] == nil, isInput(first, among: call.values.count) else {
            return .object(try configured(call, machine))
        }
        var settings = call
        settings.values.removeFirst()
        settings.labels.removeFirst()
        settings.spans.removeFirst()
        // A table of numbers is a tensor too: it is a setting where one is missing without it, as in
        // `VGG([[1, 64], [2, 128]])`.
        let needsFirst = template.kind != .layer && signature.parameters.first?.isRequired ?? false
        if needsFirst || (!accepts(settings) && accepts(call)) { return .object(try configured(call, machine)) }
        return try configured(settings, machine).pipe(first, at: call.span, machine)
    }

    private func isInput(_ value: Value, among count: Int) -> Bool {
        let takesInputOnly = signature.parameters.isEmpty && count == 1
        switch value {
        case .tensor(let node): return node.shape.rank > 1 || takesInputOnly
        case .number: return takesInputOnly
        default: return false
        }
    }

    private func accepts(_ call: CallArguments) -> Bool {
        (try? signature.match(labels: call.labels, spans: call.spans, call: call.span)) != nil
    }

    override func pipe(_ input: Value, _ call: CallArguments, _ machine: Machine) throws -> Value {
        try configured(call, machine).pipe(input, at: call.span, machine)
    }

    /// The net with the settings of a call.
    func configured(_ call: CallArguments, _ machine: Machine) throws -> NetworkValue {
        var values = try machine.bind(call, to: signature)
        if takesInput { values.insert(.unset, at: 0) }
        return NetworkValue(self, arguments: values)
    }

    /// The net as it is named without parentheses: all settings by default.
    func configured(at span: SourceSpan, _ machine: Machine) throws -> NetworkValue {
        try configured(CallArguments(span: span, values: [], labels: [], spans: []), machine)
    }
}
