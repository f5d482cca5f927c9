import Graphs
import Language
import Tensors

/// Builtins about single values: text, kinds, comparison, errors.
enum ValueBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "print", ["…"], "Writes values, with blanks between them.", example: "print(\"a\", 1 + 1)   # -> a 2",
            acceptsUnknown: true
        ) {
            guard !$0.machine.isChecking else { return .none }
            $0.machine.session.emit(.output($0.rest.map(\.printed).joined(separator: " ") + "\n"))
            return .none
        },
        Builtin("type", ["value"], "The kind of a value as a string.", example: "type([1, 2])   # -> \"tensor\"") {
            .string($0[0].typeName)
        },
        Builtin(
            "error", ["message"], "Ends the script, or the call, with a message.",
            example: "if 1 > 2 { error(\"no\") }; 3   # -> 3"
        ) {
            throw Diagnostic(try $0.text(0), at: $0.span)
        },
        Builtin(
            "close", ["a", "b", "tol: 1e-6"], "Whether no two elements differ by more than tol.",
            example: "close(0.1 + 0.2, 0.3)   # -> true"
        ) { arguments in
            switch try arguments.machine.closeness(
                arguments[0], arguments[1], tolerance: try arguments.number(2, default: 1e-6), at: arguments.span)
            {
            case .near: .bool(true)
            case .far: .bool(false)
            case .unknown: .unknown
            }
        },
        kind("is_number", "number", "4") { $0.typeName == "number" },
        kind("is_string", "string", "\"a\"") { $0.isString },
        kind("is_tensor", "tensor", "[1, 2]") { $0.typeName == "tensor" },
        kind("is_list", "list", "[1, \"a\"]") { $0.typeName == "list" },
        kind("is_function", "function", "x -> x") { $0.typeName == "function" },
        Builtin(
            "text", ["value", "digits:"], "A value as a string; a number, where digits is given, to that many of them.",
            example: "text(2 / 3, digits: 2)   # -> \"0.67\""
        ) { arguments in
            guard arguments.has(1) else { return .string(arguments[0].printed) }
            let digits = try arguments.integer(1)
            guard (1...17).contains(digits) else { throw arguments.wrong(1, expected: "1 to 17 digits") }
            return .string(shortNumberText(try arguments.number(0), digits: digits))
        },
        Builtin(
            "number", ["text"], "The number that a string holds.", example: "number(\"2.5\") + 1   # -> 3.5"
        ) { arguments in
            if let number = arguments[0].plainNumber { return .number(number) }
            let text = try arguments.text(0)
            guard let number = Double(text) else { throw arguments.wrong(0, expected: "a string with a number") }
            return .number(number)
        },
    ]

    private static func kind(
        _ name: String, _ kind: String, _ sample: String, _ test: @escaping @Sendable (Value) -> Bool
    ) -> Builtin {
        Builtin(name, ["value"], "Whether a value is \(kind.withArticle).", example: "\(name)(\(sample))   # -> true") {
            .bool(test($0[0]))
        }
    }
}

/// How far two values are from one another.
enum Closeness {
    case near
    case far(found: String, expected: String)
    case unknown
}

extension Machine {
    /// `close(a, b, tol:)` in an `expect`.
    func closeness(_ call: CallArguments) throws -> Closeness {
        guard case .function(let function)? = BuiltinTable.value("close", session) else { return .unknown }
        let arguments = try Arguments(of: function, call, self)
        if arguments.hasUnknown { return .unknown }
        return try closeness(
            arguments[0], arguments[1], tolerance: try arguments.number(2, default: 1e-6), at: call.span)
    }

    func closeness(_ left: Value, _ right: Value, tolerance: Double, at span: SourceSpan) throws -> Closeness {
        if isUnknown(left) || isUnknown(right) { return .unknown }
        guard let a = try node(left, at: span), let b = try node(right, at: span) else {
            throw Diagnostic(
                "'close' compares numbers or tensors", at: span, found: "\(left.kindName) and \(right.kindName)")
        }
        guard a.shape == b.shape || a.shape.rank == 0 || b.shape.rank == 0 else {
            throw Diagnostic(
                "'close' compares tensors of one shape", at: span, expected: "shape \(a.shape)",
                found: "shape \(b.shape)")
        }
        guard let x = a.value, let y = b.value else {
            if isChecking { return .unknown }
            throw NeedsValue.at(origin(of: span))
        }
        let count = max(x.count, y.count)
        var worst = (difference: 0.0, index: 0)
        for index in 0..<count {
            let (p, q) = (x[flat: x.count == 1 ? 0 : index], y[flat: y.count == 1 ? 0 : index])
            let difference = p == q ? 0 : abs(p - q)
            if !(difference <= worst.difference) { worst = (difference, index) }
            if difference.isNaN { break }
        }
        if worst.difference <= tolerance { return .near }
        let shape = x.count == count ? a.shape : b.shape
        let (p, q) = (x[flat: x.count == 1 ? 0 : worst.index], y[flat: y.count == 1 ? 0 : worst.index])
        let place = shape.rank == 0 ? "" : " at \(place(worst.index, in: shape))"
        return .far(
            found:
                "\(numberText(p)) and \(numberText(q))\(place), a difference of \(shortNumberText(worst.difference))",
            expected: "a difference of at most \(numberText(tolerance))")
    }

    private func place(_ flat: Int, in shape: Shape) -> String {
        "[" + zip(shape.strides, shape.dimensions).map { "\(flat / $0 % $1)" }.joined(separator: ", ") + "]"
    }
}
