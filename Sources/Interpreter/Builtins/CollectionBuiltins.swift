import Graphs
import Language
import Tensors

/// Builtins about lists, records and what else can be walked over.
enum CollectionBuiltins {
    static let all: [Builtin] = walking + parts + records

    private static let walking: [Builtin] = [
        Builtin(
            "map", ["values", "f"], "f of each element. Numbers come back as a tensor, everything else as a list.",
            example: "[1, 2, 3] |> map(x -> x^2)   # -> [1, 4, 9]"
        ) { arguments in
            let function = arguments[1]
            let results = try arguments.elements(0).map {
                try arguments.machine.call(function, CallArguments([$0], at: arguments.span))
            }
            return try arguments.joined(results)
        },
        Builtin(
            "filter", ["values", "f"], "The elements for which f holds; of a dataset the samples {x, y, class}.",
            example: "filter(1...6, x -> x > 4)   # -> [5, 6]"
        ) { arguments in
            let function = try arguments.function(1)
            if let data = try arguments.filteredDataset(function) { return data }
            var isKnown = true
            let results = try arguments.elements(0).filter { element in
                let holds = try arguments.machine.truth(
                    of: arguments.call(function, element), at: arguments.span(1))
                if holds == nil { isKnown = false }
                return holds ?? false
            }
            return isKnown ? try arguments.joined(results) : .unknown
        },
        Builtin(
            "reduce", ["values", "f", "initial:"],
            "Combines the elements from the left: f(f(f(initial, x1), x2), x3).",
            example: "reduce([1, 2, 3], (a, b) -> 10 * a + b)   # -> 123"
        ) { arguments in
            let function = try arguments.function(1)
            var rest = try arguments.elements(0)[...]
            let isSeeded: Bool = if case .unset = arguments[2] { false } else { true }
            guard var result = isSeeded ? arguments[2] : rest.popFirst() else {
                throw arguments.wrong(0, expected: "at least one element, or an initial value")
            }
            for element in rest { result = try arguments.call(function, result, element) }
            return result
        },
        Builtin(
            "zip", ["a", "b"], "Pairs of elements, as many as the shorter has.",
            example: "zip([1, 2], [\"a\", \"b\"])   # -> [[1, \"a\"], [2, \"b\"]]"
        ) { arguments in
            .list(zip(try arguments.elements(0), try arguments.elements(1)).map { .list([$0, $1]) })
        },
        Builtin(
            "enumerate", ["values", "from: 0"], "Pairs (number, element).",
            example: "enumerate([\"a\", \"b\"])   # -> [[0, \"a\"], [1, \"b\"]]"
        ) { arguments in
            let first = try arguments.integer(1, default: 0)
            return .list(
                try arguments.elements(0).enumerated().map { .list([.number(Double(first + $0)), $1]) })
        },
        Builtin(
            "reverse", ["values"], "The elements from the last to the first.",
            example: "reverse([1, 2, 3])   # -> [3, 2, 1]"
        ) { try $0.joined(try $0.elements(0).reversed()) },
        Builtin(
            "ranks", ["values"],
            "The place of each number in ascending order, counted from 1; equal numbers share the mean of their places.",
            example: "ranks([10, 30, 20, 20])   # -> [1, 4, 2.5, 2.5]"
        ) { arguments in
            let numbers = try arguments.numbers(0)
            if arguments.machine.isChecking { return .unknown }
            let order = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
            var ranks = [Double](repeating: 0, count: numbers.count)
            var first = 0
            while first < order.count {
                var next = first + 1
                while next < order.count, numbers[order[next]] == numbers[order[first]] { next += 1 }
                for place in first..<next { ranks[order[place]] = Double(first + 1 + next) / 2 }
                first = next
            }
            return try arguments.machine.vector(ranks)
        },
        Builtin(
            "sort", ["values", "by:"], "The elements in ascending order, of themselves or of by(element).",
            example: "sort([3, 1, 2])   # -> [1, 2, 3]"
        ) { arguments in
            let elements = try arguments.elements(0)
            let keys =
                arguments.has(1)
                ? try elements.map { try arguments.call(try arguments.function(1), $0) } : elements
            let order = try keys.indices.sorted { first, second in
                try arguments.isAscending(keys[first], keys[second]) ?? (first < second)
            }
            return try arguments.joined(order.map { elements[$0] })
        },
        Builtin(
            "join", ["values", "separator: \"\""], "The texts of the elements in one string.",
            example: "join([1, 2, 3], \"-\")   # -> \"1-2-3\""
        ) { arguments in
            let separator = arguments.has(1) ? try arguments.text(1) : ""
            return .string(try arguments.elements(0).map(\.printed).joined(separator: separator))
        },
    ]

    private static let parts: [Builtin] = [
        Builtin(
            "len", ["values"], "How many elements there are; of a tensor, along its first axis.",
            example: "len([4, 5, 6])   # -> 3"
        ) { arguments in
            switch arguments[0] {
            case .tensor(let node) where node.shape.rank > 0: .number(Double(node.shape[0]))
            case .range(let range):
                .number(Double(try arguments.machine.wholeRange(range, at: arguments.span(0)).count))
            case .string(let text): .number(Double(text.count))
            default: .number(Double(try arguments.elements(0).count))
            }
        },
        Builtin("first", ["values"], "The first element.", example: "first([4, 5, 6])   # -> 4") {
            try $0.element(0)
        },
        Builtin("last", ["values"], "The last element.", example: "last([4, 5, 6])   # -> 6") { try $0.element(-1) },
        Builtin(
            "append", ["values", "value"], "The same elements, or the layers of a net, with one more at the end.",
            example: "append([1, 2], 3)   # -> [1, 2, 3]"
        ) { arguments in
            switch arguments[0] {
            case .object(let object) where object is NetworkValue: fallthrough
            case .function(is DeclaredNetwork):
                return .object(
                    try arguments.network(0).editing(
                        .append(try arguments.network(1)), at: arguments.span, arguments.machine))
            case .list(var elements):
                elements.append(arguments[1])
                return try elements.count == 1 ? arguments.joined(elements) : .list(elements)
            case .tensor(let node) where node.shape.rank > 0:
                guard let row = try arguments.machine.node(arguments[1], at: arguments.span(1)),
                    row.shape == node.shape.removing(axis: 0)
                else {
                    return .list(try arguments.elements(0) + [arguments[1]])
                }
                return try arguments.machine.appending(row, to: node, at: arguments.span)
            default: throw arguments.wrong(0, expected: "a list or a tensor with axes")
            }
        },
        Builtin(
            "contains", ["values", "value"], "Whether an element equals the value, or a string holds another.",
            example: "contains([1, 2], 2)   # -> true"
        ) { arguments in
            if case .string(let text) = arguments[0] { return .bool(text.contains(try arguments.text(1))) }
            if case .record(let record) = arguments[0], case .string(let name) = arguments[1] {
                return .bool(record[name] != nil)
            }
            if case .range(let range) = arguments[0], let number = arguments[1].plainNumber {
                return .bool(range.contains(number))
            }
            return .bool(try arguments.elements(0).contains { $0.equals(arguments[1]) })
        },
        Builtin(
            "all", ["values"], "Whether every element holds.", example: "all([true, false])   # -> false"
        ) { arguments in
            try arguments.truths(0).map { .bool($0.allSatisfy(\.self)) } ?? .unknown
        },
        Builtin("any", ["values"], "Whether an element holds.", example: "any([0, 1])   # -> true") { arguments in
            try arguments.truths(0).map { .bool($0.contains(true)) } ?? .unknown
        },
    ]

    private static let records: [Builtin] = [
        Builtin(
            "get", ["record", "name", "default:"], "The field of that name, or the default where there is none.",
            example: "{a: 1}.get(\"b\", 0)   # -> 0"
        ) { arguments in
            let (record, name) = (try arguments.record(0), try arguments.text(1))
            if let value = record[name] { return value }
            if case .unset = arguments[2] {
                throw arguments.machine.unknownField(name, of: arguments[0], at: arguments.span(1))
            }
            return arguments[2]
        },
        Builtin("keys", ["record"], "The names of the fields.", example: "keys({a: 1, b: 2})   # -> [\"a\", \"b\"]") {
            .list(try $0.record(0).names.map(Value.string))
        },
        Builtin("values", ["record"], "The values of the fields.", example: "values({a: 1, b: 2})   # -> [1, 2]") {
            try $0.joined(try $0.record(0).values)
        },
        Builtin(
            "map_values", ["record", "f"], "A record of the same names with f of each value.",
            example: "map_values({a: 1, b: 2}, x -> 10 * x)   # -> {a: 10, b: 20}"
        ) { arguments in
            let record = try arguments.record(0)
            return .record(
                Record(
                    try record.pairs.map {
                        (
                            $0.name,
                            try arguments.machine.call(arguments[1], CallArguments([$0.value], at: arguments.span))
                        )
                    }))
        },
        Builtin(
            "merge", ["record", "other"], "Both records' fields; those of the second win.",
            example: "merge({a: 1, b: 2}, {b: 3})   # -> {a: 1, b: 3}"
        ) { arguments in
            .record(Record(try arguments.record(0).pairs + arguments.record(1).pairs))
        },
    ]
}

extension Arguments {
    /// Numbers as a tensor, everything else as a list.
    func joined(_ results: [Value]) throws -> Value {
        try machine.bracketLiteral(results, areRows: [Bool](repeating: false, count: results.count), at: span)
    }

    fileprivate func element(_ position: Int) throws -> Value {
        try machine.element(self[0], [.index(.number(Double(position)), span(0))], at: span(0))
    }

    fileprivate func truths(_ index: Int) throws -> [Bool]? {
        if case .tensor(let node) = self[index] {
            guard let value = node.value else {
                guard machine.isChecking else { throw NeedsValue.at(machine.origin(of: span(index))) }
                return nil
            }
            return value.doubles.map { $0 != 0 }
        }
        return try elements(index).map { try machine.truth(of: $0, at: span(index)) ?? false }
    }

    /// Whether two keys stand in ascending order; nil where they are equal.
    fileprivate func isAscending(_ a: Value, _ b: Value) throws -> Bool? {
        if let x = a.plainNumber, let y = b.plainNumber { return x == y ? nil : x < y || (y.isNaN && !x.isNaN) }
        if case .string(let x) = a, case .string(let y) = b { return x == y ? nil : x < y }
        if a.hasUnknownParts || b.hasUnknownParts { throw NeedsValue.at(machine.origin(of: span(0))) }
        throw Diagnostic(
            "'sort' orders numbers or strings", at: span(0), found: "\(a.kindName) beside \(b.kindName)")
    }
}

extension Machine {
    /// A tensor with one more row.
    func appending(_ row: Node, to node: Node, at span: SourceSpan) throws -> Value {
        if node.shape.rank == 1, !node.isTracked, !row.isTracked, let old = node.value, let new = row.value {
            return try tensorValue(at: span) {
                try Tensor(old.doubles + new.doubles, shape: [old.count + 1], elementType: node.elementType)
            }
        }
        let last = try reshaped(row, to: Shape([1] + row.shape.dimensions), at: span)
        return .tensor(try apply(Self.entry("concat"), [node, last], ["axis": .integer(0)], at: span))
    }
}
