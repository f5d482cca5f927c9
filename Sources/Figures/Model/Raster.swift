/// An image of colours, row by row from the top.
public struct Raster: Sendable, Hashable {
    public let width: Int
    public let height: Int
    /// `[height, width]`, the top row first.
    public let pixels: [Color]

    /// Makes an image; pixels that are missing are white, surplus ones are left out.
    public init(width: Int, height: Int, pixels: [Color]) {
        self.width = max(width, 0)
        self.height = max(height, 0)
        let count = self.width * self.height
        let missing = Array(repeating: Color.white, count: max(count - pixels.count, 0))
        self.pixels = Array(pixels.prefix(count)) + missing
    }

    /// An image from channels-last values `[height, width, channels]`: 1 channel goes through the colour map, 3 are red,
    /// green and blue. `limits` are the values of the darkest and the brightest pixel, nil for those of the data.
    /// Values that are not finite show as white; another number of channels shows the first one.
    public init(
        width: Int, height: Int, channels: Int, values: [Double], limits: ClosedRange<Double>? = 0...1,
        colors: ColorMap = .gray
    ) {
        let range = limits ?? values.finiteRange ?? 0...1
        let span = range.upperBound > range.lowerBound ? range.upperBound - range.lowerBound : 1
        func position(_ index: Int) -> Double {
            values.indices.contains(index) ? (values[index] - range.lowerBound) / span : .nan
        }
        func byte(_ position: Double) -> UInt8 { UInt8((min(max(position, 0), 1) * 255).rounded()) }
        let channels = max(channels, 1)
        let pixels = (0..<max(width, 0) * max(height, 0)).map { pixel -> Color in
            let first = pixel * channels
            if channels == 3 {
                let parts = (position(first), position(first + 1), position(first + 2))
                guard parts.0.isFinite, parts.1.isFinite, parts.2.isFinite else { return .white }
                return Color(red: byte(parts.0), green: byte(parts.1), blue: byte(parts.2))
            }
            let value = position(first)
            return value.isFinite ? colors.color(at: value) : .white
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// The colour at a row (0 at the top) and a column.
    public subscript(row: Int, column: Int) -> Color { pixels[row * width + column] }
}
