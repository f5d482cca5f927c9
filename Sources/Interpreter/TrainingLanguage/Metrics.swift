import Graphs
import Language
import Tensors
import Training

/// A metric of a list of them, and what the history calls it.
struct NamedMetric {
    let name: String
    let value: Value
}

extension Machine {
    /// The metrics of a setting: one, a list, or a record that names them.
    ///
    /// - Throws: where one is none, or two have a name.
    func metrics(_ value: Value, at span: SourceSpan) throws -> [NamedMetric] {
        let named: [NamedMetric]
        switch value {
        case .none, .unset: return []
        case .list(let list): named = try list.map { try metric($0, named: nil, at: span) }
        case .record(let record):
            named = try zip(record.names, record.values).map { try metric($1, named: $0, at: span) }
        default: named = [try metric(value, named: nil, at: span)]
        }
        var seen = Set<String>()
        for metric in named where !seen.insert(metric.name).inserted {
            throw Diagnostic(
                "two metrics are called '\(metric.name)'", at: span,
                hint: "a record names them: {\(metric.name)_3: \(metric.name)(3), \(metric.name)_5: \(metric.name)(5)}")
        }
        return named
    }

    private func metric(_ value: Value, named name: String?, at span: SourceSpan) throws -> NamedMetric {
        if let rule = try rule([.metric, .loss], value, at: span) {
            return NamedMetric(name: name ?? rule.template.name, value: .object(rule))
        }
        if case .function(let function) = value, !(function is DeclaredRule) {
            return NamedMetric(name: name ?? function.signature.name, value: value)
        }
        throw Diagnostic(
            "this is no metric", at: span, expected: "a metric such as top_k(5), a list or a record of them",
            found: value.described)
    }

    /// A metric of all targets and outputs of a split.
    func measure(_ metric: Value, _ targets: Tensor, _ outputs: Tensor, at span: SourceSpan) throws -> Value {
        let operands = [Value(builder.constant(targets)), Value(builder.constant(outputs))]
        return try call(metric, CallArguments(operands, at: span))
    }
}
