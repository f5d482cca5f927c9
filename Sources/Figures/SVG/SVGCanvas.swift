/// Writes what is painted as the elements of an SVG document (SVG 1.1, W3C).
final class SVGCanvas: Canvas {
    private let width: Double
    private let height: Double
    private let title: String
    private var elements: [String] = []

    init(width: Double, height: Double, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    /// The whole document.
    var document: String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        let box = "viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
        let head =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) "
            + "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">"
        return ([head, "<title>\(Self.escaped(title))</title>"] + elements + ["</svg>", ""])
            .joined(separator: "\n")
    }

    func fill(_ rectangle: Rectangle, color: Color) {
        elements.append(
            "<rect x=\"\(Self.number(rectangle.x))\" y=\"\(Self.number(rectangle.y))\" "
                + "width=\"\(Self.number(rectangle.width))\" height=\"\(Self.number(rectangle.height))\" "
                + "fill=\"\(Self.hex(color))\"/>")
    }

    func fill(polygon points: [Point], color: Color, opacity: Double) {
        elements.append(
            "<polygon points=\"\(Self.list(points))\" fill=\"\(Self.hex(color))\" "
                + "fill-opacity=\"\(Self.number(opacity))\"/>")
    }

    func stroke(_ points: [Point], _ stroke: Stroke) {
        elements.append(
            "<polyline points=\"\(Self.list(Self.thinned(points)))\" fill=\"none\" \(Self.attributes(stroke)) "
                + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>")
    }

    func circle(center: Point, radius: Double, fill: Color, outline: Stroke) {
        elements.append(
            "<circle cx=\"\(Self.number(center.x))\" cy=\"\(Self.number(center.y))\" r=\"\(Self.number(radius))\" "
                + "fill=\"\(Self.hex(fill))\" \(Self.attributes(outline))/>")
    }

    func text(_ text: String, at point: Point, _ style: TextStyle) {
        let anchor =
            switch style.anchor {
            case .start: "start"
            case .middle: "middle"
            case .end: "end"
            }
        let place = "x=\"\(Self.number(point.x))\" y=\"\(Self.number(point.y))\""
        let turn =
            style.angle == 0
            ? ""
            : " transform=\"rotate(\(Self.number(style.angle)) \(Self.number(point.x)) \(Self.number(point.y)))\""
        let weight = style.isBold ? " font-weight=\"bold\"" : ""
        elements.append(
            "<text \(place) font-size=\"\(Self.number(style.size))\" text-anchor=\"\(anchor)\" "
                + "fill=\"\(Self.hex(style.color))\"\(weight)\(turn)>\(Self.escaped(text))</text>")
    }

    /// One path a colour, of a rectangle for each run of equal pixels: small for maps, and sharp at every size.
    func image(_ image: Raster, in rectangle: Rectangle) {
        guard image.width > 0, image.height > 0 else { return }
        var paths: [Color: String] = [:]
        var order: [Color] = []
        for row in 0..<image.height {
            var column = 0
            while column < image.width {
                let color = image[row, column]
                let start = column
                while column < image.width, image[row, column] == color { column += 1 }
                if paths[color] == nil { order.append(color) }
                let length = column - start
                paths[color, default: ""] += "M\(start) \(row)h\(length)v1h-\(length)z"
            }
        }
        let scale =
            "scale(\(rectangle.width / Double(image.width)) \(rectangle.height / Double(image.height)))"
        elements.append(
            "<g transform=\"translate(\(Self.number(rectangle.x)) \(Self.number(rectangle.y))) \(scale)\" "
                + "shape-rendering=\"crispEdges\">")
        for color in order { elements.append("<path fill=\"\(Self.hex(color))\" d=\"\(paths[color] ?? "")\"/>") }
        elements.append("</g>")
    }

    private static func attributes(_ stroke: Stroke) -> String {
        let opacity = stroke.opacity == 1 ? "" : " stroke-opacity=\"\(number(stroke.opacity))\""
        return "stroke=\"\(hex(stroke.color))\" stroke-width=\"\(number(stroke.width))\"\(opacity)"
    }

    /// Without points that cannot be seen: those within a quarter of a pixel of the straight line that replaces them.
    private static func thinned(_ points: [Point]) -> [Point] {
        guard let first = points.first else { return points }
        var kept = [first]
        var start = 0
        for end in points.indices.dropFirst(2) {
            let isStraight =
                end - start <= 64
                && points[(start + 1)..<end].allSatisfy {
                    distance(of: $0, from: points[start], to: points[end]) < 0.25
                }
            guard !isStraight else { continue }
            start = end - 1
            kept.append(points[start])
        }
        if let last = points.last, points.count > 1 { kept.append(last) }
        return kept
    }

    /// How far a point is from a piece of a straight line; infinite where a coordinate is not finite.
    private static func distance(of point: Point, from start: Point, to end: Point) -> Double {
        let (x, y) = (end.x - start.x, end.y - start.y)
        let length = x * x + y * y
        let share = length > 0 ? ((point.x - start.x) * x + (point.y - start.y) * y) / length : 0
        let clamped = min(max(share, 0), 1)
        let (dx, dy) = (point.x - start.x - clamped * x, point.y - start.y - clamped * y)
        let square = dx * dx + dy * dy
        return square.isNaN ? .infinity : square.squareRoot()
    }

    private static func list(_ points: [Point]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    /// A number with at most two decimals; a hundredth of a pixel cannot be seen.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "0" }
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func hex(_ color: Color) -> String {
        let digits = Array("0123456789ABCDEF")
        return [color.red, color.green, color.blue].reduce("#") { text, byte in
            text + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }
    }

    private static func escaped(_ text: String) -> String {
        text.withoutControls.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // These two code points are not allowed in XML at all.
            case "\u{FFFE}", "\u{FFFF}": result += " "
            default: result.append(character)
            }
        }
    }
}
