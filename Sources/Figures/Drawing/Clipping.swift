/// A point; in shares of a frame, or in a canvas's units.
struct Point: Hashable {
    var x: Double
    var y: Double

    var isInUnitSquare: Bool { x >= 0 && x <= 1 && y >= 0 && y <= 1 }
}

/// The part of the segment inside the unit square (Liang and Barsky, "A New Concept and Method for Line Clipping", 1984).
func clippedSegment(from: Point, to: Point) -> (from: Point, to: Point)? {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    var enter = 0.0
    var leave = 1.0
    for (slope, room) in [(-dx, from.x), (dx, 1 - from.x), (-dy, from.y), (dy, 1 - from.y)] {
        if slope == 0 {
            if room < 0 { return nil }
        } else if slope < 0 {
            enter = max(enter, room / slope)
        } else {
            leave = min(leave, room / slope)
        }
    }
    guard enter <= leave else { return nil }
    func at(_ share: Double) -> Point {
        // The clamp takes away what rounding leaves outside.
        Point(x: min(max(from.x + dx * share, 0), 1), y: min(max(from.y + dy * share, 0), 1))
    }
    return (enter > 0 ? at(enter) : from, leave < 1 ? at(leave) : to)
}

/// The pieces of a polyline inside the unit square; nil points are gaps, and a point between two gaps is a piece.
func clippedPieces(of points: [Point?]) -> [[Point]] {
    var pieces: [[Point]] = []
    var piece: [Point] = []
    func finish() {
        if !piece.isEmpty { pieces.append(piece) }
        piece = []
    }
    for (index, point) in points.enumerated() {
        guard let point else {
            finish()
            continue
        }
        guard index > 0, let before = points[index - 1] else {
            if point.isInUnitSquare { piece = [point] }
            continue
        }
        guard let visible = clippedSegment(from: before, to: point) else {
            finish()
            continue
        }
        if piece.last != visible.from {
            finish()
            piece = [visible.from]
        }
        piece.append(visible.to)
        if visible.to != point { finish() }
    }
    finish()
    return pieces
}

/// The part of a polygon inside the unit square (Sutherland and Hodgman, "Reentrant Polygon Clipping", 1974); empty where
/// there is none.
func clippedPolygon(_ points: [Point]) -> [Point] {
    let sides: [(Point) -> Double] = [{ $0.x }, { 1 - $0.x }, { $0.y }, { 1 - $0.y }]
    var polygon = points
    for inside in sides {
        var kept: [Point] = []
        for (index, point) in polygon.enumerated() {
            let before = polygon[(index + polygon.count - 1) % polygon.count]
            let (depth, depthBefore) = (inside(point), inside(before))
            if (depth < 0) != (depthBefore < 0) {
                let share = depthBefore / (depthBefore - depth)
                kept.append(
                    Point(x: before.x + (point.x - before.x) * share, y: before.y + (point.y - before.y) * share))
            }
            if depth >= 0 { kept.append(point) }
        }
        polygon = kept
    }
    return polygon
}
