import Language

/// The slots of one call, on the machine's value stack.
typealias Frame = UnsafeMutablePointer<Value>

/// A node of a compiled body: names are slots, operators are classes.
///
/// `return`, `break` and `continue` set `machine.signal`; blocks and loops look at it after every statement.
class Executable {
    let span: SourceSpan

    init(span: SourceSpan) { self.span = span }

    func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        preconditionFailure("\(type(of: self)) has no evaluation")
    }

    /// Whether it computes a new value for the variable out of the old one, as `x + value` and `append(x, value)` do.
    func changes(_ place: VariablePlace) -> Bool { false }

    /// For what `changes(place)`, its value, which takes the place of the variable's: the old one is used up where
    /// nobody else holds it.
    func evaluate(replacing place: VariablePlace, _ machine: Machine, _ frame: Frame) throws -> Value {
        try evaluate(machine, frame)
    }

    /// Whether it reads the variable, and does nothing else.
    final func reads(_ place: VariablePlace) -> Bool {
        switch place {
        case .local(let slot): (self as? LocalNode)?.slot == slot
        case .global(let variable): (self as? GlobalNode)?.variable === variable
        }
    }

    /// Whether the condition holds; nil while checking where that is not known.
    func holds(_ machine: Machine, _ frame: Frame) throws -> Bool? {
        let value = try evaluate(machine, frame)
        if case .bool(let flag) = value { return flag }
        return try machine.truth(of: value, at: span)
    }
}

/// Nodes that are evaluated one after the other, without counting references to each.
struct NodeRow {
    let nodes: [Executable]
    private let row: ContiguousArray<Unmanaged<Executable>>

    init(_ nodes: [Executable]) {
        self.nodes = nodes
        row = ContiguousArray(nodes.map(Unmanaged.passUnretained))
    }

    @inline(__always)
    var count: Int { row.count }

    @inline(__always)
    func evaluate(_ index: Int, _ machine: Machine, _ frame: Frame) throws -> Value {
        try row[index]._withUnsafeGuaranteedRef { try $0.evaluate(machine, frame) }
    }

    /// All values, after `first` where there is one.
    func evaluate(_ machine: Machine, _ frame: Frame, after first: Value? = nil) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(first == nil ? count : count + 1)
        if let first { values.append(first) }
        for index in 0..<count { values.append(try evaluate(index, machine, frame)) }
        return values
    }
}

/// A value that is written down.
final class LiteralNode: Executable {
    let value: Value

    init(_ value: Value, span: SourceSpan) {
        self.value = value
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value { value }
}

/// `"step \(i)"`.
final class InterpolationNode: Executable {
    enum Part {
        case text(String)
        case value(Executable)
    }

    let parts: [Part]

    init(_ parts: [Part], span: SourceSpan) {
        self.parts = parts
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        var text = ""
        var isKnown = true
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let node):
                let value = try node.evaluate(machine, frame)
                if case .number(let number) = value {
                    text += numberText(number)
                } else if machine.isUnknown(value) {
                    isKnown = false
                } else {
                    text += value.printed
                }
            }
        }
        return isKnown ? .string(text) : .unknown
    }
}

/// `[a, b]`: a tensor where all leaves are numbers in equal rows, else a list.
final class ListNode: Executable {
    let elements: NodeRow
    private let areRows: [Bool]

    init(_ elements: [Executable], span: SourceSpan) {
        self.elements = NodeRow(elements)
        areRows = elements.map { $0 is ListNode }
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        try machine.bracketLiteral(elements.evaluate(machine, frame), areRows: areRows, at: span)
    }
}

/// `{lr: 0.1, mu: 0.9}`.
final class RecordNode: Executable {
    private let layout: RecordLayout
    private let values: NodeRow

    /// - Parameter fields: no name stands twice.
    init(_ fields: [(name: String, value: Executable)], span: SourceSpan) {
        layout = RecordLayout(fields.map(\.name))
        values = NodeRow(fields.map(\.value))
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        .record(Record(layout, try values.evaluate(machine, frame)))
    }
}

/// `0..<10`.
final class RangeNode: Executable {
    let lower: Executable
    let upper: Executable
    let isClosed: Bool

    init(_ lower: Executable, _ upper: Executable, isClosed: Bool, span: SourceSpan) {
        self.lower = lower
        self.upper = upper
        self.isClosed = isClosed
        super.init(span: span)
    }

    override func evaluate(_ machine: Machine, _ frame: Frame) throws -> Value {
        let first = try lower.evaluate(machine, frame)
        let last = try upper.evaluate(machine, frame)
        if machine.isUnknown(first) || machine.isUnknown(last) { return .unknown }
        let (from, to) = (try end(first, lower), try end(last, upper))
        guard from.unit == nil || from.unit == to.unit else {
            throw Diagnostic(
                "a range has one unit", at: span, expected: "both ends in \(from.unit?.rawValue ?? "")",
                found: last.described)
        }
        // In 5...15 deg the unit stands for both ends.
        let isPercent = to.unit == .percent
        let lowest = from.unit == nil && isPercent ? from.number / 100 : from.number
        return .range(RangeValue(lowest, to.number, isClosed: isClosed, unit: isPercent ? nil : to.unit))
    }

    private func end(_ value: Value, _ node: Executable) throws -> (number: Double, unit: Unit?) {
        var unit: Unit?
        var number = value.plainNumber
        if case .quantity(let quantity) = value {
            unit = quantity.unit
            number = number ?? quantity.value
        }
        guard let number, !number.isNaN else {
            throw Diagnostic("a range goes from number to number", at: node.span, found: value.described)
        }
        return (number, unit)
    }
}
