import Graphs
import Language
import Tensors
import Training

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A side of an operator. A number that is written down or stands in a local variable is read without asking the node.
struct Operand {
    let node: Executable
    /// The local variable that it reads; below 0 where it is something else.
    private let slot: Int
    private let constant: Double?

    init(_ node: Executable) {
        self.node = node
        slot = (node as? LocalNode)?.slot ?? -1
        if let literal = node as? LiteralNode, case .number(let number) = literal.value {
            constant = number
        } else {
            constant = nil
        }
    }

    @inline(__always)
    func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        if slot >= 0 {
            if case .number(let number) = frame[slot] { return .number(number) }
        } else if let constant {
            return .number(constant)
        }
        return try node.evaluate(machine, frame)
    }
}

/// An operator between two values.
class BinaryNode: Executable {
    final let operation: BinaryOperator
    final let left: Operand
    final let right: Operand

    init(_ operation: BinaryOperator, _ left: Executable, _ right: Executable, span: SourceSpan) {
        self.operation = operation
        self.left = Operand(left)
        self.right = Operand(right)
        super.init(span: span)
    }
}

/// `a + b` and the other operators that give a number or a tensor.
final class ArithmeticNode: BinaryNode {
    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let first = try left.evaluate(machine, frame)
        let second = try right.evaluate(machine, frame)
        if case .number(let a) = first, case .number(let b) = second, let result = operation.compute(a, b) {
            return .number(result)
        }
        return try machine.binary(operation, first, second, at: span)
    }

    override func changes(_ place: VariablePlace) -> Bool { left.node.reads(place) }

    override func evaluate(replacing place: VariablePlace, _ machine: Machine, _ frame: Frame) throws -> Value {
        var value = try left.evaluate(machine, frame)
        let other = try right.evaluate(machine, frame)
        try machine.combine(&value, operation, other, at: span) { place.put(.none, frame) }
        return value
    }
}

extension BinaryOperator {
    /// The operators that need no table.
    @inline(__always)
    func compute(_ a: Double, _ b: Double) -> Double? {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        default: nil
        }
    }
}

/// `a < b`, `a == b`.
final class ComparisonNode: BinaryNode {
    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let first = try left.evaluate(machine, frame)
        let second = try right.evaluate(machine, frame)
        if case .number(let a) = first, case .number(let b) = second { return .bool(compare(a, b)) }
        return try machine.binary(operation, first, second, at: span)
    }

    override func holds(_ machine: Machine, _ frame: Frame) throws -> Bool? {
        let first = try left.evaluate(machine, frame)
        let second = try right.evaluate(machine, frame)
        if case .number(let a) = first, case .number(let b) = second { return compare(a, b) }
        if operation == .equal, case .string(let a) = first, case .string(let b) = second { return a == b }
        return try machine.truth(of: machine.binary(operation, first, second, at: span), at: span)
    }

    @inline(__always)
    private func compare(_ a: Double, _ b: Double) -> Bool {
        switch operation {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        default: a >= b
        }
    }
}

/// `-x`, `not x`.
final class UnaryNode: Executable {
    let operation: UnaryOperator
    let operand: Executable

    init(_ operation: UnaryOperator, _ operand: Executable, span: SourceSpan) {
        self.operation = operation
        self.operand = operand
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        switch operation {
        case .minus:
            let value = try operand.evaluate(machine, frame)
            if case .number(let number) = value { return .number(-number) }
            return try machine.negated(value, at: span)
        case .not: return try operand.holds(machine, frame).map { .bool(!$0) } ?? .unknown
        }
    }
}

extension Machine {
    /// `left operation right` for any values.
    func binary(_ operation: BinaryOperator, _ left: Value, _ right: Value, at span: SourceSpan) throws -> Value {
        if case .string(let a) = left, case .string(let b) = right, let value = text(operation, a, b) { return value }
        switch operation {
        case .equal, .notEqual:
            guard let equal = try equality(left, right, at: span) else { return .unknown }
            return .bool(equal == (operation == .equal))
        default: break
        }
        if isChecking, left.holdsUnknown || right.holdsUnknown { return .unknown }
        if operation == .add, joins(left, right) {
            return .list(try elements(of: left, at: span) + elements(of: right, at: span))
        }
        if let value = try quantity(operation, left, right, at: span) { return value }
        if case .quantity(let a) = left, case .quantity(let b) = right, a.unit != b.unit,
            a.unit != .percent, b.unit != .percent
        {
            throw Diagnostic(
                "'\(operation.rawValue)' joins quantities of one unit", at: span,
                expected: "\(a.unit.rawValue) on both sides", found: "\(a.unit.rawValue) and \(b.unit.rawValue)")
        }
        if case .tensor = left {
        } else if case .tensor = right {
        } else if operation != .matrixMultiply, let a = left.plainNumber, let b = right.plainNumber {
            return scalar(operation, a, b)
        }
        let (a, b) = try operands(operation, left, right, at: span)
        let node = try applying(operation, a, b, at: span)
        if node.shape.rank == 0, let value = node.value, Self.comparisons.contains(operation) {
            return .bool(value[flat: 0] != 0)
        }
        return Value(node)
    }

    private func text(_ operation: BinaryOperator, _ a: String, _ b: String) -> Value? {
        switch operation {
        case .add: .string(a + b)
        case .equal: .bool(a == b)
        case .notEqual: .bool(a != b)
        case .less: .bool(a < b)
        case .lessOrEqual: .bool(a <= b)
        case .greater: .bool(a > b)
        case .greaterOrEqual: .bool(a >= b)
        case .subtract, .multiply, .divide, .matrixMultiply, .power: nil
        }
    }

    /// Whether `+` puts a list and another one after it together: where both are numbers, they are added.
    func joins(_ left: Value, _ right: Value) -> Bool {
        func isSequence(_ value: Value) -> Bool {
            switch value {
            case .list: true
            case .tensor(let node): node.shape.rank > 0
            default: false
            }
        }
        func isNumeric(_ value: Value) -> Bool {
            if case .list(let elements) = value { return !elements.isEmpty && elements.allSatisfy(isNumeric) }
            return value.isTensor || value.plainNumber != nil
        }
        return isSequence(left) && isSequence(right) && (!isNumeric(left) || !isNumeric(right))
    }

    /// Applies the operation behind an operator; what it complains about is said of the operator that the script has.
    private func applying(_ operation: BinaryOperator, _ a: Node, _ b: Node, at span: SourceSpan) throws -> Node {
        let behind = Self.operation(for: operation)
        do {
            return try apply(behind, [a, b], at: span)
        } catch var diagnostic as Diagnostic {
            let quoted = "'\(behind.name)'"
            if diagnostic.message.hasPrefix(quoted) {
                diagnostic.message = "'\(operation.rawValue)'" + diagnostic.message.dropFirst(quoted.count)
            }
            throw diagnostic
        }
    }

    private static let comparisons: Set<BinaryOperator> = [.less, .lessOrEqual, .greater, .greaterOrEqual]

    private func scalar(_ operation: BinaryOperator, _ a: Double, _ b: Double) -> Value {
        switch operation {
        case .add: .number(a + b)
        case .subtract: .number(a - b)
        case .multiply, .matrixMultiply: .number(a * b)
        case .divide: .number(a / b)
        case .power: .number(b == 2 ? a * a : pow(a, b))
        case .less: .bool(a < b)
        case .lessOrEqual: .bool(a <= b)
        case .greater: .bool(a > b)
        case .greaterOrEqual: .bool(a >= b)
        case .equal: .bool(a == b)
        case .notEqual: .bool(a != b)
        }
    }

    /// Both sides as nodes; a number takes the element type of the tensor beside it.
    private func operands(
        _ operation: BinaryOperator, _ left: Value, _ right: Value, at span: SourceSpan
    ) throws -> (Node, Node) {
        func node(_ value: Value, beside other: Value) throws -> Node {
            if let number = value.plainNumber, case .tensor(let tensor) = other, !value.isTensor {
                return try builder.scalar(number, tensor.elementType)
            }
            guard let node = try self.node(value, at: span) else {
                throw Diagnostic(
                    "'\(operation.rawValue)' has no meaning for \(left.kindName) and \(right.kindName)", at: span,
                    expected: "numbers or tensors", found: "\(left.described) \(operation.rawValue) \(right.described)",
                    hint: left.isString || right.isString ? "\"\\(…)\" puts a value into a text" : nil)
            }
            return node
        }
        return (try node(left, beside: right), try node(right, beside: left))
    }

    /// Arithmetic with units: a sum needs the same ones, a product takes a plain number.
    private func quantity(
        _ operation: BinaryOperator, _ left: Value, _ right: Value, at span: SourceSpan
    ) throws -> Value? {
        switch (left, right) {
        case (.quantity(let a), .quantity(let b)) where a.unit == b.unit && a.unit != .percent:
            let result = scalar(operation, a.value, b.value)
            switch operation {
            case .add, .subtract: return result.plainNumber.map { .quantity(Quantity($0, a.unit)) }
            case .multiply, .power, .matrixMultiply: return nil
            default: return result
            }
        case (.quantity(let a), _) where a.unit != .percent:
            guard operation == .multiply || operation == .divide, let b = right.plainNumber else { return nil }
            return .quantity(Quantity(operation == .multiply ? a.value * b : a.value / b, a.unit))
        case (_, .quantity(let b)) where b.unit != .percent:
            guard operation == .multiply, let a = left.plainNumber else { return nil }
            return .quantity(Quantity(a * b.value, b.unit))
        default: return nil
        }
    }

    func negated(_ value: Value, at span: SourceSpan) throws -> Value {
        switch value {
        case .unknown: return .unknown
        case .quantity(let quantity): return .quantity(Quantity(-quantity.value, quantity.unit))
        default: break
        }
        if !value.isTensor, let number = value.plainNumber { return .number(-number) }
        guard let node = try node(value, at: span) else {
            throw Diagnostic("'-' has no meaning for \(value.kindName)", at: span, found: value.described)
        }
        return Value(try apply(Self.negate, [node], at: span))
    }

    /// `==`; nil while checking where the numbers are not known.
    func equality(_ left: Value, _ right: Value, at span: SourceSpan) throws -> Bool? {
        if left.hasUnknownParts || right.hasUnknownParts {
            guard isChecking else { throw NeedsValueError.at(origin(of: span)) }
            return nil
        }
        return left.equals(right)
    }

    private static let negate = entry("negate")
    private static let table: [BinaryOperator: Operation] = [
        .add: entry("add"), .subtract: entry("subtract"), .multiply: entry("multiply"), .divide: entry("divide"),
        .power: entry("power"), .matrixMultiply: entry("matmul"), .less: entry("less"),
        .lessOrEqual: entry("less_equal"), .greater: entry("greater"), .greaterOrEqual: entry("greater_equal"),
        .equal: entry("equal"), .notEqual: entry("not_equal"),
    ]

    private static func operation(for symbol: BinaryOperator) -> Operation {
        guard let operation = table[symbol] else { preconditionFailure("no operation for '\(symbol.rawValue)'") }
        return operation
    }

    /// An operation that the language itself needs.
    static func entry(_ name: String) -> Operation {
        guard let operation = OperationTable[name] else { preconditionFailure("no operation '\(name)'") }
        return operation
    }
}
