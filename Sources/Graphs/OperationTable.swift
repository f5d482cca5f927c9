/// All operations: the one place that help, checker, tests, cost estimate and the language's binding are derived from.
public enum OperationTable {
    public static let all: [Operation] =
        ArithmeticOperations.all + ConversionOperations.all

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    public static subscript(name: String) -> Operation? { byName[name] }
}
