extension Figure {
    /// The figure as a PNG file.
    ///
    /// - Parameters:
    ///   - width: In pixels, 40...16384; text and lines grow with the size. `nil` takes `naturalSize`.
    ///   - height: As the width.
    /// - Throws: `FigureError` where the size is out of bounds or cairo fails (for want of memory).
    public func png(width: Int? = nil, height: Int? = nil) throws -> [UInt8] {
        let (width, height) = (width ?? naturalSize.width, height ?? naturalSize.height)
        let sizes = 40...16384
        guard sizes.contains(width), sizes.contains(height) else {
            throw FigureError(
                message:
                    "an image of \(width) × \(height) pixels: give sizes in \(sizes.lowerBound)...\(sizes.upperBound)"
            )
        }
        let canvas = try CairoCanvas(width: width, height: height)
        FigurePainter(figure: self, width: Double(width), height: Double(height)).paint(on: canvas)
        return try canvas.png()
    }
}
