import Graphs
import Language
import Tensors

/// The running value of a net's body.
final class NetworkPipeline: Pipeline {
    let application: NetworkApplication
    private(set) var running: Node
    /// States of the body by name, as they were before.
    private(set) var states: [String: Node] = [:]
    /// The body of a declaration, not a block within one.
    private let isBody: Bool

    init(_ application: NetworkApplication, running: Node, isBody: Bool = false) {
        self.application = application
        self.running = running
        self.isBody = isBody
    }

    /// A layer, block or net is applied to the running value, and so is a function; a tensor takes its place.
    /// What `print` and its like give is left alone; other data is a mistake.
    func apply(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        switch value {
        case .object(let object):
            if object is AugmentationValue { throw misplacedAugmentation(value, at: span) }
            guard let network = object as? NetworkValue else { return value }
            running = try application.apply(network, to: running, at: span)
        case .function(let declared as DeclaredNetwork):
            running = try application.apply(declared.configured(at: span, machine), to: running, at: span)
        case .function(is DeclaredAugmentation): throw misplacedAugmentation(value, at: span)
        case .function(let function) where function.code?.isPipeline ?? false:
            running = try output(of: function, on: running, at: span, machine)
        case .function(let function):
            running = try application.scoped(function.signature.name, on: running, at: span) {
                let result = try machine.call(function, .tensor(running), at: span)
                return try node(of: result, from: function.signature.name, at: span)
            }
        case .tensor(let node): running = node
        case .cell(let cell): return try apply(cell.value, at: span, machine)
        case .none, .unknown, .unset: return value
        case .bool, .number, .quantity, .string, .range, .list, .record:
            throw Diagnostic(
                "a statement of a net is a layer, and this is \(value.kindName)", at: span,
                expected: "a layer, a block, a net, a function of the running value, or a tensor",
                found: value.described,
                hint: "let name = … keeps a value under a name")
        }
        return .none
    }

    private func misplacedAugmentation(_ value: Value, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            "an augmentation is no part of a net: it changes the images that are trained on, and no others", at: span,
            found: value.described, hint: "give it to the fit: augment: …")
    }

    func name(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "here": return .tensor(running)
        case "channels", "features":
            return running.shape.rank > 0 ? .number(Double(running.shape[running.shape.rank - 1])) : nil
        default: return nil
        }
    }

    func weight(_ name: String, at span: SourceSpan, _ machine: Machine, value: () throws -> Value) throws -> Value {
        .tensor(try application.weight(name, at: span, value: value))
    }

    func uniform(_ shape: Shape, _ machine: Machine) throws -> Node? { try application.uniform(shape) }

    func run(_ block: FunctionValue, on input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value? {
        guard let node = try machine.node(input, at: span) else {
            throw Diagnostic("a block is applied to a tensor", at: span, found: input.described)
        }
        return .tensor(try output(of: block, on: node, at: span, machine))
    }

    private func output(
        of block: FunctionValue, on input: Node, at span: SourceSpan, _ machine: Machine
    ) throws -> Node {
        let inner = NetworkPipeline(application, running: input)
        let result = try machine.run(block: block, in: inner, at: span)
        return try inner.outcome(result, mustBeValue: false, of: "block", at: span)
    }

    func state(_ name: String, initial: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        guard isBody else {
            throw Diagnostic(
                "a 'state' stands in the body of a layer, block or net itself", at: span,
                found: "one in a block in braces within it")
        }
        let node = try application.weight(name, isTrainable: false, at: span) { initial }
        states[name] = node
        return .tensor(node)
    }

    /// The output of a body: its value where that is a tensor, else the running value.
    func outcome(_ result: Value, mustBeValue: Bool, of name: String, at span: SourceSpan) throws -> Node {
        if case .tensor(let node) = result { return node }
        if mustBeValue { return try node(of: result, from: name, at: span) }
        return running
    }

    private func node(of result: Value, from name: String, at span: SourceSpan) throws -> Node {
        guard let node = try application.machine.node(result, at: span) else {
            throw Diagnostic("'\(name)' gives no tensor", at: span, found: result.described)
        }
        return node
    }
}
