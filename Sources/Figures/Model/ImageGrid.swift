/// Small images side by side, each with a caption below: filters, feature maps, samples.
public struct ImageGrid: Sendable, Hashable {
    /// One image of the grid.
    public struct Tile: Sendable, Hashable {
        public var image: Raster
        /// Stands below the image; empty for none.
        public var caption: String

        public init(_ image: Raster, caption: String = "") {
            self.image = image
            self.caption = caption
        }
    }

    public var title: String
    /// Row by row from the top left.
    public var tiles: [Tile]
    /// Images side by side; nil takes as many as make them largest.
    public var columns: Int?
    /// What the images' colours mean; nil for none.
    public var scale: ColorScale?

    /// Makes a grid of images.
    public init(title: String = "", tiles: [Tile], columns: Int? = nil, scale: ColorScale? = nil) {
        self.title = title
        self.tiles = tiles
        self.columns = columns
        self.scale = scale
    }

    /// Number of images side by side in a room where a unit is as wide as high, `captionHeight` below each image.
    func columns(inWidth width: Double, height: Double, captionHeight: Double) -> Int {
        if let columns { return min(max(columns, 1), max(tiles.count, 1)) }
        let aspect = self.aspect
        func size(_ columns: Int) -> Double {
            let rows = (tiles.count + columns - 1) / columns
            return min(width / Double(columns), (height / Double(rows) - captionHeight) / aspect)
        }
        // The first of the largest: fewer columns leave no gaps in the last row.
        return (1...max(tiles.count, 1)).max { size($0) < size($1) } ?? 1
    }

    /// Height of the highest image by its width.
    var aspect: Double {
        tiles.lazy.filter { $0.image.width > 0 && $0.image.height > 0 }
            .map { Double($0.image.height) / Double($0.image.width) }.max() ?? 1
    }

    var hasCaptions: Bool { tiles.contains { !$0.caption.isEmpty } }
}

/// What the colours of a picture mean: the values at a few places of the strip of colours.
public struct ColorScale: Sendable, Hashable {
    public struct Mark: Sendable, Hashable {
        /// 0 at the low end of the colours, 1 at the high one.
        public var position: Double
        public var label: String
    }

    public var colors: ColorMap
    public var marks: [Mark]

    /// A scale for values from the lower to the upper bound.
    public init(_ range: ClosedRange<Double>, colors: ColorMap) {
        self.colors = colors
        let span = AxisSpan(axis: Axis(range: range), data: nil, padding: (0, 0))
        let ticks = Ticks.linear(span.range, count: 5)
        marks = zip(ticks.values, ticks.labels).map { Mark(position: span.share($0), label: $1) }
    }

    /// A scale with names instead of numbers, at equal distances from the low end to the high one.
    public init(names: [String], colors: ColorMap) {
        self.colors = colors
        marks = names.enumerated().map { index, name in
            Mark(position: names.count > 1 ? Double(index) / Double(names.count - 1) : 0.5, label: name)
        }
    }
}
