/// The same number from several runs: its mean, and how much it differs between them.
public struct Spread: Sendable, Equatable {
    /// In the order of the seeds.
    public let values: [Double]

    /// - Parameter values: at least one.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "a spread of no values")
        self.values = values
    }

    public var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The sample standard deviation, sqrt(sum (v - mean)^2 / (n - 1)); 0 for one value.
    public var deviation: Double {
        guard values.count > 1 else { return 0 }
        let mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
