/// All operations: the one place that help, checker, tests, cost estimate and the language's binding are derived from.
public enum OperationTable {
    public static let all: [Operation] =
        ArithmeticOperations.all + PowerOperations.all + ExponentialOperations.all + TrigonometryOperations.all
        + RoundingOperations.all + ComparisonOperations.all + ReductionOperations.all + StatisticsOperations.all
        + ReshapingOperations.all + BroadcastingOperations.all + TranspositionOperations.all + JoiningOperations.all
        + SlicingOperations.all + GatheringOperations.all + MatrixProductOperations.all + LinearSystemOperations.all
        + ConvolutionOperations.all + PoolingOperations.all + SoftmaxOperations.all + RandomOperations.all
        + WarpingOperations.all + ConversionOperations.all

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    public static subscript(name: String) -> Operation? { byName[name] }
}
