import Graphs

/// Selects weights and layers by their paths.
///
/// Components are separated by `.` or `/`. `*` stands for any characters within a component, `**` for any number of
/// components. A pattern may begin at any component of a path and selects everything below what it matches:
/// `conv*` selects `stage1.conv2.W`. `A except B` selects what A selects and B does not.
public struct Selector: Sendable, Hashable, CustomStringConvertible {
    /// The text that it was made from.
    public let description: String
    private let selected: [Component]
    private let excepted: [[Component]]

    /// Parses a selector.
    ///
    /// - Throws: `OperationError` on an empty pattern or component.
    public init(parsing text: String) throws {
        description = text
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        var patterns: [String] = []
        for (index, word) in words.enumerated() {
            if index % 2 == 0, word != "except" {
                patterns.append(word)
            } else if index % 2 == 0 || word != "except" {
                throw Selector.malformed(text, "'\(word)' is not expected here")
            }
        }
        guard words.count % 2 == 1, let first = patterns.first else {
            throw Selector.malformed(text, words.isEmpty ? "it is empty" : "a pattern is missing after 'except'")
        }
        selected = try Selector.components(of: first, in: text)
        excepted = try patterns.dropFirst().map { try Selector.components(of: $0, in: text) }
    }

    /// Whether the weight or layer at `path` is selected.
    public func matches(_ path: String) -> Bool {
        let parts = path.split(whereSeparator: { $0 == "." || $0 == "/" }).map { Array($0.utf8) }
        return Selector.begins(selected, anywhereIn: parts)
            && !excepted.contains { Selector.begins($0, anywhereIn: parts) }
    }

    private enum Component: Sendable, Hashable {
        case anyPath
        case name([UInt8])
    }

    private static func malformed(_ text: String, _ reason: String) -> OperationError {
        OperationError(
            "the selector \"\(text)\" cannot be read: \(reason)",
            hint: "components separated by '.', with * and **, such as \"conv*.W except stage4/**\"")
    }

    private static func components(of pattern: String, in text: String) throws -> [Component] {
        try pattern.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "." || $0 == "/" }).map { part in
            if part.isEmpty { throw malformed(text, "a component is empty") }
            return part == "**" ? .anyPath : .name(Array(part.utf8))
        }
    }

    private static func begins(_ pattern: [Component], anywhereIn parts: [[UInt8]]) -> Bool {
        parts.indices.contains { begins(pattern[...], parts[$0...]) }
    }

    /// Whether the pattern matches the first parts, whatever follows.
    private static func begins(_ pattern: ArraySlice<Component>, _ parts: ArraySlice<[UInt8]>) -> Bool {
        guard let first = pattern.first else { return true }
        switch first {
        case .anyPath:
            return (parts.startIndex...parts.endIndex).contains { begins(pattern.dropFirst(), parts[$0...]) }
        case .name(let glob):
            guard let part = parts.first, matches(glob, part) else { return false }
            return begins(pattern.dropFirst(), parts.dropFirst())
        }
    }

    /// Whether `text` matches a pattern with `*`, by going back to the last star on a mismatch.
    private static func matches(_ glob: [UInt8], _ text: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var (position, place) = (0, 0)
        var afterStar: (position: Int, place: Int)?
        while place < text.count {
            if position < glob.count, glob[position] == star {
                position += 1
                afterStar = (position, place)
            } else if position < glob.count, glob[position] == text[place] {
                position += 1
                place += 1
            } else if let last = afterStar {
                position = last.position
                place = last.place + 1
                afterStar = (position, place)
            } else {
                return false
            }
        }
        return glob[position...].allSatisfy { $0 == star }
    }
}
