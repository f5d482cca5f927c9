/// Paints small images with captions, and the strip of their colours.
struct ImageGridPainter {
    let grid: ImageGrid
    let cell: Rectangle
    /// Height of the text.
    let size: Double

    func paint(on canvas: some Canvas) {
        let room = FigurePainter.paintTitle(grid.title, in: cell, size: size, on: canvas)
        guard !grid.tiles.isEmpty else {
            FigurePainter.paintNoData(in: room, size: size, on: canvas)
            return
        }
        let bar = grid.scale.map { ColorBar($0, size: size) }
        let place = room.inset(right: bar?.width ?? 0)
        let line = grid.hasCaptions ? size : 0
        let columns = grid.columns(inWidth: place.width, height: place.height, captionHeight: line)
        let rows = (grid.tiles.count + columns - 1) / columns
        let width = min(
            place.width / Double(columns), max(place.height / Double(rows) - line, 1) / grid.aspect)
        let height = width * grid.aspect
        let whole = Rectangle(
            x: place.middle.x - width * Double(columns) / 2,
            y: place.middle.y - (height + line) * Double(rows) / 2, width: width * Double(columns),
            height: (height + line) * Double(rows))
        for (index, tile) in grid.tiles.enumerated() {
            let corner = Point(
                x: whole.x + Double(index % columns) * width, y: whole.y + Double(index / columns) * (height + line))
            paint(tile, in: Rectangle(x: corner.x, y: corner.y, width: width, height: height), line: line, on: canvas)
        }
        bar?.paint(beside: whole, on: canvas)
    }

    private func paint(_ tile: ImageGrid.Tile, in place: Rectangle, line: Double, on canvas: some Canvas) {
        let gap = max(place.width * 0.04, 1)
        let room = place.inset(left: gap, top: gap, right: gap, bottom: gap)
        let image = tile.image
        if image.width > 0, image.height > 0 {
            let frame = room.fitting(image)
            canvas.image(image, in: frame)
            canvas.stroke(frame.outline, Stroke(color: .ink, width: max(size / 24, 0.7), opacity: 0.5))
        }
        guard !tile.caption.isEmpty, line > 0 else { return }
        let caption = tile.caption.withoutControls
        let fitting = place.width * 0.92 / max(estimatedWidth(of: caption, size: 1), 0.1)
        let textSize = min(line * 0.85, max(fitting, line * 0.5))
        canvas.text(
            shortened(caption, toWidth: place.width * 0.95, size: textSize),
            at: Point(x: place.middle.x, y: place.bottom + textSize * 0.8), TextStyle(size: textSize, anchor: .middle))
    }
}
