import Figures
import Language
import Networks
import Training

/// What `compare` and `sweep` give: a row for each variant, in it a run for each seed.
final class TableValue: ObjectValue {
    let evaluation: TrialsEvaluation
    /// By row and seed; nil for trials that were not run.
    let outcomes: [[TrialOutcome?]]
    /// The numbers that there are.
    let measures: [TrialMeasure]
    /// The script is being checked: there are rows, and no numbers yet.
    let isChecked: Bool

    var definition: TrialsDefinition { evaluation.definition }

    init(_ evaluation: TrialsEvaluation, _ outcomes: [[TrialOutcome?]]) {
        self.evaluation = evaluation
        self.outcomes = outcomes
        isChecked = false
        let results = outcomes.joined().compactMap { $0?.run?.result }
        measures = TrialMeasure.all.filter { measure in results.contains { measure.value($0) != nil } }
    }

    /// - Parameter names: of the measures that its runs will have.
    init(_ evaluation: TrialsEvaluation, checked names: [String]) {
        self.evaluation = evaluation
        outcomes = evaluation.definition.rows.map { _ in [] }
        isChecked = true
        measures = TrialMeasure.all.filter { names.contains($0.name) }
    }

    var isComplete: Bool { outcomes.allSatisfy { $0.allSatisfy { $0 != nil } } }

    /// Those that came to their end, row by row.
    var runs: [RunValue] { outcomes.joined().compactMap { $0?.run } }

    func resumed(_ settings: [SettingValue]) throws -> Value {
        try evaluation.resuming(settings, known: outcomes)
    }

    // MARK: As a value

    var typeName: String { "table" }
    func preview() -> String { isChecked ? "table" : text }

    var fieldNames: [String] { measures.map(\.name) + ["best", "names", "rows", "runs", "seeds"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        if let measure = measures.first(where: { $0.name == name }) {
            return isChecked ? .unknown : .object(TableColumn(self, measure))
        }
        switch name {
        // Which measures there are is not known where what runs is not.
        case _ where isChecked && measures.isEmpty: return .unknown
        case "best": return isChecked ? .unknown : best.map { .object($0) } ?? Value.none
        case "names": return .list(definition.rows.indices.map { .string(definition.name(ofRow: $0)) })
        case "rows": return .list(rows.map { .object($0) })
        case "runs": return isChecked ? .unknown : .list(runs.map { .object($0) })
        case "seeds": return try machine.vector(definition.seeds)
        case _ where TrialMeasure.all.contains { $0.name == name }: throw noMeasure(name)
        default: return nil
        }
    }

    fileprivate func noMeasure(_ name: String) -> Diagnostic {
        Diagnostic(
            "no run of the table has the number '\(name)'", expected: measures.map(\.name).joined(separator: ", "),
            hint: ["val_loss", "test_accuracy", "gap"].contains(name)
                ? "'validate: data.test' in the fit measures it"
                : name == "train_accuracy" ? "it is of data with classes" : nil)
    }

    var rows: [TableRow] { definition.rows.indices.map { TableRow(self, $0) } }

    func elements(_ machine: Machine) throws -> [Value]? { rows.map { .object($0) } }

    /// `table["plain"]`, `table[0]`, and `table["0.001", "16"]` where two things vary.
    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? {
        guard !definition.isUnknown, let row = try self.row(subscripts, machine) else { return .unknown }
        return .object(TableRow(self, row))
    }

    /// The row that is meant; nil while that is not known.
    func row(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Int? {
        var wanted: [String] = []
        var place: SourceSpan?
        for one in subscripts {
            guard case .index(let value, let span) = one else {
                throw Diagnostic("a row of a table has a name or a position", at: evaluation.span)
            }
            if machine.isUnknown(value) { return nil }
            place = place.map { $0.union(span) } ?? span
            if case .string(let text) = value {
                wanted.append(text)
            } else if subscripts.count == 1 {
                return try machine.index(value, count: definition.rows.count, of: "the table", at: span)
            } else {
                wanted.append(value.plainNumber.map { shortNumberText($0, digits: 4) } ?? value.printed)
            }
        }
        let names = definition.rows.indices.map(definition.name(ofRow:))
        let name = wanted.joined(separator: ", ")
        if let row = names.firstIndex(of: name) { return row }
        throw Diagnostic(
            "the table has no row '\(name)'", at: place,
            expected: names.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 12 ? ", …" : ""),
            hint: closestName(to: name, among: names).map { "did you mean \"\($0)\"?" })
    }

    // MARK: Numbers

    /// What the runs of a row have as a measure; nil where none has it.
    func spread(_ measure: TrialMeasure, row: Int) -> Spread? {
        let values = outcomes[row].compactMap { $0?.run?.result.flatMap(measure.value) }
        return values.isEmpty ? nil : Spread(values)
    }

    /// The row with the best mean of the first of test accuracy, validation loss, train accuracy and loss that there is.
    /// Of equals it is the first; a row of which no run came to its end is never the best.
    private var best: TableRow? {
        let order = ["test_accuracy", "val_loss", "train_accuracy", "loss"]
        guard let measure = order.lazy.compactMap({ name in self.measures.first { $0.name == name } }).first else {
            return nil
        }
        let sign = measure.goal == .low ? 1.0 : -1.0
        let means = definition.rows.indices.compactMap { row in
            spread(measure, row: row).map { (row: row, mean: sign * $0.mean) }
        }
        return means.filter { !$0.mean.isNaN }.min { $0.mean < $1.mean }.map { TableRow(self, $0.row) }
    }

    func figure(_ machine: Machine) throws -> Figure? {
        isChecked ? nil : TableFigure(self).lossCurves()
    }
}

/// One variant: `table["plain"]`.
final class TableRow: ObjectValue {
    let table: TableValue
    let row: Int

    init(_ table: TableValue, _ row: Int) {
        self.table = table
        self.row = row
    }

    private var name: String { table.definition.name(ofRow: row) }

    var typeName: String { "row" }

    func preview() -> String {
        let numbers = table.measures.compactMap { measure in
            table.spread(measure, row: row).map { "\(measure.title) \(measure.text($0))" }
        }
        let remarks = [table.remark(ofRow: row)].compactMap(\.self)
        return ([name] + numbers + remarks).joined(separator: "  ")
    }

    var fieldNames: [String] {
        table.measures.map(\.name) + ["errors", "name", "runs", "settings"] + table.definition.variables.map(\.name)
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        if let measure = table.measures.first(where: { $0.name == name }) {
            if table.isChecked { return .unknown }
            return table.spread(measure, row: row).map { .object(SpreadValue($0, measure)) } ?? Value.none
        }
        switch name {
        case "name": return .string(self.name)
        case "settings": return .record(settings)
        case _ where settings[name] != nil: return settings[name]
        case _ where table.isChecked && (table.measures.isEmpty || fieldNames.contains(name)): return .unknown
        case "runs": return .list(table.outcomes[row].compactMap { $0?.run.map { .object($0) } })
        case "errors": return .list(table.outcomes[row].compactMap { $0?.failure.map { .string($0.message) } })
        case _ where TrialMeasure.all.contains { $0.name == name }: throw table.noMeasure(name)
        default: return nil
        }
    }

    /// What varies, with this row's values.
    private var settings: Record {
        Record(zip(table.definition.variables.map(\.name), table.definition.values(ofRow: row)).map { ($0, $1) })
    }
}

/// One number of all variants: `table.gap`.
final class TableColumn: ObjectValue {
    let table: TableValue
    let measure: TrialMeasure

    init(_ table: TableValue, _ measure: TrialMeasure) {
        self.table = table
        self.measure = measure
    }

    private var spreads: [Spread?] {
        table.definition.rows.indices.map { table.spread(measure, row: $0) }
    }

    var typeName: String { "column" }

    func preview() -> String {
        let names = table.definition.rows.indices.map(table.definition.name(ofRow:))
        let lines = TextColumn.lines(of: [
            TextColumn("", names),
            TextColumn(measure.title, spreads.map { $0.map(measure.text) ?? "" }, isNumber: true),
        ])
        return String(lines.dropLast())
    }

    let fieldNames = ["deviation", "mean", "std", "values"]

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "mean": return try machine.vector(spreads.map { $0?.mean ?? .nan })
        case "deviation", "std": return try machine.vector(spreads.map { $0?.deviation ?? .nan })
        case "values": return .list(try spreads.map { try machine.vector($0?.values ?? []) })
        default: return nil
        }
    }

    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? {
        guard let row = try table.row(subscripts, machine) else { return .unknown }
        return try TableRow(table, row).field(measure.name, machine)
    }

    func elements(_ machine: Machine) throws -> [Value]? {
        try table.rows.map { try $0.field(measure.name, machine) ?? .none }
    }

    func figure(_ machine: Machine) throws -> Figure? { TableFigure(table).column(measure) }
}

/// One number of one variant: `table["plain"].gap`.
final class SpreadValue: ObjectValue {
    let spread: Spread
    let measure: TrialMeasure

    init(_ spread: Spread, _ measure: TrialMeasure) {
        self.spread = spread
        self.measure = measure
    }

    var typeName: String { "mean and deviation" }
    func preview() -> String { measure.text(spread) }
    let fieldNames = ["deviation", "mean", "std", "values"]

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "mean": return .number(spread.mean)
        case "deviation", "std": return .number(spread.deviation)
        case "values": return try machine.vector(spread.values)
        default: return nil
        }
    }
}
