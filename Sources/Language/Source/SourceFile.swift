/// A text that is read as nnx: a script, a snippet, a cell or a line typed at the prompt.
///
/// Offsets are UTF-8 byte offsets; lines and columns are derived from them only when a person has to be told.
public final class SourceFile: Sendable {
    /// What a message calls the text: a path, or a name such as `[3]` for a cell of the prompt.
    public let name: String
    /// The text as valid UTF-8.
    public let bytes: [UInt8]
    /// The byte offset at which each line starts; never empty.
    public let lineStarts: [Int]

    /// Keeps `text` under `name`.
    public convenience init(name: String, text: String) {
        self.init(name: name, validBytes: Array(text.utf8))
    }

    /// Keeps `bytes` under `name`; bytes that are not UTF-8 are replaced by U+FFFD.
    public convenience init(name: String, bytes: [UInt8]) {
        self.init(name: name, validBytes: Array(String(decoding: bytes, as: UTF8.self).utf8))
    }

    private init(name: String, validBytes: [UInt8]) {
        self.name = name
        bytes = validBytes
        var starts = [0]
        for (offset, byte) in validBytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    /// The whole text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The span from the first to the last byte.
    public var wholeSpan: SourceSpan { SourceSpan(file: self, lower: 0, upper: bytes.count) }

    /// The line that holds `offset`, counted from 1.
    public func line(at offset: Int) -> Int {
        var lower = 0
        var upper = lineStarts.count
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if lineStarts[middle] <= offset { lower = middle } else { upper = middle }
        }
        return lower + 1
    }

    /// The column of `offset` in its line, counted from 1 in characters as a reader sees them.
    public func column(at offset: Int) -> Int {
        let start = lineStarts[line(at: offset) - 1]
        return String(decoding: bytes[start..<max(start, min(offset, bytes.count))], as: UTF8.self).count + 1
    }

    /// The byte range of a line (counted from 1) without its line end.
    public func lineRange(_ line: Int) -> Range<Int> {
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    /// The text between two offsets.
    public func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// A stretch of a source text, as a half-open range of UTF-8 offsets.
public struct SourceSpan: Hashable, Sendable {
    /// The text that the span lies in.
    public let file: SourceFile
    /// The first byte.
    public let lower: Int
    /// The byte after the last; equal to `lower` for a place between two characters.
    public let upper: Int

    /// The range `lower..<upper` of `file`.
    public init(file: SourceFile, lower: Int, upper: Int) {
        self.file = file
        self.lower = lower
        self.upper = upper
    }

    /// The line of the first byte, counted from 1.
    public var line: Int { file.line(at: lower) }
    /// The column of the first byte, counted from 1 in characters.
    public var column: Int { file.column(at: lower) }
    /// The source text under the span.
    public var text: String { file.text(lower..<upper) }

    /// The smallest span that holds both; `other` must lie in the same file.
    public func union(_ other: SourceSpan) -> SourceSpan {
        SourceSpan(file: file, lower: min(lower, other.lower), upper: max(upper, other.upper))
    }

    public static func == (left: SourceSpan, right: SourceSpan) -> Bool {
        left.file === right.file && left.lower == right.lower && left.upper == right.upper
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(file))
        hasher.combine(lower)
        hasher.combine(upper)
    }
}
