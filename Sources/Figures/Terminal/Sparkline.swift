/// A line of block characters as high as the values, such as "▁▂▄▇█": the smallest value lowest, the largest highest.
///
/// More values than columns are averaged in groups; fewer take a column each. A group without a finite value is a space.
///
/// - Parameters:
///   - values: In the order from left to right.
///   - width: The most columns to use.
public func sparkline(_ values: [Double], width: Int) -> String {
    let columns = min(width, values.count)
    guard columns > 0 else { return "" }
    let means = (0..<columns).map { column -> Double in
        let group = values[column * values.count / columns..<(column + 1) * values.count / columns]
        let finite = group.filter(\.isFinite)
        // Each is divided before the sum, so that large values do not overflow.
        return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
    }
    guard let range = means.finiteRange else { return String(repeating: " ", count: columns) }
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
        means.map { mean -> Character in
            guard mean.isFinite else { return " " }
            let half = range.upperBound / 2 - range.lowerBound / 2
            let share = half > 0 ? (mean / 2 - range.lowerBound / 2) / half : 0
            return blocks[min(Int(share * Double(blocks.count)), blocks.count - 1)]
        })
}
