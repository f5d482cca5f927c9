import Graphs
import Language
import Tensors
import Training

extension NeedsValueError {
    static func at(_ origin: Origin) -> NeedsValueError { NeedsValueError(origin: origin) }
}

extension Machine {
    private static let stack = entry("stack")
    private static let slice = entry("slice")
    private static let reshape = entry("reshape")
    private static let concat = entry("concat")
    private static let gather = entry("gather")
    private static let broadcast = entry("broadcast_to")

    /// The value as a node, nil where it is nothing numeric.
    ///
    /// - Throws: for a list whose rows differ.
    func node(_ value: Value, at span: SourceSpan) throws -> Node? {
        switch value {
        case .tensor(let node): return node
        case .list(let elements):
            guard let node = try joined(elements, at: span) else { return nil }
            return node
        case .range(let range):
            let numbers = try numbers(in: range, at: span)
            return builder.constant(try located(span) { try Tensor(numbers, shape: [numbers.count]) })
        case .cell(let cell): return try node(cell.value, at: span)
        default:
            guard let number = value.plainNumber else { return nil }
            return try builder.scalar(number)
        }
    }

    /// A tensor of equal parts; nil where a part is not numeric.
    private func joined(_ elements: [Value], at span: SourceSpan) throws -> Node? {
        if elements.isEmpty { return builder.constant(try Tensor([], shape: [0])) }
        var nodes: [Node] = []
        for element in elements {
            guard let node = try node(element, at: span) else { return nil }
            nodes.append(node)
        }
        if let other = nodes.first(where: { $0.shape != nodes[0].shape }) {
            throw Diagnostic(
                "this list is no tensor, because its rows differ", at: span,
                expected: "rows of equal shape", found: "\(nodes[0].shape.rowText) and \(other.shape.rowText)")
        }
        return try apply(Self.stack, nodes, ["axis": .integer(0)], at: span)
    }

    /// What `[a, b]` is: a tensor where all leaves are numbers in equal rows, else a list.
    ///
    /// Rows count only where they are tensors of numbers that are there or traced; anything else keeps the list.
    func bracketLiteral(_ values: [Value], areRows: [Bool], at span: SourceSpan) throws -> Value {
        guard !values.isEmpty else { return .list([]) }
        for (index, value) in values.enumerated() {
            switch value {
            case .number: continue
            case .tensor(let node) where node.shape.rank == 0 || areRows[index]: continue
            default: return .list(values)
            }
        }
        var numbers: [Double] = []
        numbers.reserveCapacity(values.count)
        for value in values {
            guard case .number(let number) = value else { break }
            numbers.append(number)
        }
        if numbers.count == values.count {
            return .tensor(builder.constant(try located(span) { try Tensor(numbers, shape: [numbers.count]) }))
        }
        var nodes: [Node] = []
        for (index, value) in values.enumerated() {
            switch value {
            case .number(let number): nodes.append(try builder.scalar(number))
            case .tensor(let node) where node.shape.rank == 0 || areRows[index]: nodes.append(node)
            default: return .list(values)
            }
            if nodes[index].shape != nodes[0].shape { return .list(values) }
        }
        return .tensor(try apply(Self.stack, nodes, ["axis": .integer(0)], at: span))
    }

    func located<T>(_ span: SourceSpan, _ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw locating(error, at: span) }
    }

    /// The parts of a tensor along its first axis.
    func rows(of node: Node, at span: SourceSpan) throws -> [Value] {
        if node.shape.rank == 1, !node.isTracked, let value = node.value { return value.doubles.map(Value.number) }
        guard node.shape[0] <= 1 << 24 else {
            throw Diagnostic("\(node.shape[0]) rows are too many to walk over", at: span)
        }
        return try (0..<node.shape[0]).map { Value(try row($0, of: node, at: span)) }
    }

    private func row(_ index: Int, of node: Node, at span: SourceSpan) throws -> Node {
        let part = try apply(
            Self.slice, [node], ["starts": .integers([index]), "stops": .integers([index + 1])], at: span)
        return try reshaped(part, to: node.shape.removing(axis: 0), at: span)
    }

    func reshaped(_ node: Node, to shape: Shape, at span: SourceSpan) throws -> Node {
        if node.shape == shape { return node }
        return try apply(Self.reshape, [node], ["shape": .integers(shape.dimensions)], at: span)
    }

    /// A node of its own for the same numbers, so that derivatives can tell the two apart.
    func renamed(_ node: Node, at span: SourceSpan) throws -> Node {
        try apply(Self.reshape, [node], ["shape": .integers(node.shape.dimensions)], at: span)
    }

    /// `node[subscripts]`.
    func tensorElement(_ node: Node, _ subscripts: [SubscriptValue], at span: SourceSpan) throws -> Value {
        guard subscripts.count <= node.shape.rank else {
            throw Diagnostic(
                "too many subscripts", at: span,
                expected: "at most \(node.shape.rank), as shape \(node.shape) has axes",
                found: "\(subscripts.count) subscripts")
        }
        if case .index(let value, let place)? = subscripts.first, case .tensor(let indices) = value,
            indices.shape.rank > 0
        {
            guard subscripts.count == 1 else {
                throw Diagnostic("a tensor of indices stands alone between the brackets", at: place)
            }
            return Value(try apply(Self.gather, [node, indices], at: place))
        }
        var starts: [Int] = []
        var stops: [Int] = []
        var shape: [Int] = []
        for (axis, one) in subscripts.enumerated() {
            let extent = node.shape[axis]
            switch one {
            case .all:
                starts.append(0)
                stops.append(extent)
                shape.append(extent)
            case .index(let value, let place):
                guard let index = try self.index(value, count: extent, of: "axis \(axis)", at: place) else {
                    return .unknown
                }
                starts.append(index)
                stops.append(index + 1)
            case .range(let lower, let upper, let isClosed, let place):
                let part = try slice(lower, upper, isClosed: isClosed, count: extent, of: "axis \(axis)", at: place)
                starts.append(part.lowerBound)
                stops.append(part.upperBound)
                shape.append(part.count)
            }
        }
        shape += node.shape.dimensions[subscripts.count...]
        if shape.isEmpty, !node.isTracked, let value = node.value {
            var flat = 0
            for (start, extent) in zip(starts, node.shape.dimensions) { flat = flat * extent + start }
            return .number(value[flat: flat])
        }
        let part = try apply(
            Self.slice, [node], ["starts": .integers(starts), "stops": .integers(stops)], at: span)
        return Value(try reshaped(part, to: Shape(shape), at: span))
    }

    /// The position that a subscript names; negative ones count from the end. Nil while checking where it is not known.
    func index(_ value: Value, count: Int, of whole: String, at span: SourceSpan) throws -> Int? {
        if isUnknown(value) { return nil }
        guard let number = value.plainNumber, let index = wholeNumber(number) else {
            if case .tensor(let node) = value, node.isSymbolic { throw NeedsValueError.at(origin(of: span)) }
            throw Diagnostic("a subscript is a whole number", at: span, found: value.described)
        }
        let resolved = index < 0 ? index + count : index
        guard resolved >= 0, resolved < count else {
            throw Diagnostic(
                "subscript \(index) is out of range for \(whole)", at: span,
                expected: count == 0 ? "nothing: it is empty" : "\(-count)...\(count - 1)", found: "\(index)")
        }
        return resolved
    }

    /// The positions that a range of subscripts names.
    func slice(
        _ lower: Int?, _ upper: Int?, isClosed: Bool, count: Int, of whole: String, at span: SourceSpan
    ) throws -> Range<Int> {
        let start = lower.map { $0 < 0 ? $0 + count : $0 } ?? 0
        let stop = upper.map { ($0 < 0 ? $0 + count : $0) + (isClosed ? 1 : 0) } ?? count
        guard start >= 0, stop <= count, start <= stop else {
            throw Diagnostic(
                "the range does not lie in \(whole)", at: span, expected: "a part of 0..<\(count)",
                found: (lower.map(String.init) ?? "") + (isClosed ? "..." : "..<") + (upper.map(String.init) ?? ""))
        }
        return start..<stop
    }

    /// `node` with the part that `subscripts` name replaced.
    func replacing(
        _ subscripts: ArraySlice<SubscriptValue>, of node: Node, by new: Node, at span: SourceSpan
    ) throws -> Node {
        guard let first = subscripts.first else {
            guard new.shape.broadcast(with: node.shape) == node.shape else {
                throw Diagnostic(
                    "the new part has another shape", at: span, expected: "shape \(node.shape)",
                    found: "shape \(new.shape)")
            }
            return try new.shape == node.shape
                ? new : apply(Self.broadcast, [new], ["shape": .integers(node.shape.dimensions)], at: span)
        }
        guard node.shape.rank > 0 else { throw Diagnostic("too many subscripts", at: span) }
        let count = node.shape[0]
        let rest = subscripts.dropFirst()
        let part: Range<Int>
        switch first {
        case .all: part = 0..<count
        case .index(let value, let place):
            guard let index = try index(value, count: count, of: "the first axis", at: place) else { return node }
            part = index..<index + 1
            let row = try replacing(rest, of: row(index, of: node, at: span), by: new, at: span)
            return try spliced(node, part, reshaped(row, to: Shape([1] + row.shape.dimensions), at: span), at: span)
        case .range(let lower, let upper, let isClosed, let place):
            part = try slice(lower, upper, isClosed: isClosed, count: count, of: "the first axis", at: place)
        }
        guard !part.isEmpty else { return node }
        let shape = Shape([part.count] + node.shape.dimensions.dropFirst())
        if rest.isEmpty {
            let old = try apply(
                Self.slice, [node], ["starts": .integers([part.lowerBound]), "stops": .integers([part.upperBound])],
                at: span)
            return try spliced(node, part, replacing([], of: old, by: new, at: span), at: span)
        }
        let hasRows = new.shape.rank > 0 && new.shape[0] == part.count && new.shape.rank + subscripts.count > shape.rank
        let rows = try part.map { index in
            let source = hasRows ? try row(index - part.lowerBound, of: new, at: span) : new
            return try replacing(rest, of: row(index, of: node, at: span), by: source, at: span)
        }
        return try spliced(node, part, apply(Self.stack, rows, ["axis": .integer(0)], at: span), at: span)
    }

    /// `node` with rows `part` replaced by `new`.
    private func spliced(_ node: Node, _ part: Range<Int>, _ new: Node, at span: SourceSpan) throws -> Node {
        if node.shape.rank == 1, !node.isTracked, !new.isTracked, let old = node.value, let value = new.value {
            var numbers = old.doubles
            numbers.replaceSubrange(part, with: value.doubles)
            return builder.constant(
                try located(span) { try Tensor(numbers, shape: node.shape, elementType: node.elementType) })
        }
        var pieces: [Node] = []
        if part.lowerBound > 0 {
            pieces.append(
                try apply(
                    Self.slice, [node], ["starts": .integers([0]), "stops": .integers([part.lowerBound])], at: span))
        }
        pieces.append(try builder.convert(new, to: node.elementType))
        if part.upperBound < node.shape[0] {
            pieces.append(
                try apply(
                    Self.slice, [node],
                    ["starts": .integers([part.upperBound]), "stops": .integers([node.shape[0]])], at: span))
        }
        return pieces.count == 1 ? pieces[0] : try apply(Self.concat, pieces, ["axis": .integer(0)], at: span)
    }
}

extension Shape {
    /// As one row of a list: "a number", "a row of shape [2]".
    fileprivate var rowText: String { rank == 0 ? "a number" : "a row of shape \(self)" }
}
