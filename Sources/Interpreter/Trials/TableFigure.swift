import Figures
import Training

/// What `plot(table)` and `plot(table.gap)` draw.
struct TableFigure {
    private let table: TableValue
    private var definition: TrialsDefinition { table.definition }

    init(_ table: TableValue) { self.table = table }

    // MARK: Curves

    /// The loss by epoch, and what was validated beside it: a line for the mean of each variant, a band for its deviation.
    /// Where no run has two epochs, the loss by step.
    func lossCurves() -> Figure {
        let hasEpochs = table.runs.contains { $0.result?.history.loss.count ?? 0 > 1 }
        guard hasEpochs else {
            return Figure(panels: [curves("training loss", by: "step") { $0.stepLoss.map(Double.init) }])
        }
        var panels = [curves("training loss", by: "epoch", \.loss)]
        let histories = table.runs.compactMap(\.result?.history)
        if histories.contains(where: { !$0.validationAccuracy.isEmpty }) {
            panels.append(curves("validation accuracy", by: "epoch", \.validationAccuracy))
        } else if histories.contains(where: { !$0.validationLoss.isEmpty }) {
            panels.append(curves("validation loss", by: "epoch", \.validationLoss))
        }
        return Figure(panels: panels)
    }

    private func curves(
        _ title: String, by unit: String, _ values: (TrainingHistory) -> [Double]
    ) -> Figure.Panel {
        var series: [Series] = []
        for row in definition.rows.indices {
            let all = table.outcomes[row].compactMap { $0?.run?.result.map { values($0.history) } }
            let curve = Self.spreads(of: all)
            guard !curve.isEmpty else { continue }
            series += bandAndLine(
                x: curve.indices.map { Double($0 + 1) }, curve, label: definition.name(ofRow: row), color: row)
        }
        return .plot(
            Plot(title: title, x: Axis(label: unit, wholeNumbers: true), y: Axis(label: title), series: series))
    }

    /// At each place those curves that reach it.
    private static func spreads(of curves: [[Double]]) -> [Spread?] {
        (0..<(curves.map(\.count).max() ?? 0)).map { place in
            Spread(curves.filter { $0.count > place }.map { $0[place] })
        }
    }

    /// A line through the means; where there are several values, a band of a deviation to either side behind it.
    private func bandAndLine(x: [Double], _ spreads: [Spread?], label: String?, color: Int) -> [Series] {
        let color = Color.series(color)
        let means = spreads.map { $0?.mean ?? .nan }
        let line = Series.line(x: x, y: means, label: label, color: color)
        guard spreads.contains(where: { $0?.values.count ?? 0 > 1 }) else { return [line] }
        let deviations = spreads.map { $0?.deviation ?? .nan }
        let band = Series.band(
            x: x, low: zip(means, deviations).map { $0 - $1 }, high: zip(means, deviations).map { $0 + $1 },
            color: color)
        return [band, line]
    }

    // MARK: A column

    /// A measure over what varies: over the numbers where one thing that varies is a number, as a map where two are and
    /// nothing else, else beside one another.
    func column(_ measure: TrialMeasure) -> Figure {
        let numeric = definition.variables.indices.filter { definition.variables[$0].numbers != nil }
        if numeric.count == 2, definition.variables.count == 2 { return map(measure) }
        guard let variable = numeric.first else { return Figure(sideBySide(measure)) }
        return Figure(overNumber(measure, variable))
    }

    private func overNumber(_ measure: TrialMeasure, _ place: Int) -> Plot {
        let variable = definition.variables[place]
        let numbers = variable.numbers ?? []
        let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
        // The rows that differ in this variable only are one curve.
        var curves: [[Int]: [Int: Int]] = [:]
        var keys: [[Int]] = []
        for (row, values) in definition.rows.enumerated() {
            var key = values
            key.remove(at: place)
            if curves[key] == nil { keys.append(key) }
            curves[key, default: [:]][values[place]] = row
        }
        let others = definition.variables.enumerated().filter { $0.offset != place }.map(\.element)
        var series: [Series] = []
        for (number, key) in keys.enumerated() {
            let spreads = order.map { value in
                curves[key]?[value].flatMap { table.spread(measure, row: $0) }
            }
            let x = order.map { numbers[$0] }
            let label = zip(others, key).map { "\($0.name) \($0.labels[$1])" }.joined(separator: ", ")
            series += bandAndLine(x: x, spreads, label: label.isEmpty ? nil : label, color: number)
            series.append(.points(x: x, y: spreads.map { $0?.mean ?? .nan }, color: .series(number)))
        }
        return Plot(
            x: Axis(label: variable.name, scale: Self.isGeometric(order.map { numbers[$0] }) ? .log : .linear),
            y: Axis(label: measure.title), series: series)
    }

    /// Whether ascending numbers grow by the same factor each, as those of `log_range` do.
    private static func isGeometric(_ numbers: [Double]) -> Bool {
        guard numbers.count > 2, numbers[0] > 0, numbers[1] > numbers[0] else { return false }
        let factor = numbers[1] / numbers[0]
        return zip(numbers.dropFirst(), numbers).allSatisfy { abs($0 / $1 / factor - 1) < 0.01 }
    }

    /// Two numbers that vary: a field for each pair, the first number to the right and the second upwards.
    private func map(_ measure: TrialMeasure) -> Figure {
        let (across, up) = (definition.variables[0], definition.variables[1])
        // So many nodes for each field make fields of equal size of a map of the nearest nodes.
        let nodes = 24
        let (columns, rows) = (across.values.count * nodes, up.values.count * nodes)
        let values = (0..<rows * columns).map { node -> Double in
            let row = node % columns / nodes * up.values.count + node / columns / nodes
            return table.spread(measure, row: row)?.mean ?? .nan
        }
        let grid = SampledGrid(
            x: -0.5...Double(across.values.count) - 0.5, y: -0.5...Double(up.values.count) - 0.5, columns: columns,
            rows: rows, values: values)
        return Figure(
            Plot(
                title: measure.title, x: Axis(label: across.name, range: grid.x, categories: across.labels),
                y: Axis(label: up.name, range: grid.y, categories: up.labels), series: [.heatmap(grid)]))
    }

    /// For each variant its mean as a line, its deviation as a band and its runs as points.
    private func sideBySide(_ measure: TrialMeasure) -> Plot {
        let names = definition.rows.indices.map(definition.name(ofRow:))
        // Names that do not fit under the axis stand in the legend.
        let isCrowded = names.reduce(0) { $0 + $1.count + 2 } > Self.axisLetters
        var series: [Series] = []
        for row in definition.rows.indices {
            guard let spread = table.spread(measure, row: row) else { continue }
            let x = Double(row)
            series += bandAndLine(
                x: [x - 0.35, x + 0.35], [spread, spread], label: isCrowded ? names[row] : nil, color: row)
            if spread.values.count > 1 {
                series.append(
                    .points(x: spread.values.map { _ in x }, y: spread.values, color: .series(row)))
            }
        }
        return Plot(
            x: Axis(
                range: -0.5...Double(max(names.count, 1)) - 0.5,
                categories: isCrowded ? names.map { _ in "" } : names), y: Axis(label: measure.title), series: series)
    }

    private static let axisLetters = 76
}
