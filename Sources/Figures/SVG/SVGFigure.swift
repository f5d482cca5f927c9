extension Figure {
    /// The figure as an SVG document.
    ///
    /// - Parameters:
    ///   - width: In pixels, at least 40; text and lines grow with the size. Nil takes the figure's own.
    ///   - height: As the width.
    public func svg(width: Double? = nil, height: Double? = nil) -> String {
        func side(_ asked: Double?, _ own: Double) -> Double {
            let side = asked ?? own
            return side.isFinite ? min(max(side, 40), 100_000) : own
        }
        let (width, height) = (side(width, size.width), side(height, size.height))
        let canvas = SVGCanvas(width: width, height: height, title: summary)
        FigurePainter(figure: self, width: width, height: height).paint(on: canvas)
        return canvas.document
    }

    /// The figure's title, or that of its first panel that has one.
    var summary: String { ([title] + panels.map(\.title)).first { !$0.isEmpty } ?? "figure" }
}
