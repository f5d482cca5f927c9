import Graphs
import Networks

/// Where the time and the memory of training steps went, layer by layer.
public struct StepProfile: Sendable {
    /// One layer, or what belongs to none.
    public struct Row: Sendable {
        /// The layer's path, `loss`, `regularizer` or `update`.
        public var name: String
        /// Mean seconds a step.
        public var seconds: [TrainingPass: Double] = [:]
        /// Results that the layer's forward pass writes.
        public var bytes = 0
    }

    /// In the order of the forward pass; what has none comes last.
    public var rows: [Row]
    public var steps: Int
    public var arenaBytes: Int

    init(_ plan: [PlanStep], steps: Int, arenaBytes: Int) {
        var rows: [Row] = []
        var places: [String: Int] = [:]
        for step in plan {
            let name = step.pass == .update ? "update" : step.scope ?? "other"
            let place = places[name] ?? rows.count
            if place == rows.count {
                places[name] = place
                rows.append(Row(name: name))
            }
            rows[place].seconds[step.pass, default: 0] += step.seconds / Double(max(steps, 1))
            if step.pass == .forward { rows[place].bytes = rows[place].bytes.saturatingAdd(step.output.byteCount) }
        }
        self.rows = rows.filter { $0.seconds[.forward] != nil } + rows.filter { $0.seconds[.forward] == nil }
        self.steps = steps
        self.arenaBytes = arenaBytes
    }

    /// Mean seconds a step.
    public var total: Double { rows.reduce(0) { $0 + $1.seconds.values.reduce(0, +) } }

    /// A line a layer with aligned columns, then the totals. Ends in a newline.
    ///
    /// - Parameter place: the text for a place in the script (`mine.nnx:4`).
    public func table(place: (Row) -> String?) -> String {
        func milliseconds(_ seconds: Double?) -> String {
            guard let seconds else { return "" }
            let thousandths = Int((seconds * 1e6).rounded())
            let digits = String(thousandths % 1000)
            return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
        }
        let total = self.total
        let columns = [
            TextColumn("layer", rows.map(\.name)),
            TextColumn("forward ms", rows.map { milliseconds($0.seconds[.forward]) }, isNumber: true),
            TextColumn("backward ms", rows.map { milliseconds($0.seconds[.backward]) }, isNumber: true),
            TextColumn("update ms", rows.map { milliseconds($0.seconds[.update]) }, isNumber: true),
            TextColumn(
                "share",
                rows.map { row in
                    let own = row.seconds.values.reduce(0, +)
                    return "\(total > 0 ? Int((own / total * 100).rounded()) : 0) %"
                }, isNumber: true),
            TextColumn("results", rows.map { $0.bytes > 0 ? byteText($0.bytes) : "" }, isNumber: true),
            TextColumn("declared", rows.map { place($0) ?? "" }),
        ]
        return TextColumn.lines(of: columns)
            + "\(milliseconds(total)) ms a step over \(steps) steps, \(byteText(arenaBytes)) of results and scratch\n"
    }
}
