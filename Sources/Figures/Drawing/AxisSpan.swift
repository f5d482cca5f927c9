#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The settled range of an axis: maps values to shares of its length and back.
struct AxisSpan: Equatable {
    let scale: Axis.Scale
    /// The values at the two ends, always finite, different, and positive on a logarithmic axis.
    let range: ClosedRange<Double>

    /// Settles an axis's range: the given one, or that of `data`, widened where it has no extent.
    ///
    /// - Parameters:
    ///   - data: The range of the data (on a logarithmic axis of its positive values); nil where there are none.
    ///   - padding: Shares of the length to leave free below and above data.
    init(axis: Axis, data: ClosedRange<Double>?, padding: (below: Double, above: Double)) {
        scale = axis.scale
        let isUsable = { (range: ClosedRange<Double>) in
            range.lowerBound.isFinite && range.upperBound.isFinite && (axis.scale == .linear || range.lowerBound > 0)
        }
        if let given = axis.range, isUsable(given) {
            range = Self.widened(given, scale: axis.scale)
        } else if let data, isUsable(data) {
            let wide = Self.widened(data, scale: axis.scale)
            range = wide == data ? Self.padded(data, scale: axis.scale, by: padding) : wide
        } else {
            range = axis.scale == .log ? 1...10 : 0...1
        }
    }

    /// Where `value` lies: 0 at the lower end, 1 at the upper; not a number where it has no place on the axis.
    func share(_ value: Double) -> Double {
        let share: Double
        switch scale {
        case .linear:
            // Halves, so that a range wider than the largest number does not overflow.
            share =
                (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
        case .log:
            guard value > 0 else { return .nan }
            // Differences of logarithms: a ratio of the smallest and the largest number would overflow.
            share =
                (log(value) - log(range.lowerBound)) / (log(range.upperBound) - log(range.lowerBound))
        }
        guard value.isFinite, !share.isNaN else { return .nan }
        // Far outside is far outside; the bound keeps what is computed with shares finite.
        return min(max(share, -1e9), 1e9)
    }

    /// The value at a share of the length.
    func value(atShare share: Double) -> Double {
        switch scale {
        case .linear: range.lowerBound * (1 - share) + range.upperBound * share
        case .log:
            exp(log(range.lowerBound) + (log(range.upperBound) - log(range.lowerBound)) * share)
        }
    }

    private static func widened(_ range: ClosedRange<Double>, scale: Axis.Scale) -> ClosedRange<Double> {
        let (low, high) = (range.lowerBound, range.upperBound)
        let isWide: Bool
        switch scale {
        case .linear: isWide = high / 2 - low / 2 > max(abs(low), abs(high)) * 1e-12
        case .log: isWide = high / low > 1 + 1e-12
        }
        if isWide { return range }
        switch scale {
        case .linear:
            let margin = max(abs(low) * 0.1, low == 0 ? 1 : 1e-300)
            return max(
                low - margin, -Double.greatestFiniteMagnitude)...min(high + margin, Double.greatestFiniteMagnitude)
        case .log:
            return max(low / 2, Double.leastNormalMagnitude)...min(high * 2, Double.greatestFiniteMagnitude)
        }
    }

    private static func padded(
        _ range: ClosedRange<Double>, scale: Axis.Scale, by padding: (below: Double, above: Double)
    ) -> ClosedRange<Double> {
        let (low, high) = (range.lowerBound, range.upperBound)
        let (below, above): (Double, Double)
        switch scale {
        case .linear:
            let half = high / 2 - low / 2
            (below, above) = (low - half * 2 * padding.below, high + half * 2 * padding.above)
        case .log:
            let ratio = high / low
            (below, above) = (low * pow(ratio, -padding.below), high * pow(ratio, padding.above))
        }
        let isUsable = below.isFinite && above.isFinite && (scale == .linear || below > 0)
        return isUsable ? below...above : range
    }
}
