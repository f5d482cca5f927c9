extension Int {
    /// The sum, or `Int.max` where it does not fit: sizes that a script names may be absurd and must still be told.
    package func saturatingAdd(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? Int.max : sum
    }

    /// The product, or `Int.max` where it does not fit.
    package func saturatingMultiply(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? Int.max : product
    }
}

extension Sequence {
    /// The sum of `value` over all elements, at most `Int.max`.
    package func saturatingSum(_ value: (Element) -> Int) -> Int {
        reduce(0) { $0.saturatingAdd(value($1)) }
    }
}
