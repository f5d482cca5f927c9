#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which heights the lines of a contour map are drawn at.
public enum ContourLevels: Sendable, Hashable {
    /// About `count` levels between the smallest and the largest value: at round numbers on a linear scale, at equal ratios
    /// on a logarithmic one (of the values that are positive).
    case automatic(count: Int, scale: Axis.Scale)
    /// Exactly these.
    case values([Double])

    /// The levels for `grid`, ascending, finite and strictly inside the range of its values.
    public func levels(for grid: SampledGrid) -> [Double] {
        switch self {
        case .values(let values):
            return values.filter(\.isFinite).sorted()
        case .automatic(let count, let scale):
            let values = scale == .log ? grid.values.filter { $0 > 0 } : grid.values
            guard count > 0, let range = values.finiteRange, range.lowerBound < range.upperBound else { return [] }
            switch scale {
            case .linear:
                return Ticks.linear(range, count: count).values
                    .filter { $0 > range.lowerBound && $0 < range.upperBound }
            case .log:
                // Six decades are as many as can be told apart; below them a minimum at zero would take all the levels.
                let high = log10(range.upperBound)
                let low = max(log10(range.lowerBound), high - 6)
                return (1...count).map { pow(10, low + (high - low) * Double($0) / Double(count + 1)) }
            }
        }
    }
}

/// A polyline of a contour map in data coordinates; closed where the first point equals the last.
public struct ContourLine: Sendable, Hashable {
    public let level: Double
    public let x: [Double]
    public let y: [Double]
}

extension SampledGrid {
    /// The lines where the grid, interpolated along the edges of its cells, takes the value `level`.
    ///
    /// Marching squares (Lorensen and Cline's marching cubes in two dimensions): each cell has 16 cases by which of its
    /// corners lie above the level; the two saddles are settled by the mean of the four corners. Segments of neighbouring
    /// cells are joined to polylines. Cells with a corner that is not finite are left out.
    public func contour(at level: Double) -> [ContourLine] {
        guard rows > 1, columns > 1, level.isFinite else { return [] }
        var joiner = SegmentJoiner()
        for row in 0..<rows - 1 {
            for column in 0..<columns - 1 {
                for (from, to) in crossings(row: row, column: column, level: level) { joiner.add(from, to) }
            }
        }
        return joiner.polylines().map { edges in
            let points = edges.map { point(on: $0, level: level) }
            return ContourLine(level: level, x: points.map(\.x), y: points.map(\.y))
        }
    }

    /// An edge between two neighbouring nodes, named by its lower left node and its direction.
    private struct Edge: Hashable {
        let row: Int
        let column: Int
        let isHorizontal: Bool
    }

    private func crossings(row: Int, column: Int, level: Double) -> [(Edge, Edge)] {
        let lowerLeft = self[row, column]
        let lowerRight = self[row, column + 1]
        let upperRight = self[row + 1, column + 1]
        let upperLeft = self[row + 1, column]
        guard lowerLeft.isFinite, lowerRight.isFinite, upperRight.isFinite, upperLeft.isFinite else { return [] }
        let bottom = Edge(row: row, column: column, isHorizontal: true)
        let top = Edge(row: row + 1, column: column, isHorizontal: true)
        let left = Edge(row: row, column: column, isHorizontal: false)
        let right = Edge(row: row, column: column + 1, isHorizontal: false)
        var corners = 0
        if lowerLeft > level { corners |= 1 }
        if lowerRight > level { corners |= 2 }
        if upperRight > level { corners |= 4 }
        if upperLeft > level { corners |= 8 }
        let middleIsAbove = lowerLeft / 4 + lowerRight / 4 + upperRight / 4 + upperLeft / 4 > level
        switch corners {
        case 1, 14: return [(left, bottom)]
        case 2, 13: return [(bottom, right)]
        case 3, 12: return [(left, right)]
        case 4, 11: return [(right, top)]
        case 6, 9: return [(bottom, top)]
        case 7, 8: return [(left, top)]
        case 5: return middleIsAbove ? [(left, top), (bottom, right)] : [(left, bottom), (right, top)]
        case 10: return middleIsAbove ? [(left, bottom), (right, top)] : [(left, top), (bottom, right)]
        default: return []
        }
    }

    private func point(on edge: Edge, level: Double) -> (x: Double, y: Double) {
        let start = self[edge.row, edge.column]
        let end = edge.isHorizontal ? self[edge.row, edge.column + 1] : self[edge.row + 1, edge.column]
        let share = min(max((level / 2 - start / 2) / (end / 2 - start / 2), 0), 1)
        let x = self.x(ofColumn: edge.column)
        let y = self.y(ofRow: edge.row)
        if edge.isHorizontal { return (x * (1 - share) + self.x(ofColumn: edge.column + 1) * share, y) }
        return (x, y * (1 - share) + self.y(ofRow: edge.row + 1) * share)
    }

    /// Joins segments that share an edge of the grid; each edge belongs to two cells, so it has at most two segments.
    private struct SegmentJoiner {
        private var neighbours: [Edge: [Edge]] = [:]
        private var order: [Edge] = []

        mutating func add(_ from: Edge, _ to: Edge) {
            for (one, other) in [(from, to), (to, from)] {
                if neighbours[one] == nil { order.append(one) }
                neighbours[one, default: []].append(other)
            }
        }

        /// Open lines first, from their ends, then the closed ones; in the order in which the grid meets them.
        func polylines() -> [[Edge]] {
            var rest = neighbours
            var lines: [[Edge]] = []
            let starts = order.filter { neighbours[$0]?.count == 1 } + order
            for start in starts {
                guard let first = rest[start], !first.isEmpty else { continue }
                var line = [start]
                var current = start
                while let next = rest[current]?.first {
                    rest[current]?.removeFirst()
                    if let back = rest[next]?.firstIndex(of: current) { rest[next]?.remove(at: back) }
                    line.append(next)
                    current = next
                }
                lines.append(line)
            }
            return lines
        }
    }
}
