import Files
import Language

/// The cells typed so far, on disk: one entry a line, with `\n` for a line break and `\\` for a backslash.
///
/// Each entry is appended as it is made, so a killed session loses nothing and sessions side by side keep each other's.
public struct History: Sendable {
    /// The most entries that are kept.
    public static let capacity = 2000

    /// Where the entries are.
    public let path: String
    /// The entries, oldest first; without neighbours that are equal.
    public private(set) var entries: [String]
    private var isWritable = true

    /// `NNX_HISTORY`, or `nnx/history` in `XDG_STATE_HOME` or in `~/.local/state`; `nil` without a home folder.
    public static var standardPath: String? {
        if let chosen = environment("NNX_HISTORY") { return expandingHome(chosen) }
        if let state = environment("XDG_STATE_HOME") { return state + "/nnx/history" }
        return environment("HOME").map { $0 + "/.local/state/nnx/history" }
    }

    /// Reads the entries at `path`; none where there is no such file. A file that grew to twice the capacity is cut.
    public init(path: String) {
        self.path = path
        entries = []
        guard let bytes = try? readFile(path) else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        for line in lines.suffix(Self.capacity) {
            let entry = Self.decode(String(decoding: line, as: UTF8.self))
            if entry != entries.last { entries.append(entry) }
        }
        if lines.count > 2 * Self.capacity {
            // Only tidying: where it fails the file just stays long.
            try? writeAtomically(Array(entries.map { Self.encode($0) + "\n" }.joined().utf8), to: path)
        }
    }

    /// Adds the newest entry. Throws a `Diagnostic` (a warning) the first time that the disk does not take it; the
    /// entry is remembered for the session all the same.
    public mutating func add(_ entry: String) throws(Diagnostic) {
        guard !entry.isEmpty, entry != entries.last else { return }
        entries.append(entry)
        if entries.count > Self.capacity { entries.removeFirst() }
        guard isWritable else { return }
        do {
            try append(Self.encode(entry) + "\n", toFile: path)
        } catch {
            isWritable = false
            throw Diagnostic(
                "the history is not kept: \(error.message)", severity: .warning, hint: "NNX_HISTORY names another file")
        }
    }

    static func encode(_ entry: String) -> String {
        entry.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    static func decode(_ line: String) -> String {
        var entry = ""
        var escaped = false
        for character in line {
            if escaped {
                entry.append(character == "n" ? "\n" : character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else {
                entry.append(character)
            }
        }
        return entry
    }
}
