/// Paints a flow of boxes, as large as the page lets it be.
struct DiagramPainter {
    let diagram: Diagram
    let cell: Rectangle
    /// Height of the title's text.
    let size: Double

    /// Text of a small diagram is not made larger than this part of the title.
    private static let largestText = 0.95

    func paint(on canvas: some Canvas) {
        var room = FigurePainter.paintTitle(diagram.title, in: cell, size: size, on: canvas)
        if !diagram.subtitle.isEmpty {
            canvas.text(
                shortened(diagram.subtitle.withoutControls, toWidth: room.width, size: size * 0.75),
                at: Point(x: cell.middle.x, y: room.y + size * 0.5),
                TextStyle(size: size * 0.75, color: Color.ink.mixed(with: .white, share: 0.3), anchor: .middle))
            room = room.inset(top: size * 1.1)
        }
        guard !diagram.elements.isEmpty else {
            FigurePainter.paintNoData(in: room, size: size, on: canvas)
            return
        }
        let piece = DiagramLayout(diagram, width: room.width, height: room.height).piece
        let text = min(room.width / piece.width, room.height / piece.height, size * Self.largestText)
        let origin = Point(
            x: room.middle.x - piece.width * text / 2, y: room.y + max(room.height - piece.height * text, 0) / 2)
        let pen = Pen(canvas: canvas, origin: origin, text: text)
        for shape in piece.shapes { pen.paint(shape) }
    }

    /// Paints shapes that are given in heights of text.
    private struct Pen<Surface: Canvas> {
        let canvas: Surface
        let origin: Point
        let text: Double

        private var line: Double { max(text / 11, 0.8) }

        private func place(_ point: Point) -> Point {
            Point(x: origin.x + point.x * text, y: origin.y + point.y * text)
        }

        private func place(_ rectangle: Rectangle) -> Rectangle {
            let corner = place(Point(x: rectangle.x, y: rectangle.y))
            return Rectangle(x: corner.x, y: corner.y, width: rectangle.width * text, height: rectangle.height * text)
        }

        func paint(_ shape: DiagramLayout.Shape) {
            switch shape {
            case .box(let rectangle, let box): paint(box, in: place(rectangle))
            case .frame(let rectangle, let name, let times): paintFrame(place(rectangle), name, times)
            case .sign(let rectangle, let sign): paintSign(sign, in: place(rectangle))
            case .line(let points, let hasHead): paintLine(points.map(place), hasHead: hasHead)
            case .label(let point, let label):
                let at = place(point)
                canvas.text(
                    label.withoutControls, at: Point(x: at.x, y: at.y + text * 0.25),
                    TextStyle(size: text * DiagramLayout.labelSize, color: Color.ink.mixed(with: .white, share: 0.2)))
            }
        }

        private func outline(_ place: Rectangle, color: Color, width: Double) {
            canvas.stroke(place.outline, Stroke(color: color, width: width))
        }

        private func paint(_ box: Diagram.Box, in place: Rectangle) {
            let color = Color.series(box.kind)
            let head = Rectangle(
                x: place.x, y: place.y, width: place.width, height: DiagramLayout.lineHeight * text)
            canvas.fill(head, color: color.mixed(with: .white, share: 0.72))
            let base = head.y + text * 1.22
            canvas.text(
                box.name.withoutControls, at: Point(x: head.x + text * 0.5, y: base),
                TextStyle(size: text, isBold: true))
            if !box.detail.isEmpty {
                canvas.text(
                    box.detail.withoutControls,
                    at: Point(
                        x: head.x + text * 0.9 + estimatedWidth(of: box.name, size: text) * DiagramLayout.boldness,
                        y: base),
                    TextStyle(size: text))
            }
            if !box.note.isEmpty {
                canvas.text(
                    box.note.withoutControls, at: Point(x: head.right - text * 0.4, y: base),
                    TextStyle(
                        size: text * DiagramLayout.labelSize, color: Color.ink.mixed(with: .white, share: 0.25),
                        anchor: .end))
            }
            if let strips = DiagramLayout.stripText(box) {
                let strip = place.inset(top: head.height)
                canvas.fill(strip, color: Color.gridLine.mixed(with: .white, share: 0.35))
                canvas.text(
                    strips.withoutControls, at: Point(x: place.middle.x, y: strip.y + text * 0.9),
                    TextStyle(size: text * 0.85, anchor: .middle))
            }
            outline(place, color: color.mixed(with: .black, share: 0.15), width: line)
        }

        private func paintFrame(_ place: Rectangle, _ name: String, _ times: Int) {
            canvas.fill(place, color: Color.gridLine.mixed(with: .white, share: 0.75))
            outline(place, color: Color.ink.mixed(with: .white, share: 0.45), width: line * 0.8)
            let base = place.y + text * 1.1
            canvas.text(
                name.withoutControls, at: Point(x: place.x + text * 0.4, y: base),
                TextStyle(size: text * 0.85, color: Color.ink.mixed(with: .white, share: 0.25)))
            guard times > 1 else { return }
            canvas.text(
                "× \(times)", at: Point(x: place.right - text * 0.4, y: base),
                TextStyle(size: text, color: Color.series(1), anchor: .end, isBold: true))
        }

        private func paintSign(_ sign: String, in place: Rectangle) {
            if sign.count == 1 {
                canvas.circle(
                    center: place.middle, radius: place.height / 2, fill: .white,
                    outline: Stroke(color: .ink, width: line))
            } else {
                canvas.fill(place, color: .white)
                outline(place, color: .ink, width: line)
            }
            canvas.text(
                sign.withoutControls, at: Point(x: place.middle.x, y: place.middle.y + text * 0.35),
                TextStyle(size: text, anchor: .middle, isBold: sign.count == 1))
        }

        private func paintLine(_ points: [Point], hasHead: Bool) {
            let color = Color.ink.mixed(with: .white, share: 0.15)
            canvas.stroke(rounded(points), Stroke(color: color, width: line))
            guard hasHead, let end = points.last, let before = points.dropLast().last else { return }
            let (dx, dy) = (end.x - before.x, end.y - before.y)
            let length = (dx * dx + dy * dy).squareRoot()
            guard length > 0 else { return }
            let (ux, uy) = (dx / length * text * 0.45, dy / length * text * 0.45)
            canvas.fill(
                polygon: [
                    end, Point(x: end.x - ux - uy * 0.5, y: end.y - uy + ux * 0.5),
                    Point(x: end.x - ux + uy * 0.5, y: end.y - uy - ux * 0.5),
                ], color: color, opacity: 1)
        }

        /// The line with arcs for corners.
        private func rounded(_ points: [Point]) -> [Point] {
            guard points.count > 2 else { return points }
            var result = [points[0]]
            for index in 1..<points.count - 1 {
                let (before, corner, after) = (points[index - 1], points[index], points[index + 1])
                func towards(_ other: Point) -> Point {
                    let (dx, dy) = (other.x - corner.x, other.y - corner.y)
                    let length = max((dx * dx + dy * dy).squareRoot(), 1e-9)
                    let part = min(text * 0.6, length / 2) / length
                    return Point(x: corner.x + dx * part, y: corner.y + dy * part)
                }
                let (start, end) = (towards(before), towards(after))
                for step in 0...4 {
                    let t = Double(step) / 4
                    // A quadratic curve with the corner as its handle.
                    let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
                    result.append(
                        Point(
                            x: a * start.x + b * corner.x + c * end.x, y: a * start.y + b * corner.y + c * end.y))
                }
            }
            return result + [points[points.count - 1]]
        }
    }
}
