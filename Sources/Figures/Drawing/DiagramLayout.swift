/// Where everything of a diagram lies, in heights of its text: computed once, then scaled to the page.
struct DiagramLayout {
    /// A shape to be painted.
    enum Shape {
        case box(Rectangle, Diagram.Box)
        case frame(Rectangle, name: String, times: Int)
        case sign(Rectangle, String)
        case line([Point], hasHead: Bool)
        case label(Point, String)
    }

    /// A laid out part: its shapes from its own top left corner, and where the flow enters and leaves it.
    struct Piece {
        var width = 0.0
        var height = 0.0
        /// Distance of the flow from the left.
        var axis = 0.0
        var shapes: [Shape] = []

        mutating func add(_ other: Piece, x: Double, y: Double) { shapes += other.shapes.map { $0.moved(x: x, y: y) } }
    }

    static let lineHeight = 1.75
    static let stripHeight = 1.2
    static let arrowHeight = 1.45
    static let labelSize = 0.75
    /// How much wider bold text is.
    static let boldness = 1.16
    private static let framePadding = 0.7
    private static let headerHeight = 1.5
    private static let wayGap = 1.0
    private static let joinHeight = 1.5

    let piece: Piece

    /// Lays out in the number of columns that lets the text be largest on a page of this width and height.
    init(_ diagram: Diagram, width: Double, height: Double) {
        let rows = diagram.elements.map { Self.piece(of: $0) }
        func scale(_ piece: Piece) -> Double { min(width / max(piece.width, 1), height / max(piece.height, 1)) }
        var best = Piece()
        for count in 1...max(rows.count, 1) {
            let piece = Self.columns(diagram, rows, count: count)
            if count == 1 || scale(piece) > scale(best) { best = piece }
        }
        piece = best
    }

    // MARK: Parts

    private static func width(_ text: String, _ size: Double = 1) -> Double { estimatedWidth(of: text, size: size) }

    private static func piece(of element: Diagram.Element) -> Piece {
        switch element {
        case .box(let box): piece(of: box)
        case .group(let name, let times, let inside, _): group(name, times, inside)
        case .branches(let ways, let join, _): branches(ways, join)
        }
    }

    private static func piece(of box: Diagram.Box) -> Piece {
        var line = width(box.name) * boldness + 1.2
        if !box.detail.isEmpty { line += width(box.detail) + 0.5 }
        if !box.note.isEmpty { line += width(box.note, labelSize) + 0.8 }
        let strip = stripText(box).map { width($0, 0.85) + 1.2 } ?? 0
        let size = (width: max(line, strip, 6), height: lineHeight + (strip > 0 ? stripHeight : 0))
        return Piece(
            width: size.width, height: size.height, axis: size.width / 2,
            shapes: [.box(Rectangle(x: 0, y: 0, width: size.width, height: size.height), box)])
    }

    /// The strips of a box in one line.
    static func stripText(_ box: Diagram.Box) -> String? {
        box.strips.isEmpty ? nil : box.strips.joined(separator: " · ")
    }

    private static func group(_ name: String, _ times: Int, _ inside: [Diagram.Element]) -> Piece {
        let flow = flow(inside)
        let header = headerHeight
        // The name stands at the left of the flow, the number of times at its right.
        let left = max(framePadding, name.isEmpty ? 0 : width(name, 0.85) + 1.2 - flow.axis)
        let right = max(framePadding, times > 1 ? width("× \(times)") * boldness + 1.2 - (flow.width - flow.axis) : 0)
        var piece = Piece(
            width: left + flow.width + right, height: flow.height + header + framePadding, axis: left + flow.axis)
        piece.shapes.append(
            .frame(Rectangle(x: 0, y: 0, width: piece.width, height: piece.height), name: name, times: times))
        piece.shapes.append(
            .line([Point(x: piece.axis, y: 0), Point(x: piece.axis, y: header)], hasHead: true))
        piece.add(flow, x: left, y: header)
        piece.shapes.append(
            .line(
                [Point(x: piece.axis, y: header + flow.height), Point(x: piece.axis, y: piece.height)], hasHead: false))
        return piece
    }

    private static func branches(_ ways: [[Diagram.Element]], _ join: String) -> Piece {
        let split = 0.7
        let meeting = 0.7
        let flows = ways.map { $0.isEmpty ? nil : flow($0) }
        let highest = flows.compactMap { $0?.height }.max() ?? 1
        let top = split + (flows.compactMap(\.self).isEmpty ? 0 : 0.6)
        let bottom = top + highest + meeting
        var piece = Piece()
        var x = 0.0
        var axes: [Double] = []
        for flow in flows {
            let axis: Double
            if let flow {
                axis = x + flow.axis
                piece.add(flow, x: x, y: top)
                x += flow.width + wayGap
            } else {
                axis = x
                x += wayGap
            }
            axes.append(axis)
        }
        piece.axis = axes[0]
        let joinWidth = join.isEmpty ? 0 : max(width(join) + 1, joinHeight)
        piece.width = max(x - wayGap + 0.2, piece.axis + joinWidth / 2)
        piece.height = bottom + (join.isEmpty ? 0 : joinHeight)
        let sign = Rectangle(x: piece.axis - joinWidth / 2, y: bottom, width: joinWidth, height: joinHeight)
        for (index, flow) in flows.enumerated() {
            let end = flow.map { top + $0.height } ?? top
            if index == 0 {
                piece.shapes.append(
                    .line([Point(x: piece.axis, y: 0), Point(x: piece.axis, y: top)], hasHead: flow != nil))
                piece.shapes.append(
                    .line([Point(x: piece.axis, y: end), Point(x: piece.axis, y: bottom)], hasHead: !join.isEmpty))
                continue
            }
            piece.shapes.append(
                .line(
                    [
                        Point(x: piece.axis, y: split / 2), Point(x: axes[index], y: split / 2),
                        Point(x: axes[index], y: flow == nil ? sign.middle.y : top),
                    ] + (flow == nil && !join.isEmpty ? [Point(x: sign.right, y: sign.middle.y)] : []), hasHead: true))
            guard flow != nil else { continue }
            let meet = join.isEmpty ? Point(x: piece.axis, y: bottom) : Point(x: sign.right, y: sign.middle.y)
            piece.shapes.append(
                .line(
                    [Point(x: axes[index], y: end), Point(x: axes[index], y: meet.y), meet], hasHead: !join.isEmpty))
        }
        if !join.isEmpty { piece.shapes.append(.sign(sign, join)) }
        return piece
    }

    /// Parts below each other on one line, with arrows between them.
    private static func flow(_ elements: [Diagram.Element]) -> Piece {
        stacked(elements, elements.map { piece(of: $0) })
    }

    /// - Parameter entering: what an arrow into the first part brings; nil for no such arrow.
    private static func stacked(
        _ elements: [Diagram.Element], _ pieces: [Piece], entering: String? = nil
    ) -> Piece {
        var pieces = pieces
        // Boxes of one flow are equally wide.
        let widest = zip(elements, pieces).compactMap { element, piece in element.isBox ? piece.width : nil }.max() ?? 0
        for (index, element) in elements.enumerated() {
            guard case .box(let box) = element else { continue }
            let height = pieces[index].height
            pieces[index] = Piece(
                width: widest, height: height, axis: widest / 2,
                shapes: [.box(Rectangle(x: 0, y: 0, width: widest, height: height), box)])
        }
        let axis = pieces.map(\.axis).max() ?? 0
        var flow = Piece(axis: axis)
        var before = ""
        for (index, piece) in pieces.enumerated() {
            if index > 0 || entering != nil {
                flow.shapes.append(
                    .line(
                        [Point(x: axis, y: flow.height), Point(x: axis, y: flow.height + arrowHeight)], hasHead: true))
                let label = index > 0 ? elements[index - 1].output : entering ?? ""
                if !label.isEmpty, label != before {
                    flow.shapes.append(.label(Point(x: axis + 0.5, y: flow.height + arrowHeight / 2), label))
                    flow.width = max(flow.width, axis + 0.6 + width(label, labelSize))
                    before = label
                }
                flow.height += arrowHeight
            }
            flow.add(piece, x: axis - piece.axis, y: flow.height)
            flow.width = max(flow.width, axis - piece.axis + piece.width)
            flow.height += piece.height
        }
        return flow
    }

    // MARK: Columns

    /// The whole in columns of about the same height, read from the left.
    private static func columns(_ diagram: Diagram, _ pieces: [Piece], count: Int) -> Piece {
        let total = pieces.reduce(0) { $0 + $1.height + arrowHeight }
        var runs: [Range<Int>] = []
        var (start, height) = (0, 0.0)
        var rest = total
        for index in pieces.indices {
            let own = pieces[index].height + arrowHeight
            let target = rest / Double(count - runs.count)
            // A part goes where more of it fits.
            if index > start, height + own / 2 > target, runs.count < count - 1 {
                runs.append(start..<index)
                rest -= height
                (start, height) = (index, 0)
            }
            height += own
        }
        runs.append(start..<pieces.count)
        var whole = Piece()
        for (column, run) in runs.enumerated() {
            let entering = run.lowerBound == 0 ? diagram.input : diagram.elements[run.lowerBound - 1].output
            var flow = stacked(
                Array(diagram.elements[run]), Array(pieces[run]), entering: entering)
            let isLast = column == runs.count - 1
            flow.shapes.append(
                .line(
                    [Point(x: flow.axis, y: flow.height), Point(x: flow.axis, y: flow.height + arrowHeight)],
                    hasHead: isLast))
            if isLast, let output = diagram.elements.last?.output, !output.isEmpty {
                flow.shapes.append(.label(Point(x: flow.axis + 0.5, y: flow.height + arrowHeight / 2), output))
                flow.width = max(flow.width, flow.axis + 0.6 + width(output, labelSize))
            }
            flow.height += arrowHeight
            let x = whole.width + (column > 0 ? 2.4 : 0)
            whole.add(flow, x: x, y: 0)
            whole.width = x + flow.width
            whole.height = max(whole.height, flow.height)
        }
        return whole
    }
}

extension Diagram.Element {
    var isBox: Bool {
        if case .box = self { true } else { false }
    }
}

extension DiagramLayout.Shape {
    func moved(x: Double, y: Double) -> Self {
        func moved(_ rectangle: Rectangle) -> Rectangle {
            Rectangle(x: rectangle.x + x, y: rectangle.y + y, width: rectangle.width, height: rectangle.height)
        }
        func moved(_ point: Point) -> Point { Point(x: point.x + x, y: point.y + y) }
        switch self {
        case .box(let place, let box): return .box(moved(place), box)
        case .frame(let place, let name, let times): return .frame(moved(place), name: name, times: times)
        case .sign(let place, let text): return .sign(moved(place), text)
        case .line(let points, let hasHead): return .line(points.map { moved($0) }, hasHead: hasHead)
        case .label(let point, let text): return .label(moved(point), text)
        }
    }
}
