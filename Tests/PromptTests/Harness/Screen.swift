/// The part of a terminal that line editing needs: characters in rows, and the escape sequences that libedit uses on
/// an `xterm`. Rows that scroll out at the top are kept in the text.
struct Screen {
    private var columns: Int
    private var rows: Int
    private var lines: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    private var escape: [UInt8] = []
    private var partial: [UInt8] = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// All rows without spaces at their ends.
    var text: String {
        lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
    }

    mutating func resize(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// Shows what a program writes; returns it without escape sequences and carriage returns.
    mutating func show(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        for byte in bytes {
            if escape.isEmpty, byte != 0x1B, byte != UInt8(ascii: "\r") { plain.append(byte) }
            if !escape.isEmpty {
                escape.append(byte)
                finishEscape()
            } else if byte == 0x1B {
                escape = [byte]
            } else {
                partial.append(byte)
                if let character = String(validating: partial, as: UTF8.self)?.first {
                    partial = []
                    put(character)
                } else if partial.count >= 4 {
                    partial = []
                }
            }
        }
        return plain
    }

    private mutating func put(_ character: Character) {
        switch character {
        case "\r": column = 0
        case "\n", "\r\n": moveDown()
        case "\u{8}": column = max(0, column - 1)
        case "\u{7}": break
        case "\t": column = min(columns - 1, (column / 8 + 1) * 8)
        default:
            if column >= columns {
                column = 0
                moveDown()
            }
            pad(to: column + 1)
            lines[row][column] = character
            column += 1
        }
    }

    private mutating func moveDown() {
        row += 1
        if row == lines.count { lines.append([]) }
    }

    private mutating func pad(to width: Int) {
        while lines[row].count < width { lines[row].append(" ") }
    }

    private mutating func finishEscape() {
        guard escape.count >= 2 else { return }
        guard escape[1] == UInt8(ascii: "[") else {
            escape = []
            return
        }
        guard escape.count > 2, let last = escape.last, (0x40...0x7E).contains(last) else { return }
        let body = String(decoding: escape[2..<(escape.count - 1)], as: UTF8.self)
        let numbers = body.split(separator: ";").map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        escape = []
        switch last {
        case UInt8(ascii: "A"): row = max(0, row - count)
        case UInt8(ascii: "B"): for _ in 0..<count { moveDown() }
        case UInt8(ascii: "C"): column = min(columns - 1, column + count)
        case UInt8(ascii: "D"): column = max(0, column - count)
        case UInt8(ascii: "G"): column = count - 1
        case UInt8(ascii: "K"): if lines[row].count > column { lines[row].removeSubrange(column...) }
        case UInt8(ascii: "J"):
            if lines[row].count > column { lines[row].removeSubrange(column...) }
            lines.removeSubrange((row + 1)...)
        case UInt8(ascii: "P"):
            if lines[row].count > column {
                lines[row].removeSubrange(column..<min(lines[row].count, column + count))
            }
        case UInt8(ascii: "@"):
            pad(to: column)
            lines[row].insert(contentsOf: repeatElement(" ", count: count), at: column)
        case UInt8(ascii: "H"):
            // Only "home" with a clear screen behind it is used.
            lines = [[]]
            row = 0
            column = 0
        default: break
        }
    }
}
