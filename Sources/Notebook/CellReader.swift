import Language

/// Collects lines until they make a whole cell.
public struct CellReader: Sendable {
    /// The lines so far, each with its newline.
    public private(set) var pending = ""

    public init() {}

    /// Whether the next line begins a cell.
    public var isEmpty: Bool { pending.isEmpty }

    /// Adds a line (or a pasted text of several, without the newline at its end) and returns the cell if it is whole:
    /// no bracket is open and no operator waits for its right side. Blank lines before a cell are dropped.
    ///
    /// - Parameter continues: whether the line after this one is known to carry it on (see `continuesCell`).
    public mutating func add(_ line: String, continues: Bool = false) -> String? {
        if isEmpty && line.allSatisfy(\.isWhitespace) { return nil }
        pending += line + "\n"
        if continues || isIncomplete(pending) { return nil }
        return take()
    }

    /// The unfinished cell, which an end of the input closes; `nil` if there is none.
    public mutating func take() -> String? {
        defer { pending = "" }
        guard !pending.isEmpty else { return nil }
        return String(pending.dropLast())
    }

    /// Gives up the unfinished cell.
    public mutating func abandon() { pending = "" }

    /// Whether `line` carries on a cell that could end before it: it begins with `|>`.
    public static func continuesCell(_ line: String) -> Bool {
        line.drop(while: \.isWhitespace).hasPrefix("|>")
    }
}
