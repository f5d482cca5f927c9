extension Figure {
    /// The figure as a PNG file.
    ///
    /// - Parameters:
    ///   - width: In pixels, 40...16384; text and lines grow with the size. Nil takes `naturalSize`.
    ///   - height: As the width.
    /// - Throws: `FigureError` where the size is out of bounds or cairo fails (for want of memory).
    public func png(width: Int? = nil, height: Int? = nil) throws -> [UInt8] {
        let (width, height) = (width ?? naturalSize.width, height ?? naturalSize.height)
        try check(width: width, height: height)
        let canvas = try CairoCanvas(width: width, height: height)
        FigurePainter(figure: self, width: Double(width), height: Double(height)).paint(on: canvas)
        return try canvas.png()
    }

    /// The figure as a PDF file of one page, a point a pixel; sharp at every size.
    ///
    /// - Parameters:
    ///   - width: In points, 40...16384. Nil takes `naturalSize`.
    ///   - height: As the width.
    /// - Throws: As `png`.
    public func pdf(width: Int? = nil, height: Int? = nil) throws -> [UInt8] {
        let (width, height) = (width ?? naturalSize.width, height ?? naturalSize.height)
        try check(width: width, height: height)
        let canvas = try CairoCanvas(pdfWidth: width, height: height, title: summary)
        FigurePainter(figure: self, width: Double(width), height: Double(height)).paint(on: canvas)
        return try canvas.pdf()
    }

    private func check(width: Int, height: Int) throws {
        let sizes = 40...16384
        guard sizes.contains(width), sizes.contains(height) else {
            throw FigureError(
                message:
                    "an image of \(width) × \(height) pixels: give sizes in \(sizes.lowerBound)...\(sizes.upperBound)"
            )
        }
    }
}
