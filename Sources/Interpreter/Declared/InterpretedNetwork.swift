import Graphs
import Language
import Networks
import Training

/// A net of a script, as training and prediction see it: its body is evaluated for each trace.
struct InterpretedNetwork: NetworkDefinition {
    let value: NetworkValue
    let machine: Machine
    /// Where the net is used.
    let span: SourceSpan

    var name: String { value.name }

    func trace(_ input: Node, into trace: NetworkTrace) throws -> Node {
        try machine.building(with: trace.builder) {
            try NetworkApplication(machine, trace, numbers: .placeholders).run(value, on: input, at: span)
        }
    }
}

extension Machine {
    /// Evaluates with another graph builder, outside of the net that is being evaluated, if any.
    func building<T>(with builder: GraphBuilder, _ body: () throws -> T) rethrows -> T {
        try takingTurn {
            let outer = (self.builder, pipeline)
            self.builder = builder
            pipeline = nil
            defer { (self.builder, pipeline) = outer }
            return try body()
        }
    }

    /// A net as it stands in a script: a declaration's name alone takes all settings by default.
    func network(_ value: Value, at span: SourceSpan) throws -> NetworkValue {
        switch value {
        case .object(let object):
            if let network = object as? NetworkValue { return network }
            if let run = object as? RunValue { return run.network }
        case .function(let declared as DeclaredNetwork): return try declared.configured(at: span, self)
        case .cell(let cell): return try network(cell.value, at: span)
        default: break
        }
        throw Diagnostic("this is no net", at: span, expected: "a net, block or layer", found: value.described)
    }

    /// A net with weights, or the error that says how to get them.
    func weights(of network: NetworkValue, at span: SourceSpan) throws -> Weights {
        guard let weights = network.weights else {
            throw Diagnostic(
                "\(network.name) has no weights yet", at: span, hint: "train it with fit, or load(\"…\", into: …) them")
        }
        return weights
    }
}
