import Graphs
import Language
import Tensors

/// `base.name`.
final class FieldNode: Executable {
    let base: Executable
    let name: Identifier
    private var memory = FieldMemory()

    init(_ base: Executable, _ name: Identifier, span: SourceSpan) {
        self.base = base
        self.name = name
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = try base.evaluate(machine, frame)
        if case .record(let record) = value, let field = memory.value(of: name.name, in: record) { return field }
        if case .unknown = value { return .unknown }
        do {
            if let field = try machine.field(name.name, of: value, at: name.span) { return field }
        } catch { throw machine.locating(error, at: name.span) }
        throw machine.unknownField(name.name, of: value, at: name.span)
    }
}

/// One place between brackets.
enum SubscriptNode {
    case all
    case at(Executable)
    case range(Executable?, Executable?, isClosed: Bool, SourceSpan)

    func evaluate(_ machine: Machine, _ frame: Frame) throws -> SubscriptValue {
        switch self {
        case .all: return .all
        case .at(let node):
            return try Self.part(node.evaluate(machine, frame), at: node.span)
        case .range(let lower, let upper, let isClosed, let span):
            let (first, last) = (try lower?.evaluate(machine, frame), try upper?.evaluate(machine, frame))
            for end in [first, last].compactMap({ $0 }) where machine.isUnknown(end) { return .index(end, span) }
            return .range(
                lower: try Self.end(first, at: lower?.span ?? span), upper: try Self.end(last, at: upper?.span ?? span),
                isClosed: isClosed, span)
        }
    }

    /// A position, or the positions of a range.
    static func part(_ value: Value, at span: SourceSpan) throws -> SubscriptValue {
        guard case .range(let range) = value else { return .index(value, span) }
        guard let lower = wholeNumber(range.lower), let upper = wholeNumber(range.upper) else {
            throw Diagnostic("a subscript is a whole number", at: span, found: value.described)
        }
        return .range(lower: lower, upper: upper, isClosed: range.isClosed, span)
    }

    /// An end of a range of positions.
    private static func end(_ value: Value?, at span: SourceSpan) throws -> Int? {
        guard let value else { return nil }
        if let number = value.plainNumber, let whole = wholeNumber(number) { return whole }
        throw Diagnostic("a subscript is a whole number", at: span, found: value.described)
    }
}

extension [SubscriptNode] {
    /// What is evaluated for a subscript that is a single expression.
    var onlyPosition: Executable? {
        guard count == 1, case .at(let node) = self[0] else { return nil }
        return node
    }
}

/// `base[subscripts]`.
final class IndexNode: Executable {
    let base: Executable
    let subscripts: [SubscriptNode]
    /// What stands between the brackets, where it is one position.
    private let position: Unmanaged<Executable>?

    init(_ base: Executable, _ subscripts: [SubscriptNode], span: SourceSpan) {
        self.base = base
        self.subscripts = subscripts
        position = subscripts.onlyPosition.map(Unmanaged.passUnretained)
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let value = try base.evaluate(machine, frame)
        // The common case: one position in a list or in a vector of numbers.
        if let node = position {
            let position = try node._withUnsafeGuaranteedRef { try $0.evaluate(machine, frame) }
            if case .number(let number) = position, let index = wholeNumber(number), index >= 0 {
                if case .list(let elements) = value, index < elements.count { return elements[index] }
                if case .tensor(let tensor) = value, tensor.shape.rank == 1, !tensor.isTracked,
                    index < tensor.shape[0], let number = tensor.number(at: index)
                {
                    return .number(number)
                }
            }
            if case .string(let name) = position, case .record(let record) = value, let field = record[name] {
                return field
            }
            if case .range = position {
            } else {
                let place = node._withUnsafeGuaranteedRef { $0.span }
                return try machine.element(value, [.index(position, place)], at: span)
            }
        }
        return try machine.element(value, try subscripts.map { try $0.evaluate(machine, frame) }, at: span)
    }
}

extension Machine {
    /// `value.name`, nil where there is no such field.
    func field(_ name: String, of value: Value, at span: SourceSpan) throws -> Value? {
        switch value {
        case .record(let record): return record[name]
        case .object(let object): return try object.field(name, self)
        case .tensor(let node): return try tensorField(name, of: node, at: span)
        case .number where ["shape", "rank", "size", "type"].contains(name):
            return try tensorField(name, of: builder.scalar(0), at: span)
        case .quantity(let quantity):
            switch name {
            case "value": return .number(quantity.value)
            case "unit": return .string(quantity.unit.rawValue)
            default: return nil
            }
        case .range(let range):
            switch name {
            case "lower": return .number(range.lower)
            case "upper": return .number(range.upper)
            default: return nil
            }
        case .list(let elements):
            if name == "size" { return .number(Double(elements.count)) }
            guard name == "shape" || name == "rank" || name == "T", let node = try node(value, at: span) else {
                return nil
            }
            return try tensorField(name, of: node, at: span)
        case .function(let function): return try (function as? any FieldsOfFunction)?.field(name, self)
        case .cell(let cell): return try field(name, of: cell.value, at: span)
        default: return nil
        }
    }

    private func tensorField(_ name: String, of node: Node, at span: SourceSpan) throws -> Value? {
        switch name {
        case "shape":
            return .tensor(
                builder.constant(try Tensor(node.shape.dimensions.map(Double.init), shape: [node.shape.rank])))
        case "rank": return .number(Double(node.shape.rank))
        case "size": return .number(Double(node.shape.count))
        case "type": return .string(node.elementType.rawValue)
        case "T":
            return Value(try apply(Self.entry("transpose"), [node], at: span))
        default: return nil
        }
    }

    /// `value[subscripts]`.
    func element(_ value: Value, _ subscripts: [SubscriptValue], at span: SourceSpan) throws -> Value {
        switch value {
        case .unknown: return .unknown
        case .tensor(let node): return try tensorElement(node, subscripts, at: span)
        case .list(let elements):
            guard subscripts.count == 1 else {
                guard let node = try node(value, at: span) else {
                    throw Diagnostic("a list takes one subscript", at: span, found: "\(subscripts.count) subscripts")
                }
                return try tensorElement(node, subscripts, at: span)
            }
            switch subscripts[0] {
            case .all: return value
            case .index(let position, let place):
                guard
                    let index = try index(position, count: elements.count, of: "a list of \(elements.count)", at: place)
                else { return .unknown }
                return elements[index]
            case .range(let lower, let upper, let isClosed, let place):
                let part = try slice(
                    lower, upper, isClosed: isClosed, count: elements.count, of: "a list of \(elements.count)",
                    at: place)
                return .list(Array(elements[part]))
            }
        case .record(let record):
            guard subscripts.count == 1, case .index(.string(let name), let place) = subscripts[0] else {
                if subscripts.count == 1, case .index(let position, _) = subscripts[0], isUnknown(position) {
                    return .unknown
                }
                throw Diagnostic("a record takes a name between its brackets", at: span, expected: "r[\"name\"]")
            }
            guard let found = record[name] else { throw unknownField(name, of: value, at: place) }
            return found
        case .string(let text):
            let characters = text.map { Value.string(String($0)) }
            let part = try element(.list(characters), subscripts, at: span)
            guard case .list(let pieces) = part else { return part }
            return .string(pieces.map(\.printed).joined())
        case .range: return try element(.list(try elements(of: value, at: span)), subscripts, at: span)
        case .object(let object):
            if let found = try located(span, { try object.element(subscripts, self) }) { return found }
        case .cell(let cell): return try element(cell.value, subscripts, at: span)
        default: break
        }
        throw Diagnostic("\(value.kindName) has no elements", at: span, found: value.described)
    }

    /// `value` with one element or part replaced.
    func replacingElement(
        of value: Value, _ subscripts: [SubscriptValue], by new: Value, at span: SourceSpan
    ) throws -> Value {
        switch value {
        case .tensor(let node):
            if case .unknown = new { return .unknown }
            guard let new = try self.node(new, at: span) else {
                throw Diagnostic("a tensor holds numbers", at: span, found: new.described)
            }
            guard subscripts.count <= node.shape.rank else {
                throw Diagnostic(
                    "too many subscripts", at: span,
                    expected: "at most \(node.shape.rank), as shape \(node.shape) has axes")
            }
            return .tensor(try replacing(subscripts[...], of: node, by: new, at: span))
        case .list(var elements):
            guard subscripts.count == 1, case .index(let position, let place) = subscripts[0] else {
                throw Diagnostic("one element of a list is set at a time", at: span)
            }
            guard let index = try index(position, count: elements.count, of: "a list of \(elements.count)", at: place)
            else { return .unknown }
            elements[index] = new
            return .list(elements)
        case .record(var record):
            guard subscripts.count == 1, case .index(.string(let name), _) = subscripts[0] else {
                throw Diagnostic("a record takes a name between its brackets", at: span, expected: "r[\"name\"]")
            }
            record[name] = new
            return .record(record)
        default: throw Diagnostic("the elements of \(value.kindName) cannot be set", at: span, found: value.described)
        }
    }
}

/// A function value with fields of its own (a declared optimizer's settings).
protocol FieldsOfFunction {
    func field(_ name: String, _ machine: Machine) throws -> Value?
    var fieldNames: [String] { get }
}
