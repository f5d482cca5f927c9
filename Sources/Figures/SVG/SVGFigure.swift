extension Figure {
    /// The figure as an SVG document.
    ///
    /// - Parameters:
    ///   - width: In pixels, at least 40; text and lines grow with the size.
    ///   - height: As the width.
    public func svg(width: Double = 960, height: Double = 600) -> String {
        let width = width.isFinite ? min(max(width, 40), 100_000) : 960
        let height = height.isFinite ? min(max(height, 40), 100_000) : 600
        let canvas = SVGCanvas(width: width, height: height, title: summary)
        FigurePainter(figure: self, width: width, height: height).paint(on: canvas)
        return canvas.document
    }

    /// The figure's title, or that of its first panel that has one.
    private var summary: String {
        let titles =
            [title]
            + panels.map { panel in
                switch panel {
                case .plot(let plot): plot.title
                case .matrix(let matrix): matrix.title
                case .image(_, let title): title
                }
            }
        return titles.first { !$0.isEmpty } ?? "figure"
    }
}
