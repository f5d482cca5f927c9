import Graphs
import Language
import Tensors

/// Any value of the language.
///
/// Numbers are doubles; a tensor without axes that no derivative and no plan needs is a number too.
enum Value {
    case none
    case bool(Bool)
    case number(Double)
    case quantity(Quantity)
    case string(String)
    case range(RangeValue)
    case tensor(Node)
    case list([Value])
    case record(Record)
    case function(FunctionValue)
    case object(any ObjectValue)
    /// Only while a script is checked: something that is known when it runs. Every operation on it gives `unknown`.
    case unknown
    /// Never seen by a script: a name that is not bound yet.
    case unset
    /// Never seen by a script: a local variable that a function captured and that may change.
    case cell(Cell)

    /// The value of a computation: a number where it is one, else the tensor.
    init(_ node: Node) {
        if node.shape.rank == 0, !node.isTracked, let value = node.value {
            self = .number(value[flat: 0])
        } else {
            self = .tensor(node)
        }
    }

    /// How a message calls this kind of value: "a number", "a list".
    var kindName: String {
        switch self {
        case .none: "none"
        case .bool: "a truth value"
        case .number: "a number"
        case .quantity: "a quantity"
        case .string: "a string"
        case .range: "a range"
        case .tensor(let node): node.shape.rank == 0 ? "a number" : "a tensor"
        case .list: "a list"
        case .record: "a record"
        case .function: "a function"
        case .object(let object): object.typeName.withArticle
        case .unknown: "a value that is not known yet"
        case .unset: "an unbound name"
        case .cell(let cell): cell.value.kindName
        }
    }

    /// What `type(x)` and `x.type` give.
    var typeName: String {
        switch self {
        case .none: "none"
        case .bool: "bool"
        case .number, .quantity: "number"
        case .string: "string"
        case .range: "range"
        case .tensor(let node): node.shape.rank == 0 ? "number" : "tensor"
        case .list: "list"
        case .record: "record"
        case .function: "function"
        case .object(let object): object.typeName
        case .unknown, .unset: "unknown"
        case .cell(let cell): cell.value.typeName
        }
    }

    /// The number, where it is one or a percentage (`10 %` is 0.1).
    @inline(__always)
    var plainNumber: Double? {
        if case .number(let number) = self { return number }
        return slowNumber
    }

    private var slowNumber: Double? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .quantity(let quantity) where quantity.unit == .percent: quantity.value / 100
        case .tensor(let node) where node.shape.rank == 0: node.value?[flat: 0]
        default: nil
        }
    }
}

/// A captured variable that may change.
final class Cell {
    var value: Value
    init(_ value: Value) { self.value = value }
}

/// A number with a unit, as written: `5 epochs`.
final class Quantity: Sendable {
    let value: Double
    let unit: Unit

    init(_ value: Double, _ unit: Unit) {
        self.value = value
        self.unit = unit
    }
}

/// `0..<10`, `-3...3`, `5...15 deg`. Only walking over it needs whole numbers.
final class RangeValue {
    let lower: Double
    let upper: Double
    let isClosed: Bool
    /// Of both ends; percentages are plain numbers.
    let unit: Unit?

    init(_ lower: Double, _ upper: Double, isClosed: Bool, unit: Unit? = nil) {
        self.lower = lower
        self.upper = upper
        self.isClosed = isClosed
        self.unit = unit
    }

    /// The whole numbers in it, or nil where the ends are no whole numbers.
    var whole: Range<Int>? {
        guard unit == nil, let lower = wholeNumber(lower), let upper = wholeNumber(upper) else { return nil }
        let end = isClosed ? upper + 1 : upper
        return lower < end ? lower..<end : lower..<lower
    }

    func contains(_ value: Double) -> Bool {
        value >= lower && (isClosed ? value <= upper : value < upper)
    }
}

/// `value` as an integer, where it is one and small enough to be exact.
@inline(__always)
func wholeNumber(_ value: Double) -> Int? {
    guard abs(value) <= 0x1p53 else { return nil }
    let integer = Int(value)
    return Double(integer) == value ? integer : nil
}

extension String {
    /// "a net", "an image".
    var withArticle: String {
        guard let first else { return self }
        return ("aeiou".contains(first.lowercased()) ? "an " : "a ") + self
    }
}
