import Graphs
import Language

/// An operation on tensors whose name is a block of the library too, where it is given branches: `concat { … } { … }` and
/// `add { … } { … }` run them on the same input and join what they give.
final class BranchingFunction: OperationFunction {
    /// The library's block, which takes a list of branches.
    private let block: String

    init(_ operation: Operation, block: String) {
        self.block = block
        let own = Self.signature(of: operation)
        super.init(operation, signature: Signature(operation.name, own.parameters, isVariadic: true))
    }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        guard let first = call.values.first, isBranch(first) else {
            let own = Self.signature(of: operation)
            _ = try own.match(labels: call.labels, spans: call.spans, call: call.span)
            return try super.call(call, machine)
        }
        for (value, (label, span)) in zip(call.values, zip(call.labels, call.spans))
        where label != nil || !isBranch(value) {
            throw Diagnostic(
                "\(operation.name) of blocks takes blocks only", at: span,
                expected: "\(operation.name) { … } { … }", found: value.described)
        }
        return .object(
            try machine.libraryNetwork(block, at: call.span)
                .configured(CallArguments([.list(call.values)], at: call.span), machine))
    }

    /// `x |> concat { … } { … }` applies the block; `x |> concat(axis: 0)` joins the tensors of a list.
    override func pipe(_ input: Value, _ call: CallArguments, _ machine: Machine) throws -> Value {
        guard let first = call.values.first, isBranch(first) else { return try super.pipe(input, call, machine) }
        return try machine.pipe(input, into: self.call(call, machine), at: call.span)
    }

    private func isBranch(_ value: Value) -> Bool {
        switch value {
        case .function(let function): function.code?.isPipeline ?? false || function is DeclaredNetwork
        case .object(let object): object is NetworkValue
        default: false
        }
    }
}

/// `reshape(x, shape)`, the operation, and in a net `reshape(shape)`, the layer `unflatten`, whose shape is without the
/// batch axis.
final class ReshapingFunction: OperationFunction {
    init(_ operation: Operation) {
        let own = Self.signature(of: operation)
        super.init(
            operation, signature: Signature(operation.name, [own.parameters[0], .init("shape", default: "")]))
    }

    override func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        if call.values.count == 1, call.labels[0] == nil, machine.pipeline is NetworkPipeline {
            return .object(try machine.libraryNetwork("unflatten", at: call.span).configured(call, machine))
        }
        _ = try Self.signature(of: operation).match(labels: call.labels, spans: call.spans, call: call.span)
        return try super.call(call, machine)
    }
}

extension Machine {
    /// A layer, block or net that the language itself relies on.
    fileprivate func libraryNetwork(_ name: String, at span: SourceSpan) throws -> DeclaredNetwork {
        guard case .function(let declared as DeclaredNetwork)? = try session.libraryValue(name, self) else {
            throw Diagnostic("the standard library does not declare '\(name)'", at: span)
        }
        return declared
    }
}
