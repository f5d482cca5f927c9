extension Figure {
    /// The figure as an SVG document.
    ///
    /// - Parameters:
    ///   - width: In pixels, at least 40; text and lines grow with the size. `nil` takes `naturalSize`.
    ///   - height: As the width.
    public func svg(width: Double? = nil, height: Double? = nil) -> String {
        func extent(_ given: Double?, _ natural: Int) -> Double {
            guard let given, given.isFinite else { return Double(natural) }
            return min(max(given, 40), 100_000)
        }
        let (width, height) = (extent(width, naturalSize.width), extent(height, naturalSize.height))
        let canvas = SVGCanvas(width: width, height: height, title: summary)
        FigurePainter(figure: self, width: width, height: height).paint(on: canvas)
        return canvas.document
    }

    /// The figure's title, or that of its first panel that has one.
    var summary: String { ([title] + panels.map(\.title)).first { !$0.isEmpty } ?? "figure" }
}
