/// A function of two variables, sampled on a regular grid of nodes whose outermost lie on the edges of the map.
public struct SampledGrid: Sendable, Hashable {
    /// Extent of the map along x.
    public let x: ClosedRange<Double>
    /// Extent of the map along y.
    public let y: ClosedRange<Double>
    /// Number of nodes along x.
    public let columns: Int
    /// Number of nodes along y.
    public let rows: Int
    /// `[rows, columns]` row by row, the first row at the lower end of y. Values that are not finite are holes.
    public let values: [Double]

    /// Makes a grid of `rows` × `columns` values; values that are missing are holes, surplus ones are left out.
    public init(x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int, rows: Int, values: [Double]) {
        self.x = x
        self.y = y
        self.columns = max(columns, 0)
        self.rows = max(rows, 0)
        let count = self.columns * self.rows
        let missing = Array(repeating: Double.nan, count: max(count - values.count, 0))
        self.values = Array(values.prefix(count)) + missing
    }

    /// Samples `function(x, y)` at `columns` × `rows` nodes.
    public init(
        x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int, rows: Int,
        function: (Double, Double) throws -> Double
    ) rethrows {
        var values: [Double] = []
        for row in 0..<max(rows, 0) {
            for column in 0..<max(columns, 0) {
                try values.append(
                    function(
                        Self.node(column, of: columns, in: x), Self.node(row, of: rows, in: y)))
            }
        }
        self.init(x: x, y: y, columns: columns, rows: rows, values: values)
    }

    /// Position along x of the nodes of `column`.
    public func x(ofColumn column: Int) -> Double { Self.node(column, of: columns, in: x) }

    /// Position along y of the nodes of `row`.
    public func y(ofRow row: Int) -> Double { Self.node(row, of: rows, in: y) }

    /// The value at a node, row 0 being at the lower end of y.
    public subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

    /// The value of the node nearest to a point given as shares of the map's extent, 0...1 each.
    func nearest(xShare: Double, yShare: Double) -> Double {
        guard columns > 0, rows > 0 else { return .nan }
        let column = min(max(Int((xShare * Double(columns - 1)).rounded()), 0), columns - 1)
        let row = min(max(Int((yShare * Double(rows - 1)).rounded()), 0), rows - 1)
        return self[row, column]
    }

    /// Smallest and largest finite value; nil where there is none.
    var finiteRange: ClosedRange<Double>? { values.finiteRange }

    private static func node(_ index: Int, of count: Int, in range: ClosedRange<Double>) -> Double {
        guard count > 1 else { return range.lowerBound / 2 + range.upperBound / 2 }
        let share = Double(index) / Double(count - 1)
        return range.lowerBound * (1 - share) + range.upperBound * share
    }
}

extension Sequence where Element == Double {
    /// Smallest and largest finite element; nil where there is none.
    var finiteRange: ClosedRange<Double>? {
        var low = Double.infinity
        var high = -Double.infinity
        for value in self where value.isFinite {
            low = Swift.min(low, value)
            high = Swift.max(high, value)
        }
        return low <= high ? low...high : nil
    }
}
