/// A rectangle in a canvas's units, y downwards.
struct Rectangle: Hashable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }
    var middle: Point { Point(x: x + width / 2, y: y + height / 2) }

    /// The rectangle less a margin at each side; never of negative size.
    func inset(left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0) -> Rectangle {
        Rectangle(x: x + left, y: y + top, width: max(width - left - right, 1), height: max(height - top - bottom, 1))
    }

    /// The place of a point given in shares of the rectangle, y upwards.
    func place(_ share: Point) -> Point { Point(x: x + share.x * width, y: bottom - share.y * height) }

    /// Its corners and the first one again, to be stroked.
    var outline: [Point] {
        [
            Point(x: x, y: bottom), Point(x: right, y: bottom), Point(x: right, y: y), Point(x: x, y: y),
            Point(x: x, y: bottom),
        ]
    }

    /// The largest rectangle of the shape of an image in the middle of this one.
    func fitting(_ image: Raster) -> Rectangle {
        let scale = min(width / Double(image.width), height / Double(image.height))
        let size = (width: Double(image.width) * scale, height: Double(image.height) * scale)
        return Rectangle(
            x: middle.x - size.width / 2, y: middle.y - size.height / 2, width: size.width, height: size.height)
    }
}

/// How a line is drawn.
struct Stroke: Hashable {
    var color: Color
    var width: Double
    var opacity = 1.0
}

/// How a text is set.
struct TextStyle: Hashable {
    enum Anchor: Hashable {
        case start
        case middle
        case end
    }

    var size: Double
    var color = Color.ink
    /// Which part of the text stands at its point.
    var anchor = Anchor.start
    var isBold = false
    /// Degrees clockwise.
    var angle = 0.0
}

/// What a figure is painted on: the few shapes that all of it is made of. Units are pixels, y downwards.
protocol Canvas: AnyObject {
    func fill(_ rectangle: Rectangle, color: Color)
    func fill(polygon points: [Point], color: Color, opacity: Double)
    func stroke(_ points: [Point], _ stroke: Stroke)
    func circle(center: Point, radius: Double, fill: Color, outline: Stroke)
    /// Sets a text with its base line through `point`.
    func text(_ text: String, at point: Point, _ style: TextStyle)
    /// Draws every pixel as a rectangle with sharp edges.
    func image(_ image: Raster, in rectangle: Rectangle)
}

/// About how wide a text is in a sans-serif font: the layout cannot depend on which fonts a machine has.
func estimatedWidth(of text: String, size: Double) -> Double {
    text.reduce(0) { width, character in
        switch character {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", " ": width + 0.32 * size
        case "m", "w", "M", "W", "…": width + 0.9 * size
        case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻": width + 0.4 * size
        default: width + (character.terminalWidth == 2 ? 1 : 0.6) * size
        }
    }
}

/// The text cut with "…" to at most `width`.
func shortened(_ text: String, toWidth width: Double, size: Double) -> String {
    if estimatedWidth(of: text, size: size) <= width { return text }
    var kept = text
    while !kept.isEmpty, estimatedWidth(of: kept + "…", size: size) > width { kept.removeLast() }
    return kept + "…"
}
