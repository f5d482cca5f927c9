/// Draws a flow as a tree of lines: a line a box, what is inside of groups and branches indented.
struct TerminalDiagram {
    let diagram: Diagram
    let columns: Int

    private struct Line {
        var label: String
        var output = ""
        var note = ""
        var color: Color?
    }

    func screen() -> TerminalScreen {
        var lines = [Line(label: diagram.title, output: diagram.input)]
        append(diagram.elements, indent: "", to: &lines)
        if !diagram.subtitle.isEmpty { lines.append(Line(label: diagram.subtitle)) }
        let widest = lines.dropLast(diagram.subtitle.isEmpty ? 0 : 1).map(\.label.terminalWidth).max() ?? 0
        let outputWidth = lines.map(\.output.terminalWidth).max() ?? 0
        let noteWidth = lines.map(\.note.terminalWidth).max() ?? 0
        let outputColumn = min(widest + 2, max(columns - outputWidth - noteWidth - 2, columns / 2))
        var screen = TerminalScreen(columns: columns, rows: lines.count)
        for (row, line) in lines.enumerated() {
            let room = line.output.isEmpty ? columns : outputColumn - 1
            screen.put(
                line.label.withoutControls.truncated(toColumns: room), row: row, column: 0,
                style: .init(foreground: line.color, isBold: row == 0))
            screen.put(line.output, row: row, column: outputColumn)
            screen.put(
                line.note, row: row, column: outputColumn + outputWidth + 2 + noteWidth - line.note.terminalWidth)
        }
        return screen
    }

    /// - Parameter continues: whether something comes after the elements on the same line downwards.
    private func append(
        _ elements: [Diagram.Element], indent: String, continues: Bool = false, to lines: inout [Line]
    ) {
        for (index, element) in elements.enumerated() {
            let isLast = index == elements.count - 1 && !continues
            let (branch, trunk) = isLast ? ("└─ ", "   ") : ("├─ ", "│  ")
            switch element {
            case .box(let box):
                let detail = box.detail.isEmpty ? "" : " " + box.detail
                let strips = box.strips.isEmpty ? "" : " · " + box.strips.joined(separator: " · ")
                lines.append(
                    Line(
                        label: indent + branch + box.name + detail + strips, output: box.output, note: box.note,
                        color: Color.series(box.kind).mixed(with: .white, share: 0.4)))
            case .group(let name, let times, let inside, let output):
                let label = (times > 1 ? "\(times) × " : "") + name
                lines.append(Line(label: indent + branch + label, output: output))
                append(inside, indent: indent + trunk, to: &lines)
            case .branches(let ways, let join, let output):
                lines.append(Line(label: indent + branch + (join.isEmpty ? "branches" : join) + " of", output: output))
                for (number, way) in ways.enumerated() {
                    let isLastWay = number == ways.count - 1
                    let (wayBranch, wayTrunk) = isLastWay ? ("└─ ", "   ") : ("├─ ", "│  ")
                    if way.isEmpty {
                        lines.append(Line(label: indent + trunk + wayBranch + "its input"))
                    } else if way.count == 1 {
                        // The line of the only part stands for the way.
                        append(way, indent: indent + trunk, continues: !isLastWay, to: &lines)
                    } else {
                        lines.append(Line(label: indent + trunk + wayBranch + "\(way.count) in a row"))
                        append(way, indent: indent + trunk + wayTrunk, to: &lines)
                    }
                }
            }
        }
    }
}
