/// Paints a figure on any canvas: the layout that SVG and PNG share.
struct FigurePainter {
    let figure: Figure
    let width: Double
    let height: Double

    func paint(on canvas: some Canvas) {
        canvas.fill(Rectangle(x: 0, y: 0, width: width, height: height), color: .white)
        var page = Rectangle(x: 0, y: 0, width: width, height: height)
        if !figure.title.isEmpty {
            let size = Self.textSize(width: width, height: height) * 1.25
            let title = shortened(figure.title.withoutControls, toWidth: width - size, size: size)
            canvas.text(
                title, at: Point(x: width / 2, y: size * 1.4),
                TextStyle(size: size, anchor: .middle, isBold: true))
            page = page.inset(top: size * 1.7)
        }
        guard !figure.panels.isEmpty else {
            Self.paintNoData(in: page, size: Self.textSize(width: width, height: height), on: canvas)
            return
        }
        let columns = min(figure.panelColumns, figure.panels.count)
        let cellWidth = page.width / Double(columns)
        let cellHeight = page.height / Double(figure.panelRows)
        for (index, panel) in figure.panels.enumerated() {
            let cell = Rectangle(
                x: page.x + Double(index % columns) * cellWidth, y: page.y + Double(index / columns) * cellHeight,
                width: cellWidth, height: cellHeight)
            let size = Self.textSize(width: cellWidth, height: cellHeight, panels: columns)
            switch panel {
            case .plot(let plot): PlotPainter(plot: plot, cell: cell, size: size).paint(on: canvas)
            case .matrix(let matrix): MatrixPainter(matrix: matrix, cell: cell, size: size).paint(on: canvas)
            case .image(let image, let title): paint(image, title: title, in: cell, size: size, on: canvas)
            case .images(let grid): ImageGridPainter(grid: grid, cell: cell, size: size).paint(on: canvas)
            case .bars(let chart): BarPainter(chart: chart, cell: cell, size: size).paint(on: canvas)
            case .diagram(let diagram): DiagramPainter(diagram: diagram, cell: cell, size: size).paint(on: canvas)
            }
        }
    }

    /// Text large enough to be read from the last row: 18 pixels in a figure of 960 × 600. It shrinks less than the
    /// panels where several stand side by side.
    static func textSize(width: Double, height: Double, panels columns: Int = 1) -> Double {
        let growth = min(Double(columns).squareRoot(), 1.5)
        return min(max((width * height).squareRoot() / 42 * growth, 8), 40)
    }

    static func paintNoData(in cell: Rectangle, size: Double, on canvas: some Canvas) {
        canvas.text(
            "no data", at: cell.middle,
            TextStyle(size: size, color: Color.ink.mixed(with: .white, share: 0.4), anchor: .middle))
    }

    /// Paints a panel's title and gives the room below it.
    static func paintTitle(_ title: String, in cell: Rectangle, size: Double, on canvas: some Canvas) -> Rectangle {
        let room = cell.inset(left: size * 0.5, top: size * 0.6, right: size * 0.9, bottom: size * 0.5)
        guard !title.isEmpty else { return room }
        canvas.text(
            shortened(title.withoutControls, toWidth: room.width, size: size * 1.1),
            at: Point(x: cell.middle.x, y: room.y + size), TextStyle(size: size * 1.1, anchor: .middle, isBold: true))
        return room.inset(top: size * 1.7)
    }

    private func paint(
        _ image: Raster, title: String, in cell: Rectangle, size: Double, on canvas: some Canvas
    ) {
        var room = cell.inset(left: size * 0.4, top: size * 0.4, right: size * 0.4, bottom: size * 0.4)
        if !title.isEmpty {
            canvas.text(
                shortened(title.withoutControls, toWidth: room.width, size: size),
                at: Point(x: cell.middle.x, y: room.y + size), TextStyle(size: size, anchor: .middle))
            room = room.inset(top: size * 1.4)
        }
        guard image.width > 0, image.height > 0 else {
            Self.paintNoData(in: room, size: size, on: canvas)
            return
        }
        canvas.image(image, in: room.fitting(image))
    }
}
