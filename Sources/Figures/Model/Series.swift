/// One thing drawn in a plot: a line, points, a band, bars, a map or a path, with its legend label and colour.
///
/// Coordinates come in arrays of equal length; where lengths differ the surplus is not drawn. Values that are not finite
/// (or not positive on a logarithmic axis) are gaps.
public struct Series: Sendable, Hashable {
    /// What is drawn, with its data.
    public enum Form: Sendable, Hashable {
        /// Points joined by straight segments.
        case line(x: [Double], y: [Double])
        /// Separate marks.
        case points(x: [Double], y: [Double])
        /// The area between two curves, such as mean ± deviation.
        case band(x: [Double], low: [Double], high: [Double])
        /// Bar `i` stands on zero between `edges[i]` and `edges[i + 1]`.
        case bars(edges: [Double], heights: [Double])
        /// A map of colours; `limits` are the values at the colour map's ends, nil for those of the data.
        case heatmap(SampledGrid, colors: ColorMap, limits: ClosedRange<Double>?)
        /// A map of classes: node value `k` is filled with a light tint of the palette's colour `k`.
        case regions(SampledGrid)
        /// Lines of equal height.
        case contours(SampledGrid, levels: ContourLevels)
        /// The way of an optimizer over a map or along a curve: a line with its start and end marked. It never widens
        /// the range of a plot that holds anything else: what leaves the map is clipped.
        case path(x: [Double], y: [Double])
    }

    public var form: Form
    /// The text in the legend; nil keeps the series out of it.
    public var label: String?
    /// Nil takes the palette's next colour.
    public var color: Color?

    /// Makes a series of any form.
    public init(_ form: Form, label: String? = nil, color: Color? = nil) {
        self.form = form
        self.label = label
        self.color = color
    }

    /// A line through `(x[i], y[i])`.
    public static func line(x: [Double], y: [Double], label: String? = nil, color: Color? = nil) -> Series {
        Series(.line(x: x, y: y), label: label, color: color)
    }

    /// Marks at `(x[i], y[i])`.
    public static func points(x: [Double], y: [Double], label: String? = nil, color: Color? = nil) -> Series {
        Series(.points(x: x, y: y), label: label, color: color)
    }

    /// The area between `low` and `high` over `x`.
    public static func band(
        x: [Double], low: [Double], high: [Double], label: String? = nil, color: Color? = nil
    ) -> Series {
        Series(.band(x: x, low: low, high: high), label: label, color: color)
    }

    /// Bars of the given heights between neighbouring edges (one edge more than heights).
    public static func bars(
        edges: [Double], heights: [Double], label: String? = nil, color: Color? = nil
    ) -> Series {
        Series(.bars(edges: edges, heights: heights), label: label, color: color)
    }

    /// A histogram of the finite `values` in `bins` bins of equal width (at least one).
    public static func histogram(
        _ values: [Double], bins: Int = 30, label: String? = nil, color: Color? = nil
    ) -> Series {
        histogram(values, edges: binEdges(values, bins: bins), label: label, color: color)
    }

    /// The edges of bins of equal width over all finite values; none where there is no such value.
    ///
    /// - Parameter bins: how many, at least one.
    public static func binEdges(_ values: [Double], bins: Int) -> [Double] {
        guard let range = values.finiteRange else { return [] }
        let bins = max(bins, 1)
        let padding = range.lowerBound == range.upperBound ? max(abs(range.lowerBound) * 0.05, 0.5) : 0
        let low = range.lowerBound - padding
        let high = range.upperBound + padding
        return (0...bins).map { bin in
            let share = Double(bin) / Double(bins)
            return low * (1 - share) + high * share
        }
    }

    /// A histogram of the finite `values` in bins of equal width between these edges.
    public static func histogram(
        _ values: [Double], edges: [Double], label: String? = nil, color: Color? = nil
    ) -> Series {
        guard let low = edges.first, let high = edges.last, edges.count > 1 else {
            return Series(.bars(edges: [], heights: []), label: label, color: color)
        }
        let bins = edges.count - 1
        var counts = Array(repeating: 0.0, count: bins)
        for value in values where value.isFinite && value >= low && value <= high {
            let share = (value / 2 - low / 2) / (high / 2 - low / 2)
            counts[min(max(Int(share * Double(bins)), 0), bins - 1)] += 1
        }
        return Series(.bars(edges: edges, heights: counts), label: label, color: color)
    }

    /// A map of colours.
    public static func heatmap(
        _ grid: SampledGrid, colors: ColorMap = .viridis, limits: ClosedRange<Double>? = nil, label: String? = nil
    ) -> Series {
        Series(.heatmap(grid, colors: colors, limits: limits), label: label)
    }

    /// A map of classes (decision regions): node value `k` takes a tint of the palette's colour `k`.
    public static func regions(_ grid: SampledGrid) -> Series { Series(.regions(grid)) }

    /// Lines of equal height.
    public static func contours(
        _ grid: SampledGrid, levels: ContourLevels = .automatic(count: 12, scale: .linear)
    ) -> Series {
        Series(.contours(grid, levels: levels))
    }

    /// A path with its start and end marked.
    public static func path(x: [Double], y: [Double], label: String? = nil, color: Color? = nil) -> Series {
        Series(.path(x: x, y: y), label: label, color: color)
    }

    /// True where the series takes a colour of the palette.
    var takesPaletteColor: Bool {
        switch form {
        case .line, .points, .band, .bars, .path: color == nil
        case .heatmap, .regions, .contours: false
        }
    }
}
