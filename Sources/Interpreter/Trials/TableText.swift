import Language
import Networks
import Training

extension TableValue {
    /// A line for each variant, with mean and deviation over the seeds. Does not end in a line end.
    var text: String {
        let rows = definition.rows.indices
        var columns =
            definition.variables.isEmpty
            ? [TextColumn(definition.kind.rawValue, rows.map(definition.name(ofRow:)))] : []
        columns += definition.variables.enumerated().map { index, variable in
            TextColumn(variable.name, rows.map { definition.labels(ofRow: $0)[index] })
        }
        columns += measures.map { measure in
            TextColumn(measure.title, rows.map { spread(measure, row: $0).map(measure.text) ?? "" }, isNumber: true)
        }
        let remarks = rows.map(remark(ofRow:))
        if remarks.contains(where: { $0 != nil }) { columns.append(TextColumn("remark", remarks.map { $0 ?? "" })) }
        let lines = TextColumn.lines(of: columns)
        guard definition.seeds.count > 1 else { return String(lines.dropLast()) }
        return lines + "mean ± deviation over \(definition.seeds.count) seeds"
    }

    /// What there is to say of a variant of which not all runs came to their end.
    func remark(ofRow row: Int) -> String? {
        let outcomes = outcomes[row]
        let failures = outcomes.compactMap { $0?.failure?.message }
        let missing = outcomes.filter { $0 == nil }.count
        var parts: [String] = []
        if let failure = failures.first {
            parts.append(outcomes.count > 1 ? "\(failures.count) of \(outcomes.count) failed: \(failure)" : failure)
        }
        if missing > 0 { parts.append(outcomes.count > 1 ? "\(missing) of \(outcomes.count) not run" : "not run") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// A line for each trial: what varied, the seed, the numbers, and what went wrong.
    fileprivate var csv: String {
        var lines = [definition.variables.map(\.name) + ["seed"] + measures.map(\.name) + ["steps", "error"]]
        for row in definition.rows.indices {
            for (seed, outcome) in zip(definition.seeds, outcomes[row]) {
                guard let outcome else { continue }
                let result = outcome.run?.result
                lines.append(
                    definition.labels(ofRow: row) + ["\(seed)"]
                        + measures.map { result.flatMap($0.value).map(numberText) ?? "" }
                        + [result.map { "\($0.state.step)" } ?? "", outcome.failure?.message ?? ""])
            }
        }
        return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
    }

    /// As RFC 4180 has it.
    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension TableValue: SavableObject {
    var endings: [String] { ["csv", "svg", "png"] }

    func bytes(ending: String, _ machine: Machine) throws -> [UInt8]? {
        switch ending {
        case "csv": return Array(csv.utf8)
        case "svg": return try figure(machine).map { Array($0.svg().utf8) }
        case "png": return try figure(machine)?.png()
        default: return nil
        }
    }
}

extension TrialMeasure {
    /// The mean with the deviation, where there are several values.
    func text(_ spread: Spread) -> String {
        switch name {
        case "seconds": return shortNumberText(spread.mean, digits: 3)
        case "loss", "val_loss":
            let mean = shortNumberText(spread.mean, digits: 4)
            return spread.values.count > 1 ? "\(mean) ± \(shortNumberText(spread.deviation, digits: 2))" : mean
        default:
            let mean = Self.fourDecimals(spread.mean)
            return spread.values.count > 1 ? "\(mean) ± \(Self.fourDecimals(spread.deviation))" : mean
        }
    }

    private static func fourDecimals(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return shortNumberText(value) }
        let parts = Int((abs(value) * 1e4).rounded()).quotientAndRemainder(dividingBy: 10_000)
        let digits = String(parts.remainder)
        let sign = value < 0 && parts != (0, 0) ? "-" : ""
        return "\(sign)\(parts.quotient)." + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
