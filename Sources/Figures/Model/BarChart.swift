/// Horizontal bars with names at their feet: a number for each of several things, such as the layers of a net.
public struct BarChart: Sendable, Hashable {
    /// One number for each name.
    public struct Group: Sendable, Hashable {
        /// In the legend; nil keeps the group out of it.
        public var label: String?
        /// In the order of the names; what is not finite, or not positive on a logarithmic axis, has no bar.
        public var values: [Double]

        public init(label: String? = nil, values: [Double]) {
            self.label = label
            self.values = values
        }
    }

    public var title: String
    /// From the top.
    public var names: [String]
    /// Along the bars.
    public var axis: Axis
    /// The bars of each name one below the other, in the palette's colours.
    public var groups: [Group]

    /// Makes a chart.
    public init(title: String = "", names: [String], axis: Axis = Axis(), groups: [Group]) {
        self.title = title
        self.names = names
        self.axis = axis
        self.groups = groups
    }

    func value(_ name: Int, _ group: Int) -> Double {
        groups[group].values.indices.contains(name) ? groups[group].values[name] : .nan
    }

    /// The settled axis: a linear one begins at 0, a logarithmic one at the power of ten below the least value. Nil where
    /// there is no value.
    var span: AxisSpan? {
        let values = groups.flatMap { $0.values.prefix(names.count) }
        switch axis.scale {
        case .linear:
            guard let range = values.finiteRange else { return nil }
            let whole = min(range.lowerBound, 0)...max(range.upperBound, 0)
            return AxisSpan(
                axis: axis, data: whole,
                padding: (whole.lowerBound < 0 ? 0.04 : 0, whole.upperBound > 0 ? 0.04 : 0))
        case .log:
            guard let range = values.filter({ $0 > 0 }).finiteRange else { return nil }
            return AxisSpan(axis: axis, data: range, padding: (0.08, 0.04))
        }
    }

    /// Where the bars stand, as a share of the axis.
    static func foot(on span: AxisSpan) -> Double {
        let zero = span.share(0)
        return zero.isFinite ? min(max(zero, 0), 1) : 0
    }
}
