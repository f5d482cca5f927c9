/// The area of a terminal plot: braille dots (2 × 4 a cell), characters over them and a background under them.
struct DotCanvas {
    let columns: Int
    let rows: Int
    private var dots: [UInt8]
    private var dotColors: [Color?]
    private var glyphs: [(character: Character, color: Color?)?]
    private var fills: [Fill?]

    /// What lies under a cell's dots.
    struct Fill {
        /// Shown without colours.
        var shade: Character
        /// Colours of the upper and the lower half.
        var upper: Color
        var lower: Color
    }

    var dotColumns: Int { 2 * columns }
    var dotRows: Int { 4 * rows }

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        dots = Array(repeating: 0, count: columns * rows)
        dotColors = Array(repeating: nil, count: columns * rows)
        glyphs = Array(repeating: nil, count: columns * rows)
        fills = Array(repeating: nil, count: columns * rows)
    }

    /// The dot of a point given in shares of the area, y upwards.
    func dot(at point: Point) -> (column: Int, row: Int) {
        (
            Int((point.x * Double(dotColumns - 1)).rounded()), Int(((1 - point.y) * Double(dotRows - 1)).rounded())
        )
    }

    mutating func set(column: Int, row: Int, color: Color) {
        guard column >= 0, column < dotColumns, row >= 0, row < dotRows else { return }
        // Unicode numbers the dots 1 2 3 down the left, 4 5 6 down the right, and 7 8 below.
        let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
        let cell = row / 4 * columns + column / 2
        dots[cell] |= bits[row % 4 * 2 + column % 2]
        dotColors[cell] = color
    }

    /// Draws a polyline of one dot's width; `pattern` says which dots of its length are set, over and over.
    mutating func draw(_ points: [Point], color: Color, pattern: [Bool] = [true]) {
        var travelled = 0
        var before: (column: Int, row: Int)?
        for point in points {
            let next = dot(at: point)
            let start = before ?? next
            let steps = max(abs(next.column - start.column), abs(next.row - start.row))
            for step in 0...steps where step > 0 || before == nil {
                let share = steps == 0 ? 0 : Double(step) / Double(steps)
                let column = start.column + Int((Double(next.column - start.column) * share).rounded())
                let row = start.row + Int((Double(next.row - start.row) * share).rounded())
                if pattern[travelled % pattern.count] { set(column: column, row: row, color: color) }
                travelled += 1
            }
            before = next
        }
    }

    /// Puts a character on the cell of a point.
    mutating func mark(_ point: Point, with character: Character, color: Color?) {
        let (column, row) = dot(at: point)
        guard column >= 0, column < dotColumns, row >= 0, row < dotRows else { return }
        glyphs[row / 4 * columns + column / 2] = (character, color)
    }

    mutating func fill(column: Int, row: Int, with fill: Fill) { fills[row * columns + column] = fill }

    /// Writes the area to a screen; colours decide how backgrounds are shown.
    func draw(on screen: inout TerminalScreen, row top: Int, column left: Int, color: Bool) {
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = row * columns + column
                var style = TerminalScreen.Style()
                var character: Character = " "
                if let fill = fills[cell] {
                    character = color ? "▀" : fill.shade
                    style.foreground = fill.upper
                    style.background = fill.lower
                }
                if dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) {
                    character = Character(scalar)
                    style.foreground = dotColors[cell]
                }
                if let glyph = glyphs[cell] {
                    character = glyph.character
                    style.foreground = glyph.color
                }
                if character == " ", style.background == nil { continue }
                screen.put(character, row: top + row, column: left + column, style: style)
            }
        }
    }
}
