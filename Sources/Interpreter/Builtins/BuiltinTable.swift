import Graphs
import Language

/// Everything that is known without `use`: builtins by family, the operation table, and a few names for values.
enum BuiltinTable {
    /// The families, in the order of the help.
    static let families: [(title: String, builtins: [Builtin])] = [
        ("values", ValueBuiltins.all), ("lists and records", CollectionBuiltins.all),
        ("tensors", CreationBuiltins.all), ("random numbers", RandomBuiltins.all),
        ("derivatives", DerivativeBuiltins.all), ("figures and files", FigureBuiltins.all + PanelBuiltins.all),
    ]

    private static let builtins: [String: Builtin] = Dictionary(
        families.flatMap(\.builtins).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// A name for a number or for a word that settings take.
    struct Constant: Sendable {
        enum Meaning: Sendable {
            case number(Double)
            case word(String)
        }

        let name: String
        let summary: String
        let meaning: Meaning

        var value: Value {
            switch meaning {
            case .number(let number): .number(number)
            case .word(let word): .string(word)
            }
        }
    }

    static let constants: [Constant] =
        [
            Constant(
                name: "pi", summary: "The ratio of a circle's circumference to its diameter.", meaning: .number(.pi)),
            Constant(name: "inf", summary: "Infinity.", meaning: .number(.infinity)),
            Constant(name: "nan", summary: "No number.", meaning: .number(.nan)),
        ]
        + [
            "same", "valid", "horizontal", "vertical", "both", "edge", "reflect", "wrap", "linear", "nearest",
            "bilinear",
        ].map {
            Constant(name: $0, summary: "A word for settings: the string \"\($0)\".", meaning: .word($0))
        }

    /// Operations that scripts call by name.
    static let operations = OperationTable.all.filter { $0.isPublic && builtins[$0.name] == nil }

    /// All names, sorted.
    static let names: [String] =
        (builtins.keys + operations.map(\.name) + constants.map(\.name)).sorted()

    static func builtin(_ name: String) -> Builtin? { builtins[name] }

    static func signature(of operation: Operation) -> Signature { OperationFunction.make(operation).signature }

    /// The value of a name, made once a session.
    static func value(_ name: String, _ session: Session) -> Value? {
        if let value = session.builtinValues[name] { return value }
        let value: Value?
        if let builtin = builtins[name] ?? session.languageBuiltins[name] {
            value = .function(BuiltinFunction(builtin))
        } else if let operation = OperationTable[name], operation.isPublic {
            value = .function(OperationFunction.make(operation))
        } else {
            value = constants.first { $0.name == name }?.value
        }
        session.builtinValues[name] = value
        return value
    }
}
