/// One axis of a plot: its label, its range and how values are spaced on it.
public struct Axis: Sendable, Hashable {
    /// How values are spaced along an axis.
    public enum Scale: Sendable, Hashable {
        case linear
        /// Equal ratios take equal room; values that are not positive have no place and show as gaps.
        case log
    }

    /// What the axis measures, with its unit; empty for none.
    public var label: String
    /// The values at the two ends; nil takes the range from the data.
    public var range: ClosedRange<Double>?
    public var scale: Scale
    /// True where only whole numbers make sense (epochs, counts): ticks are whole numbers then.
    public var wholeNumbers: Bool
    /// Names of the values 0, 1, 2, …, which are the ticks then; empty where the axis measures something.
    public var categories: [String]

    /// Makes an axis; without a range it follows the data.
    public init(
        label: String = "", range: ClosedRange<Double>? = nil, scale: Scale = .linear, wholeNumbers: Bool = false,
        categories: [String] = []
    ) {
        self.label = label
        self.range = range
        self.scale = scale
        self.wholeNumbers = wholeNumbers
        self.categories = categories
    }
}
