import Graphs
import Tensors

extension NetworkSummary {
    /// The summary as a text table: a line a layer with aligned columns, then the totals. Ends in a newline.
    ///
    /// - Parameters:
    ///   - batch: for how many samples the memory is said.
    ///   - place: the text for a place in the script (`nets/lenet.nnx:4`); nil leaves the column out.
    public func table(batch: Int = 1, place: ((Origin) -> String)? = nil) -> String {
        let hasFields = layers.contains { $0.receptiveField != nil }
        let hasFrozen = trainableParameters != parameters
        var columns: [TextColumn] = [
            TextColumn("layer", layers.map { String(repeating: "  ", count: $0.depth) + shortName(of: $0) }),
            TextColumn("output", layers.map { $0.outputShape.namingBatch }),
            TextColumn("parameters", layers.map { grouped($0.parameters) }, isNumber: true),
        ]
        if hasFrozen {
            columns.append(TextColumn("trainable", layers.map { grouped($0.trainableParameters) }, isNumber: true))
        }
        columns.append(TextColumn("multiply-adds", layers.map { grouped($0.multiplyAdds) }, isNumber: true))
        columns.append(TextColumn("memory", layers.map { byteText($0.activationBytes) }, isNumber: true))
        if hasFields {
            columns.append(
                TextColumn(
                    "sees", layers.map { $0.receptiveField.map { "\($0[0])x\($0[1])" } ?? "" }, isNumber: true))
        }
        if let place { columns.append(TextColumn("declared", layers.map { $0.origin.map(place) ?? "" })) }

        var text = "\(name), input \(Shape([1] + sampleShape.dimensions).namingBatch)\n"
        text += TextColumn.lines(of: columns)
        text += "parameters     \(grouped(parameters))"
        text += hasFrozen ? " (\(grouped(trainableParameters)) trainable)\n" : "\n"
        text += "multiply-adds  \(grouped(multiplyAdds)) a sample\n"
        text += "memory         \(byteText(memoryBytes(batch: batch))) for a batch of \(batch)"
        text +=
            " (weights \(byteText(weightBytes)), layer outputs \(byteText(batch.saturatingMultiply(activationBytes))))\n"
        return text
    }

    private func shortName(of layer: LayerRecord) -> String {
        String(layer.path.split(separator: ".").last ?? "")
    }
}

/// One column of a text table.
package struct TextColumn {
    let title: String
    let cells: [String]
    /// Numbers are aligned at the right, text at the left.
    let isNumber: Bool

    package init(_ title: String, _ cells: [String], isNumber: Bool = false) {
        self.title = title
        self.cells = cells
        self.isNumber = isNumber
    }

    package static func lines(of columns: [TextColumn]) -> String {
        let padded = columns.map { column in
            let width = ([column.title] + column.cells).map(\.count).max() ?? 0
            return ([column.title, String(repeating: "-", count: width)] + column.cells).map { cell in
                let space = String(repeating: " ", count: width - cell.count)
                return column.isNumber ? space + cell : cell + space
            }
        }
        return (padded.first ?? []).indices.map { row in
            let line = padded.map { $0[row] }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

/// A whole number with commas between thousands: `61,706`.
public func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return text
}

/// A number of bytes in the unit that leaves one to four digits: `18.4 KiB`.
public func byteText(_ bytes: Int) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while value >= 1024, unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    guard unit > 0 else { return "\(bytes) B" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
