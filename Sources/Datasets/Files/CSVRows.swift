/// The rows of a table of comma-separated values (RFC 4180): fields, some in quotes, that may hold separators, line ends and
/// doubled quotes.
struct CSVRows {
    /// A place in the file, without its quotes and the blanks around it.
    struct Field {
        var start: Int
        var end: Int
        var hasDoubledQuotes = false
    }

    let bytes: [UInt8]
    let separator: UInt8
    let path: String
    private let first: Int

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter separator: nil takes what the first line has: a semicolon or a tab where there is no comma.
    init(_ bytes: [UInt8], separator: UInt8?, path: String) {
        self.bytes = bytes
        self.path = path
        // The mark of UTF-8 that spreadsheets write.
        first = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let line = bytes[first...].prefix { $0 != Self.newline }
        self.separator =
            separator ?? [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].first { line.contains($0) }
            ?? UInt8(ascii: ",")
    }

    /// Calls `body` with each row that is not blank, and the number of its line, counted from 1.
    ///
    /// - Throws: `DatasetError` where a quote does not end, and what `body` throws.
    func forEach(_ body: (_ line: Int, _ fields: [Field]) throws -> Void) throws {
        var fields: [Field] = []
        var (position, line) = (first, 1)
        while position < bytes.count {
            let startLine = line
            fields.removeAll(keepingCapacity: true)
            repeat {
                fields.append(try field(&position, &line))
                // A separator at the very end is followed by one more field, which is empty.
            } while take(separator, &position)
            if take(Self.carriageReturn, &position) {}
            if take(Self.newline, &position) { line += 1 }
            if fields.count == 1, fields[0].start == fields[0].end { continue }
            try body(startLine, fields)
        }
    }

    /// What a field holds.
    func text(_ field: Field) -> String {
        let text = String(decoding: bytes[field.start..<field.end], as: UTF8.self)
        return field.hasDoubledQuotes ? text.replacing("\"\"", with: "\"") : text
    }

    /// The number that a field holds, nil for anything else. `nan` and `inf` are no numbers here.
    func number(_ field: Field) -> Double? {
        let digits = bytes[field.start..<field.end]
        guard let lead = digits.first else { return nil }
        if digits.count <= 15, digits.allSatisfy({ $0 &- 0x30 <= 9 }) {
            return Double(digits.reduce(0) { 10 * $0 + Int($1 & 15) })
        }
        guard lead &- 0x30 <= 9 || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ".")].contains(lead) else {
            return nil
        }
        return Double(text(field)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Whether nothing is known here: an empty field, or a word that stands for it.
    func isHole(_ field: Field) -> Bool {
        guard field.end - field.start <= 4 else { return false }
        return field.start == field.end || Self.holes.contains(text(field).lowercased())
    }

    private static let holes: Set<String> = ["na", "n/a", "nan", "null", "none", "?"]

    private func take(_ byte: UInt8, _ position: inout Int) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func isEnd(_ position: Int) -> Bool {
        guard position < bytes.count else { return true }
        let byte = bytes[position]
        return byte == separator || byte == Self.newline || byte == Self.carriageReturn
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte == 0x09 && separator != 0x09) }

    private func field(_ position: inout Int, _ line: inout Int) throws -> Field {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
        guard take(Self.quote, &position) else {
            let start = position
            while !isEnd(position) { position += 1 }
            var end = position
            while end > start, isBlank(bytes[end - 1]) { end -= 1 }
            return Field(start: start, end: end)
        }
        var result = Field(start: position, end: position)
        let startLine = line
        while true {
            guard position < bytes.count else {
                throw DatasetError("the quote that begins in line \(startLine) does not end", path: path)
            }
            if bytes[position] == Self.newline { line += 1 }
            if bytes[position] == Self.quote {
                guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else { break }
                result.hasDoubledQuotes = true
                position += 1
            }
            position += 1
        }
        result.end = position
        position += 1
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
        guard isEnd(position) else {
            throw DatasetError(
                "text follows the end of a quote in line \(line)", path: path,
                hint: "a quote inside of a quoted field is written twice")
        }
        return result
    }
}
