import Graphs
import Language
import Tensors

/// A number as a reader writes it: the fewest digits that give the same number, whole numbers without a point.
func numberText(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if let whole = wholeNumber(value) { return String(whole) }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// At most six significant digits: for the numbers inside of a tensor.
func shortNumberText(_ value: Double, digits: Int = 6) -> String {
    guard value.isFinite, value != 0 else { return numberText(value) }
    let full = numberText(value)
    guard full.utf8.filter({ $0 >= 48 && $0 <= 57 }).count > digits else { return full }
    var exponent = 0
    var magnitude = abs(value)
    while magnitude >= 10, exponent < 400 { magnitude /= 10; exponent += 1 }
    while magnitude < 1, exponent > -400 { magnitude *= 10; exponent -= 1 }
    let shift = digits - 1 - exponent
    if shift < 0 || shift > 15 || exponent < -5 || exponent >= 15 {
        // Rounded mantissa, scientific notation.
        let scale = Double(tenTo(digits - 1))
        var mantissa = (magnitude * scale).rounded() / scale
        if mantissa >= 10 { mantissa /= 10; exponent += 1 }
        return (value < 0 ? "-" : "") + numberText(mantissa) + "e" + (exponent < 0 ? "-" : "+")
            + (abs(exponent) < 10 ? "0" : "") + "\(abs(exponent))"
    }
    let scale = Double(tenTo(shift))
    return numberText((value * scale).rounded() / scale)
}

private func tenTo(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { product, _ in product * 10 } }

/// Bounded texts of values. Nothing here grows with the size of a value beyond what a screen shows.
struct ValueText {
    /// Elements of a list or record that are shown.
    static let elementLimit = 12
    /// Depth to which values inside of values are shown.
    static let depthLimit = 6
    /// Numbers of a tensor up to which it is shown whole.
    static let wholeTensorCount = 60
    /// Rows and columns at each edge of a larger tensor.
    static let edge = 3

    /// Texts inside of other values stand in quotes.
    static func text(_ value: Value, isInside: Bool, depth: Int = 0) -> String {
        if depth > depthLimit { return "…" }
        switch value {
        case .none: return "none"
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return numberText(number)
        case .quantity(let quantity):
            return numberText(quantity.value) + " " + quantity.unit.rawValue
        case .string(let text): return isInside ? quoted(text) : text
        case .range(let range):
            return numberText(range.lower) + (range.isClosed ? "..." : "..<") + numberText(range.upper)
                + (range.unit.map { " " + $0.rawValue } ?? "")
        case .tensor(let node): return tensor(node, depth: depth)
        case .list(let elements):
            return "[" + bounded(elements.count) { Self.text(elements[$0], isInside: true, depth: depth + 1) } + "]"
        case .record(let record):
            let pairs = record.pairs
            return "{"
                + bounded(pairs.count) {
                    "\(pairs[$0].name): " + Self.text(pairs[$0].value, isInside: true, depth: depth + 1)
                } + "}"
        case .function(let function): return function.preview()
        case .object(let object): return object.preview()
        case .unknown: return "unknown"
        case .unset: return "unset"
        case .cell(let cell): return text(cell.value, isInside: isInside, depth: depth)
        }
    }

    private static func bounded(_ count: Int, _ text: (Int) -> String) -> String {
        var parts = (0..<min(count, elementLimit)).map(text)
        if count > elementLimit { parts.append("… \(count - elementLimit) more") }
        return parts.joined(separator: ", ")
    }

    private static func quoted(_ text: String) -> String {
        let short = text.count > 60 ? text.prefix(60) + "…" : text[...]
        var result = "\""
        for character in short {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.append(character)
            }
        }
        return result + "\""
    }

    private static func tensor(_ node: Node, depth: Int) -> String {
        guard let value = node.value else { return "tensor \(node.shape)" }
        if node.shape.rank == 0 { return numberText(value[flat: 0]) }
        let isWhole = node.shape.count <= wholeTensorCount
        let corner = rows(value, axis: 0, offset: 0, isWhole: isWhole, indent: 1)
        guard !isWhole else { return corner }
        let type = node.elementType == .float32 ? " float32" : ""
        guard depth == 0 else { return "tensor \(node.shape)\(type)" }
        return "tensor \(node.shape)\(type)\n" + corner
    }

    private static func rows(_ tensor: Tensor, axis: Int, offset: Int, isWhole: Bool, indent: Int) -> String {
        if axis == tensor.shape.rank { return shortNumberText(tensor[flat: offset]) }
        let count = tensor.shape[axis]
        let stride = tensor.shape.strides[axis]
        let isInnermost = axis == tensor.shape.rank - 1
        let edge = tensor.shape.rank - axis > 2 ? 1 : edge
        var parts: [String] = []
        for index in 0..<count {
            if !isWhole, count > 2 * edge + 1, index == edge { parts.append("…") }
            if !isWhole, count > 2 * edge + 1, index >= edge, index < count - edge { continue }
            parts.append(
                rows(tensor, axis: axis + 1, offset: offset + index * stride, isWhole: isWhole, indent: indent + 1))
        }
        let separator = isInnermost ? ", " : ",\n" + String(repeating: " ", count: indent)
        return "[" + parts.joined(separator: separator) + "]"
    }
}

extension Value {
    /// What `print` writes.
    var printed: String { ValueText.text(self, isInside: false) }
    /// What the prompt shows and messages quote.
    var shown: String { ValueText.text(self, isInside: true) }

    /// For the "found" line of a message: the kind with a short text of the value.
    var described: String {
        switch self {
        case .tensor(let node) where node.shape.rank > 0: return "a tensor of shape \(node.shape)"
        case .none: return "none"
        default: break
        }
        let text = shown
        guard text.count <= 60, !text.contains("\n") else { return kindName }
        switch self {
        case .function, .object, .unknown: return kindName
        default: return "\(kindName), \(text)"
        }
    }

    /// One line for a list of names.
    var summary: String {
        switch self {
        case .tensor(let node) where node.shape.rank > 0: "tensor \(node.shape) \(node.elementType.rawValue)"
        case .list(let elements): "list of \(elements.count)"
        case .record(let record): "record of " + record.names.joined(separator: ", ").oneLine
        case .function(let function): function.preview().oneLine
        default: shown.oneLine
        }
    }

    var isTensor: Bool {
        if case .tensor = self { return true }
        return false
    }

    var isString: Bool {
        if case .string = self { return true }
        return false
    }

    /// Names that may stand after the dot.
    var fieldNames: [String] {
        switch self {
        case .record(let record): record.names
        case .object(let object): object.fieldNames
        case .tensor, .number: ["shape", "rank", "size", "type", "T"]
        case .quantity: ["value", "unit"]
        case .range: ["lower", "upper"]
        case .list: ["size", "shape", "rank", "T"]
        case .function(let function): (function as? any FieldsOfFunction)?.fieldNames ?? []
        case .cell(let cell): cell.value.fieldNames
        case .none, .bool, .string, .unknown, .unset: []
        }
    }
}
