import Graphs
import Language

/// `concat(tensors, axis: …)`, the operation, and `concat { … } { … }`, the block that runs its branches on the same
/// input and joins what they give on channels.
final class JoiningFunction: OperationFunction {
    init(_ operation: Operation) {
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
                "concat of blocks takes blocks only: it joins them on channels", at: span,
                expected: "concat { … } { … }", found: value.described)
        }
        guard case .function(let parallel as DeclaredNetwork)? = try machine.session.libraryValue("parallel", machine)
        else { throw Diagnostic("the standard library has no block 'parallel'", at: call.span) }
        return .object(try parallel.configured(CallArguments([.list(call.values)], at: call.span), machine))
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
