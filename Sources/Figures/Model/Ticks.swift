#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The marked positions of an axis with their labels.
public struct Ticks: Sendable, Hashable {
    /// Ascending, inside the range that they were made for.
    public let values: [Double]
    /// One label a value.
    public let labels: [String]

    /// Ticks at round numbers (1, 2 or 5 times a power of ten apart), at most `count` + 1 of them where that leaves two.
    ///
    /// - Parameters:
    ///   - range: The values at the axis's ends.
    ///   - count: How many intervals there is room for, at least 1.
    ///   - wholeNumbers: Whether ticks must be whole numbers.
    public static func linear(_ range: ClosedRange<Double>, count: Int, wholeNumbers: Bool = false) -> Ticks {
        let low = range.lowerBound
        let high = range.upperBound
        guard low.isFinite, high.isFinite else { return Ticks(values: [], labels: []) }
        // Halves, so that a range wider than the largest number does not overflow.
        let step = max(niceStep(atLeast: (high / 2 - low / 2) / Double(max(count, 1)) * 2), wholeNumbers ? 1 : 0)
        guard step > 0, step.isFinite, abs(low / step) < 0x1p52, abs(high / step) < 0x1p52 else {
            let values = low == high ? [low] : [low, high]
            return Ticks(values: values, labels: values.map { shortNumber($0) })
        }
        // A tick that misses the end only by rounding still belongs to the axis.
        let slack = 1e-9
        let first = (low / step - slack).rounded(.up)
        let last = (high / step + slack).rounded(.down)
        guard first <= last else { return Ticks(values: [low], labels: [shortNumber(low)]) }
        let values = (0...Int(last - first)).map { index -> Double in
            let exact = (first + Double(index)) * step
            return exact == 0 ? 0 : min(max(exact, low), high)
        }
        return Ticks(values: values, labels: labels(of: values, step: step))
    }

    /// Ticks at powers of ten, joined by their 2- and 5-folds where few powers lie in the range.
    ///
    /// Falls back to linear ticks where even those are fewer than two; an empty result means a range that is not positive.
    public static func logarithmic(_ range: ClosedRange<Double>, count: Int) -> Ticks {
        guard range.lowerBound > 0, range.upperBound.isFinite else { return Ticks(values: [], labels: []) }
        let slack = 1e-9
        let first = Int((log10(range.lowerBound) - slack).rounded(.up))
        let last = Int((log10(range.upperBound) + slack).rounded(.down))
        let decades = last - first + 1
        if decades >= 3 {
            let stride = (decades + count) / (max(count, 1) + 1)
            // The power below the smallest number is zero, which has no place on the axis.
            let exponents = (first...last).filter { $0 % max(stride, 1) == 0 && pow(10, Double($0)) > 0 }
            let usePowers = first < -3 || last > 4
            return Ticks(
                values: exponents.map { pow(10, Double($0)) },
                labels: exponents.map { usePowers ? "10" + superscript($0) : shortNumber(pow(10, Double($0))) })
        }
        var values: [Double] = []
        for exponent in (first - 1)...max(last, first - 1) {
            for factor in [1.0, 2, 5] {
                let value = factor * pow(10, Double(exponent))
                if value.isFinite, value >= range.lowerBound * (1 - slack), value <= range.upperBound * (1 + slack) {
                    values.append(value)
                }
            }
        }
        if values.count < 2 {
            return linear(range, count: count)
        }
        return Ticks(values: values, labels: values.map { shortNumber($0) })
    }

    /// Ticks for an axis of this kind over `range`.
    static func ticks(for axis: Axis, over range: ClosedRange<Double>, count: Int) -> Ticks {
        guard axis.categories.isEmpty else { return named(axis.categories, in: range) }
        switch axis.scale {
        case .linear: return linear(range, count: count, wholeNumbers: axis.wholeNumbers)
        case .log: return logarithmic(range, count: count)
        }
    }

    /// A tick at each category inside the range.
    private static func named(_ categories: [String], in range: ClosedRange<Double>) -> Ticks {
        let shown = categories.enumerated().filter { range.contains(Double($0.offset)) }
        return Ticks(values: shown.map { Double($0.offset) }, labels: shown.map { $0.element.withoutControls })
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is not below `size`; 0 where size is not positive.
    private static func niceStep(atLeast size: Double) -> Double {
        guard size > 0, size.isFinite else { return 0 }
        let power = pow(10, log10(size).rounded(.down))
        for factor in [1.0, 2, 5] where factor * power >= size * (1 - 1e-9) { return factor * power }
        return 10 * power
    }

    private static func labels(of values: [Double], step: Double) -> [String] {
        let largest = values.reduce(0) { max($0, abs($1)) }
        if largest >= 1e6 || largest < 1e-3 { return values.map { shortNumber($0) } }
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        return values.map { fixedNumber($0, decimals: decimals) }
    }

    private static func superscript(_ exponent: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return String(String(exponent).map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue ?? 0] })
    }
}
