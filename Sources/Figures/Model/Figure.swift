/// Something to look at: one panel, or several in a grid.
///
/// A figure only holds numbers and texts; it is drawn by `terminal(columns:rows:color:)`, `svg(width:height:)` and
/// `png(width:height:)`.
public struct Figure: Sendable, Hashable {
    /// One cell of the figure's grid.
    public enum Panel: Sendable, Hashable {
        case plot(Plot)
        case matrix(MatrixTable)
        case image(Raster, title: String)
        case images(ImageGrid)
        case bars(BarChart)
        case diagram(Diagram)

        /// Its own title, empty for none.
        public var title: String {
            switch self {
            case .plot(let plot): plot.title
            case .matrix(let matrix): matrix.title
            case .image(_, let title): title
            case .images(let images): images.title
            case .bars(let bars): bars.title
            case .diagram(let diagram): diagram.title
            }
        }

        /// What is in it: "plot", "image", …
        public var kind: String {
            switch self {
            case .plot: "plot"
            case .matrix: "matrix"
            case .image: "image"
            case .images: "images"
            case .bars: "bars"
            case .diagram: "diagram"
            }
        }
    }

    /// Stands over the whole grid; a single panel's own title is enough for most figures.
    public var title: String
    /// Row by row from the top left.
    public var panels: [Panel]
    /// Number of panels side by side, at least 1.
    public var panelColumns: Int

    /// Makes a figure of panels in a grid; without a number of columns the grid is about as wide as high.
    public init(title: String = "", panelColumns: Int? = nil, panels: [Panel]) {
        self.title = title
        self.panels = panels
        self.panelColumns = max(panelColumns ?? Int(Double(panels.count).squareRoot().rounded(.up)), 1)
    }

    /// A figure of one plot.
    public init(_ plot: Plot) { self.init(panels: [.plot(plot)]) }

    /// A figure of one table.
    public init(_ matrix: MatrixTable) { self.init(panels: [.matrix(matrix)]) }

    /// A figure of one image.
    public init(_ image: Raster, title: String = "") { self.init(panels: [.image(image, title: title)]) }

    /// Number of rows of the grid.
    var panelRows: Int { (panels.count + panelColumns - 1) / panelColumns }

    /// In pixels: that of a slide, larger where more than two panels stand side by side or above one another, and for
    /// the small print of a diagram.
    public var naturalSize: (width: Int, height: Int) {
        let hasDiagram = panels.contains { if case .diagram = $0 { true } else { false } }
        if hasDiagram { return (1600, 900) }
        let columns = min(panelColumns, max(panels.count, 1))
        return (min(max(960, 360 * columns), 16384), min(max(600, 280 * panelRows), 16384))
    }
}

/// Why a figure could not be drawn.
public struct FigureError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}
