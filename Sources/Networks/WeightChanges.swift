import Tensors

/// How the weights of one net differ from those of another.
public struct WeightChanges: Sendable {
    public enum Change: Sendable, Equatable {
        /// Lengths (Euclidean) of the difference and of the weight before, and the largest difference.
        case moved(distance: Double, length: Double, largest: Double)
        case same
        case added
        case removed
        case reshaped(from: Shape, to: Shape)
    }

    /// In the order of the net before, then what was added.
    public private(set) var rows: [(name: String, change: Change)] = []

    public init(from before: Weights, to after: Weights) {
        for entry in before.entries {
            guard let new = after[entry.name] else {
                rows.append((entry.name, .removed))
                continue
            }
            rows.append((entry.name, Self.change(from: entry.tensor, to: new)))
        }
        for entry in after.entries where before[entry.name] == nil { rows.append((entry.name, .added)) }
    }

    private static func change(from old: Tensor, to new: Tensor) -> Change {
        guard old.shape == new.shape else { return .reshaped(from: old.shape, to: new.shape) }
        let (a, b) = (old.doubles, new.doubles)
        var (squares, length, largest) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            squares += (y - x) * (y - x)
            length += x * x
            largest = max(largest, abs(y - x))
        }
        if squares == 0 { return .same }
        return .moved(distance: squares.squareRoot(), length: length.squareRoot(), largest: largest)
    }

    /// A line a weight. Ends in a newline.
    public var text: String {
        let cells = rows.map { row -> (moved: String, relative: String, largest: String) in
            switch row.change {
            case .same: ("0", "unchanged", "0")
            case .added: ("", "new", "")
            case .removed: ("", "removed", "")
            case .reshaped(let old, let new): ("", "\(old) -> \(new)", "")
            case .moved(let distance, let length, let largest):
                (
                    Self.digits(distance), length > 0 ? Self.digits(100 * distance / length) + " %" : "from 0",
                    Self.digits(largest)
                )
            }
        }
        return TextColumn.lines(of: [
            TextColumn("weight", rows.map(\.name)), TextColumn("moved by", cells.map(\.moved), isNumber: true),
            TextColumn("relative", cells.map(\.relative), isNumber: true),
            TextColumn("largest", cells.map(\.largest), isNumber: true),
        ])
    }

    /// Three decimals, or three digits where there would be none left.
    private static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        guard value >= 0.001, value < 1e9 else { return "\(value)".prefix(4) + exponent(of: "\(value)") }
        let thousandths = Int((value * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private static func exponent(of text: String) -> String {
        text.firstIndex(of: "e").map { String(text[$0...]) } ?? ""
    }
}
