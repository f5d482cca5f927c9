/// Both settled axes of a plot, and the data in shares of them.
struct PlotFrame: Equatable {
    let x: AxisSpan
    let y: AxisSpan

    /// Settles the axes of `plot`; nil where nothing in it has a place ("no data").
    ///
    /// Paths count only where there is nothing else: what leaves a map is clipped.
    init?(_ plot: Plot) {
        let others = plot.series.filter { !$0.isPath }
        let extents = others.compactMap { $0.extent(x: plot.x.scale, y: plot.y.scale) }
        let used = extents.isEmpty ? plot.series.compactMap { $0.extent(x: plot.x.scale, y: plot.y.scale) } : extents
        guard !used.isEmpty else { return nil }
        let marks = used.contains { $0.kind == .marks }
        let isMap = used.contains { $0.kind == .map }
        let standsOnZero = used.contains { $0.kind == .bars }
        let yRange = Self.union(used.map(\.y))
        let sides = isMap ? 0 : marks ? 0.03 : 0
        let top = isMap ? 0 : 0.04
        let bottom = standsOnZero && yRange.lowerBound == 0 ? 0 : top
        x = AxisSpan(axis: plot.x, data: Self.union(used.map(\.x)), padding: (sides, sides))
        y = AxisSpan(axis: plot.y, data: yRange, padding: (bottom, top))
    }

    /// The place of a point; nil where it has none.
    func place(_ x: Double, _ y: Double) -> Point? {
        let place = Point(x: self.x.share(x), y: self.y.share(y))
        return place.x.isFinite && place.y.isFinite ? place : nil
    }

    /// The places of those points that lie inside the frame.
    func visiblePoints(x: [Double], y: [Double]) -> [Point] {
        zip(x, y).compactMap { x, y in place(x, y) }.filter(\.isInUnitSquare)
    }

    /// The visible pieces of a polyline; a point between two gaps is a piece of its own.
    func visiblePieces(x: [Double], y: [Double]) -> [[Point]] {
        clippedPieces(of: zip(x, y).map { x, y in place(x, y) })
    }

    private static func union(_ ranges: [ClosedRange<Double>]) -> ClosedRange<Double> {
        let low = ranges.map(\.lowerBound).min() ?? 0
        let high = ranges.map(\.upperBound).max() ?? 1
        return low...high
    }
}

/// What a series needs room for.
private struct Extent {
    enum Kind {
        case lines
        case marks
        case bars
        case map
    }

    let x: ClosedRange<Double>
    let y: ClosedRange<Double>
    let kind: Kind
}

extension Series {
    var isPath: Bool {
        if case .path = form { return true }
        return false
    }

    /// The range of what can be shown on axes of these scales; nil where there is nothing.
    fileprivate func extent(x xScale: Axis.Scale, y yScale: Axis.Scale) -> Extent? {
        switch form {
        case .line(let x, let y):
            return Self.extent(of: zip(x, y).map { ($0, $1) }, xScale, yScale, kind: .lines)
        case .points(let x, let y), .path(let x, let y):
            return Self.extent(of: zip(x, y).map { ($0, $1) }, xScale, yScale, kind: .marks)
        case .band(let x, let low, let high):
            return Self.extent(
                of: zip(x, low).map { ($0, $1) } + zip(x, high).map { ($0, $1) }, xScale, yScale, kind: .lines)
        case .bars(let edges, let heights):
            var corners: [(Double, Double)] = []
            for (index, height) in heights.enumerated() where index + 1 < edges.count {
                corners += [(edges[index], height), (edges[index + 1], height)]
                if yScale == .linear, height.isFinite { corners.append((edges[index], 0)) }
            }
            return Self.extent(of: corners, xScale, yScale, kind: .bars)
        case .heatmap(let grid, _, _), .regions(let grid), .contours(let grid, _):
            guard grid.finiteRange != nil else { return nil }
            let corners = [(grid.x.lowerBound, grid.y.lowerBound), (grid.x.upperBound, grid.y.upperBound)]
            return Self.extent(of: corners, xScale, yScale, kind: .map)
        }
    }

    private static func extent(
        of points: [(Double, Double)], _ xScale: Axis.Scale, _ yScale: Axis.Scale, kind: Extent.Kind
    ) -> Extent? {
        let shown = points.filter { x, y in
            x.isFinite && y.isFinite && (xScale == .linear || x > 0) && (yScale == .linear || y > 0)
        }
        guard let x = shown.map(\.0).finiteRange, let y = shown.map(\.1).finiteRange else { return nil }
        return Extent(x: x, y: y, kind: kind)
    }
}
