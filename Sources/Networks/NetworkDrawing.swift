import Tensors

/// A net as a block diagram in text: a line a layer, blocks indented, repetitions folded.
public struct NetworkDrawing {
    /// A layer, or a block with what is inside of it.
    private final class Part {
        let record: LayerRecord
        var inside: [Part] = []

        init(_ record: LayerRecord) { self.record = record }

        /// What tells it from others: its kind, its extents but for channels that grow, and what is inside.
        var pattern: String {
            let extents = record.outputShape.dimensions.dropFirst().dropLast(inside.isEmpty ? 0 : 1)
            let inner = inside.isEmpty ? "" : "{" + inside.map(\.structure).joined(separator: " ") + "}"
            return record.kind + "\(Array(extents))" + inner
        }

        private var structure: String {
            record.kind + (inside.isEmpty ? "" : "{" + inside.map(\.structure).joined(separator: " ") + "}")
        }
    }

    private let summary: NetworkSummary
    private var parts: [Part] = []

    public init(_ summary: NetworkSummary) {
        self.summary = summary
        var path: [Part] = []
        for record in summary.layers {
            let part = Part(record)
            path.removeSubrange(min(record.depth, path.count)...)
            if let outer = path.last { outer.inside.append(part) } else { parts.append(part) }
            path.append(part)
        }
    }

    /// Ends in a newline.
    public var text: String {
        var rows: [(label: String, output: String)] = [
            (summary.name, Shape([1] + summary.sampleShape.dimensions).namingBatch)
        ]
        append(parts, indent: "", to: &rows)
        rows.append(("\(grouped(summary.parameters)) parameters", ""))
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { label, output in
            output.isEmpty ? label : label + String(repeating: " ", count: width - label.count + 2) + output
        }.joined(separator: "\n") + "\n"
    }

    private func append(_ parts: [Part], indent: String, to rows: inout [(label: String, output: String)]) {
        var index = 0
        while index < parts.count {
            let (period, times) = repetition(parts[index...])
            let span = period * times
            let isLast = index + span == parts.count
            let (branch, trunk) = isLast ? ("└─ ", "   ") : ("├─ ", "│  ")
            if times > 1, period > 1 {
                rows.append(("\(indent)\(branch)\(times) x", parts[index + span - 1].record.outputShape.namingBatch))
                append(Array(parts[index..<index + period]), indent: indent + trunk, to: &rows)
            } else {
                let part = parts[index]
                let last = parts[index + span - 1]
                let name = name(of: part)
                let label = times > 1 ? "\(times) x \(part.record.kind)  \(name) … \(self.name(of: last))" : name
                rows.append((indent + branch + label, last.record.outputShape.namingBatch))
                append(part.inside, indent: indent + trunk, to: &rows)
            }
            index += span
        }
    }

    private func name(of part: Part) -> String { String(part.record.path.split(separator: ".").last ?? "") }

    /// The shortest run of parts at the beginning that is repeated, and how often it stands there.
    private func repetition(_ parts: ArraySlice<Part>) -> (period: Int, times: Int) {
        let patterns = parts.map(\.pattern)
        var best = (period: 1, times: 1)
        for period in 1...max(1, min(8, patterns.count / 2)) {
            var times = 1
            while (times + 1) * period <= patterns.count,
                patterns[..<period] == patterns[(times * period)..<((times + 1) * period)]
            { times += 1 }
            if times > 1, period * times > best.period * best.times { best = (period, times) }
        }
        return best
    }
}
