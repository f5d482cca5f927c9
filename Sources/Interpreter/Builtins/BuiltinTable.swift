import Graphs
import Language

/// Everything that is known without `use`: builtins by family, the operation table, and a few names for values.
enum BuiltinTable {
    /// The families, in the order of the help.
    static let families: [(title: String, builtins: [Builtin])] = [
        ("values", ValueBuiltins.all), ("lists and records", CollectionBuiltins.all),
        ("tensors", CreationBuiltins.all), ("random numbers", RandomBuiltins.all),
        ("derivatives", DerivativeBuiltins.all), ("figures and files", FigureBuiltins.all),
    ]

    private static let builtins: [String: Builtin] = Dictionary(
        families.flatMap(\.builtins).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// Words that settings take, and numbers with names.
    static let constants: [(name: String, summary: String, value: @Sendable () -> Value)] =
        [
            ("pi", "the ratio of a circle's circumference to its diameter", { .number(.pi) }),
            ("inf", "infinity", { .number(.infinity) }), ("nan", "no number", { .number(.nan) }),
        ]
        + ["same", "valid", "horizontal", "vertical", "linear"].map { word in
            (word, "a word for settings", { .string(word) })
        }

    /// Operations that scripts call by name.
    static let operations = OperationTable.all.filter { $0.isPublic && builtins[$0.name] == nil }

    /// All names, sorted.
    static let names: [String] =
        (builtins.keys + operations.map(\.name) + constants.map(\.name)).sorted()

    static func builtin(_ name: String) -> Builtin? { builtins[name] }

    /// The value of a name, made once a session.
    static func value(_ name: String, _ session: Session) -> Value? {
        if let value = session.builtinValues[name] { return value }
        let value: Value?
        if let builtin = builtins[name] ?? session.languageBuiltins[name] {
            value = .function(BuiltinFunction(builtin))
        } else if let operation = OperationTable[name], operation.isPublic {
            value = .function(OperationFunction.make(operation))
        } else {
            value = constants.first { $0.name == name }?.value()
        }
        session.builtinValues[name] = value
        return value
    }
}
