import Graphs
import Language
import Tensors
import Training

/// One evaluation of an augmentation's body on an image: random numbers come from the trace, nodes go to the graph.
final class AugmentationApplication {
    /// An augmentation that the outermost body applied, with what came out.
    struct Step {
        let text: String
        let output: Node
        /// Which of the trace's ranges it drew from.
        let ranges: Range<Int>
    }

    let machine: Machine
    let trace: AugmentationTrace
    /// The image before all augmentations.
    let image: Node
    private(set) var steps: [Step] = []
    private var depth = 0

    init(_ machine: Machine, _ trace: AugmentationTrace, image: Node) {
        self.machine = machine
        self.trace = trace
        self.image = image
    }

    /// Applies an augmentation to an image, with the probability that it is declared with.
    func apply(_ augmentation: AugmentationValue, to input: Node, at span: SourceSpan) throws -> Node {
        if trace.mixing != nil {
            throw Diagnostic(
                "what mixes the images of a batch comes last", at: span,
                hint: "write the augmentations of single images before it")
        }
        let firstRange = trace.ranges.count
        depth += 1
        defer { depth -= 1 }
        let (changed, probability) = try body(of: augmentation, on: input, at: span)
        var output = changed
        if probability < 1 {
            if changed.shape != input.shape {
                throw Diagnostic(
                    "what is applied by chance keeps the shape of the image", at: span, expected: "\(input.shape)",
                    found: "\(changed.shape)")
            }
            output = try machine.located(span) {
                try trace.mixes(withProbability: probability)
                return try trace.applied(
                    trace.builder.convert(changed, to: input.elementType), withProbability: probability, else: input)
            }
        }
        if depth == 2 || (depth == 1 && steps.isEmpty) {
            steps.append(
                Step(
                    text: augmentation.template.settingsText(
                        augmentation.arguments, of: augmentation.template.signature), output: output,
                    ranges: firstRange..<trace.ranges.count))
        }
        return output
    }

    private func body(
        of augmentation: AugmentationValue, on input: Node, at span: SourceSpan
    ) throws -> (output: Node, probability: Double) {
        let template = augmentation.template
        let pipeline = AugmentationPipeline(self, running: input)
        // A setting of the same name stands before the image.
        let isShadowed = template.signature.parameters.contains { $0.name == "x" }
        do {
            let (result, values) = try machine.run(
                template, arguments: augmentation.arguments, names: isShadowed ? [:] : ["x": .tensor(input)],
                pipeline: pipeline, wanted: [AugmentationValue.probability], at: span)
            let probability = try values[AugmentationValue.probability].map {
                try AugmentationValue.probability($0, at: span)
            }
            return (try pipeline.outcome(result, of: augmentation.name, at: span), probability ?? 1)
        } catch let error as NeedsValueError {
            throw Diagnostic(
                "a condition in an augmentation cannot depend on the numbers of the image, nor on random ones",
                at: machine.session.span(of: error.origin) ?? span,
                hint: "where(condition, a, b) chooses element by element; a setting p applies by chance")
        } catch {
            throw machine.locating(error, at: span)
        }
    }

    static func mixesBatches(_ name: String, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            "\(name) mixes the images of a batch, and this is one image", at: span,
            expected: "the setting augment of a fit, or show(\(name), on: data.train[0..<6])")
    }
}

/// The running image of an augmentation's body.
final class AugmentationPipeline: Pipeline {
    let application: AugmentationApplication
    private(set) var running: Node

    init(_ application: AugmentationApplication, running: Node) {
        self.application = application
        self.running = running
    }

    func apply(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        switch value {
        case .object(let object):
            guard let augmentation = object as? AugmentationValue else { throw misplaced(value, at: span) }
            running = try application.apply(augmentation, to: running, at: span)
        case .function(let declared as DeclaredAugmentation):
            running = try application.apply(declared.configured(at: span, machine), to: running, at: span)
        case .function(let function) where !(function is DeclaredNetwork):
            running = try node(
                of: machine.call(function, .tensor(running), at: span), from: function.signature.name, at: span)
        case .tensor(let node): running = node
        case .cell(let cell): return try apply(cell.value, at: span, machine)
        case .none, .unknown, .unset: return value
        case .bool, .number, .quantity, .string, .range, .list, .record, .function: throw misplaced(value, at: span)
        }
        return .none
    }

    private func misplaced(_ value: Value, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            "a statement of an augmentation changes the image, and this is \(value.kindName)", at: span,
            expected: "an augmentation, a function of the image, or a formula of x", found: value.described)
    }

    func name(_ name: String, _ machine: Machine) throws -> Value? {
        guard name != "here" else { return .tensor(running) }
        guard let axis = ["height", "width", "channels"].firstIndex(of: name), running.shape.rank == 3 else {
            return nil
        }
        return .number(Double(running.shape[axis]))
    }

    func weight(_ name: String, at span: SourceSpan, _ machine: Machine, value: () throws -> Value) throws -> Value {
        throw Diagnostic("an augmentation has no weights", at: span, hint: "let \(name) = … names a value")
    }

    func state(_ name: String, initial: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        throw Diagnostic(
            "an augmentation has no state: each image is changed on its own", at: span,
            hint: "let \(name) = … names a value")
    }

    func uniform(_ shape: Shape, _ machine: Machine) throws -> Node? { try application.trace.uniform(shape) }

    func uniform(in range: ClosedRange<Double>, _ machine: Machine) throws -> Node? {
        try application.trace.uniform(in: range)
    }

    /// The image that a body gives: its value where that is a tensor, else the running one.
    func outcome(_ result: Value, of name: String, at span: SourceSpan) throws -> Node {
        switch result {
        case .none, .unknown: running
        default: try node(of: result, from: name, at: span)
        }
    }

    private func node(of result: Value, from name: String, at span: SourceSpan) throws -> Node {
        guard let node = try application.machine.node(result, at: span) else {
            throw Diagnostic("'\(name)' gives no image", at: span, found: result.described)
        }
        return node
    }
}

/// An augmentation of a script, as training sees it: the setting `augment` of a fit.
struct InterpretedAugmentation: AugmentationDefinition {
    /// One after the other.
    let augmentations: [AugmentationValue]
    let machine: Machine
    /// Where it is used.
    let span: SourceSpan

    var name: String { augmentations.count == 1 ? augmentations[0].name : "augment" }

    func trace(_ image: Node, into trace: AugmentationTrace) throws -> Node {
        try machine.building(with: trace.builder) {
            let application = AugmentationApplication(machine, trace, image: image)
            return try augmentations.reduce(image) { try application.apply($1, to: $0, at: span) }
        }
    }
}
