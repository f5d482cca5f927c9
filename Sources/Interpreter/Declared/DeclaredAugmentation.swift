import Graphs
import Language
import Tensors
import Training

/// An `augment` as declared: calling it with its settings gives an `AugmentationValue`.
final class DeclaredAugmentation: FunctionValue {
    let template: DeclarationTemplate

    init(_ template: DeclarationTemplate) {
        self.template = template
        super.init(signature: template.signature)
    }

    override var documentation: String? { template.documentation }
    override func preview() -> String { "augment \(signature.text)" }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        .object(try configured(call, machine))
    }

    override func pipe(_ input: Value, _ call: CallArguments, _ machine: Machine) throws -> Value {
        try configured(call, machine).pipe(input, at: call.span, machine)
    }

    /// The augmentation with the settings of a call; ranges that are upside down are refused where they stand.
    func configured(_ call: CallArguments, _ machine: Machine) throws -> AugmentationValue {
        let targets = try signature.match(labels: call.labels, spans: call.spans, call: call.span)
        for (argument, target) in targets.enumerated() {
            let (value, span) = (call.values[argument], call.spans[argument])
            if case .range(let range) = value { try range.requireOrder(at: span) }
            if signature.parameters[target].name == AugmentationValue.probability {
                _ = try AugmentationValue.probability(value, at: span)
            }
        }
        return AugmentationValue(template, arguments: try machine.bind(call, to: signature))
    }

    /// The augmentation as it is named without parentheses: all settings by default.
    func configured(at span: SourceSpan, _ machine: Machine) throws -> AugmentationValue {
        try configured(CallArguments([], at: span), machine)
    }
}

/// An augmentation with its settings: `rotate(15 deg)`.
final class AugmentationValue: ObjectValue {
    /// The setting with which an augmentation is applied by chance, where it is declared.
    static let probability = "p"

    let template: DeclarationTemplate
    let arguments: [Value]

    init(_ template: DeclarationTemplate, arguments: [Value]) {
        self.template = template
        self.arguments = arguments
    }

    var name: String { template.name }
    var typeName: String { "augmentation" }
    func preview() -> String { "augment " + template.settingsText(arguments, of: template.signature) }

    var fieldNames: [String] { template.signature.parameters.map(\.name) }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        template.signature.setting(name, among: arguments)
    }

    /// `image |> jitter` at the prompt: with random numbers of the session.
    func pipe(_ input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        if case .unknown = input { return .unknown }
        guard let node = try machine.node(input, at: span), node.shape.rank == 3 else {
            throw Diagnostic(
                "\(name) changes one image", at: span, expected: "a tensor [height, width, channels]",
                found: input.described)
        }
        let random = machine.session.random
        machine.session.random.position &+= 1
        let builder = machine.builder
        let trace = AugmentationTrace(
            builder: builder, key: try builder.scalar(Double(random.position % (1 << 52))), seed: random.seed)
        let image = try builder.convert(node, to: .float32)
        let application = AugmentationApplication(machine, trace, image: image)
        let changed = try application.apply(self, to: image, at: span)
        if trace.mixing != nil { throw AugmentationApplication.mixesBatches(name, at: span) }
        return Value(changed)
    }

    /// A probability.
    static func probability(_ value: Value, at span: SourceSpan) throws -> Double {
        guard let number = value.plainNumber, 0...1 ~= number else {
            throw Diagnostic(
                "p is the probability with which an augmentation is applied", at: span,
                expected: "a number from 0 to 1", found: value.described)
        }
        return number
    }
}

extension RangeValue {
    /// Refuses a range whose first end is over its second.
    func requireOrder(at span: SourceSpan) throws {
        guard lower > upper else { return }
        let (own, right) = (
            ValueText.text(.range(self), isInside: true),
            ValueText.text(.range(RangeValue(upper, lower, isClosed: isClosed, unit: unit)), isInside: true)
        )
        throw Diagnostic(
            "the range \(own) is upside down", at: span, expected: "the smaller number first", found: own,
            hint: "write \(right)")
    }
}

extension Machine {
    /// An augmentation, with its own settings where it is named alone; nil for another value.
    func augmentation(_ value: Value, at span: SourceSpan) throws -> AugmentationValue? {
        switch value {
        case .function(let declared as DeclaredAugmentation): try declared.configured(at: span, self)
        case .object(let object): object as? AugmentationValue
        case .cell(let cell): try augmentation(cell.value, at: span)
        default: nil
        }
    }
}
