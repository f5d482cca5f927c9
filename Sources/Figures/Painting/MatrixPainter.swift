/// Paints a table of counts as coloured cells: the darker, the larger the share of the row.
struct MatrixPainter {
    let matrix: MatrixTable
    let cell: Rectangle
    /// Height of the text.
    let size: Double

    func paint(on canvas: some Canvas) {
        let room = FigurePainter.paintTitle(matrix.title, in: cell, size: size, on: canvas)
        let (rows, columns) = (matrix.rowLabels.count, matrix.columnLabels.count)
        guard rows > 0, columns > 0 else {
            FigurePainter.paintNoData(in: room, size: size, on: canvas)
            return
        }
        let labelSize = size * 0.8
        let longest = room.width * 0.22
        func widest(_ labels: [String]) -> Double {
            min(labels.map { estimatedWidth(of: $0.withoutControls, size: labelSize) }.max() ?? 0, longest)
        }
        let slope = Self.columnLabelAngle * Double.pi / 180
        let grid = room.inset(
            left: widest(matrix.rowLabels) + size * (matrix.rowAxis.isEmpty ? 0.5 : 2),
            bottom: widest(matrix.columnLabels) * slope.magnitude + size * (matrix.columnAxis.isEmpty ? 1 : 2.4))
        let width = grid.width / Double(columns)
        let height = grid.height / Double(rows)
        paintCells(in: grid, width: width, height: height, on: canvas)

        // Labels that would lie over each other are left out at equal distances.
        let rowStep = max(Int((labelSize * 1.1 / height).rounded(.up)), 1)
        for row in stride(from: 0, to: rows, by: rowStep) {
            canvas.text(
                shortened(matrix.rowLabels[row].withoutControls, toWidth: longest, size: labelSize),
                at: Point(x: grid.x - size * 0.35, y: grid.y + (Double(row) + 0.5) * height + labelSize * 0.35),
                TextStyle(size: labelSize, anchor: .end))
        }
        let columnStep = max(Int((labelSize * 1.3 / width).rounded(.up)), 1)
        for column in stride(from: 0, to: columns, by: columnStep) {
            canvas.text(
                shortened(matrix.columnLabels[column].withoutControls, toWidth: longest, size: labelSize),
                at: Point(x: grid.x + (Double(column) + 0.5) * width + labelSize * 0.3, y: grid.bottom + labelSize),
                TextStyle(size: labelSize, anchor: .end, angle: Self.columnLabelAngle))
        }
        if !matrix.columnAxis.isEmpty {
            canvas.text(
                matrix.columnAxis.withoutControls, at: Point(x: grid.middle.x, y: room.bottom),
                TextStyle(size: size, anchor: .middle))
        }
        if !matrix.rowAxis.isEmpty {
            canvas.text(
                matrix.rowAxis.withoutControls, at: Point(x: room.x + size * 0.7, y: grid.middle.y),
                TextStyle(size: size, anchor: .middle, angle: -90))
        }
    }

    private static let columnLabelAngle = -38.0

    private func paintCells(in grid: Rectangle, width: Double, height: Double, on canvas: some Canvas) {
        let full = Color.palette[0].mixed(with: .black, share: 0.15)
        for row in matrix.rowLabels.indices {
            let total = matrix.columnLabels.indices.reduce(0.0) { $0 + Double(matrix.count(row: row, column: $1)) }
            for column in matrix.columnLabels.indices {
                let count = matrix.count(row: row, column: column)
                let share = total > 0 ? min(max(Double(count) / total, 0), 1) : 0
                // The square root lets rare mistakes show beside a full diagonal.
                let color = Color.white.mixed(with: full, share: share.squareRoot())
                let place = Rectangle(
                    x: grid.x + Double(column) * width, y: grid.y + Double(row) * height, width: width, height: height)
                canvas.fill(place, color: color)
                let text = String(count)
                let textSize = min(size * 0.85, height * 0.6, width / (Double(text.count) * 0.62 + 0.5))
                guard count != 0, textSize >= 4 else { continue }
                canvas.text(
                    text, at: Point(x: place.middle.x, y: place.middle.y + textSize * 0.35),
                    TextStyle(size: textSize, color: color.luminance < 0.55 ? .white : .ink, anchor: .middle))
            }
        }
        canvas.stroke(grid.outline, Stroke(color: .ink, width: max(size / 14, 1)))
    }
}
