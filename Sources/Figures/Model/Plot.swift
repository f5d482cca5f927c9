/// Series drawn over two common axes.
public struct Plot: Sendable, Hashable {
    public var title: String
    public var x: Axis
    public var y: Axis
    /// Drawn in this order, the first at the back.
    public var series: [Series]
    /// Whether a unit of x takes as much room as a unit of y (maps of two like quantities).
    public var hasEqualUnits: Bool

    /// Makes a plot of series over two axes.
    public init(
        title: String = "", x: Axis = Axis(), y: Axis = Axis(), hasEqualUnits: Bool = false, series: [Series] = []
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.hasEqualUnits = hasEqualUnits
        self.series = series
    }

    /// The colour of each series: its own, or the next of the palette.
    var colors: [Color] {
        var next = 0
        return series.map { one in
            if let color = one.color { return color }
            guard one.takesPaletteColor else { return .ink }
            defer { next += 1 }
            return .series(next)
        }
    }

    /// The same, lighter: most terminals are dark, and the palette is made for white paper.
    var terminalColors: [Color] { colors.map { $0.mixed(with: .white, share: 0.2) } }
}
