import Graphs
import Language
import Tensors
import Training

// Losses and metrics: functions of the targets and of what the net says.
extension RuleValue {
    /// The loss of targets and outputs.
    ///
    /// - Throws: where the body gives no number.
    func value(of y: Node, _ output: Node, at span: SourceSpan, _ machine: Machine) throws -> Node {
        let result = try machine.evaluate(declaration, [.tensor(y), .tensor(output)] + settings, at: span)
        guard let node = try machine.node(result, at: span) else {
            throw Diagnostic("the \(kind.rawValue) '\(template.name)' gives no number", at: span)
        }
        return node
    }

    /// The loss as training asks for it.
    func objective(at span: SourceSpan, _ machine: Machine) -> FitRequest.Loss {
        { y, output, builder in
            try machine.building(with: builder) { try self.value(of: y, output, at: span, machine) }
        }
    }
}

extension Machine {
    /// Runs the body of a loss or metric; `one_hot` takes as many classes as the output has.
    func evaluate(_ rule: DeclaredRule, _ values: [Value], at span: SourceSpan) throws -> Value {
        let outer = impliedClasses
        defer { impliedClasses = outer }
        if case .tensor(let output) = values[1], output.shape.rank > 0 {
            impliedClasses = output.shape[output.shape.rank - 1]
        }
        return try run(rule.template, arguments: values, pipeline: nil, at: span).result
    }
}
