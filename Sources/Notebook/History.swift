import Language

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

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
        guard let bytes = try? readBytes(path) else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        for line in lines.suffix(Self.capacity) {
            let entry = Self.decode(String(decoding: line, as: UTF8.self))
            if entry != entries.last { entries.append(entry) }
        }
        if lines.count > 2 * Self.capacity {
            // Only tidying: where it fails the file just stays long.
            try? replaceFile(path, with: entries.map { Self.encode($0) + "\n" }.joined())
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
            try append(Self.encode(entry) + "\n")
        } catch {
            isWritable = false
            throw error
        }
    }

    private func append(_ line: String) throws(Diagnostic) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { _ = makeFolders(String(path[..<slash])) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        var code = descriptor >= 0 ? writeAll(line, to: descriptor) : errno
        if descriptor >= 0, close(descriptor) != 0, code == 0 { code = errno }
        if code != 0 {
            throw Diagnostic(
                "the history is not kept: cannot write \(path): \(systemMessage(code))", severity: .warning,
                hint: "NNX_HISTORY names another file")
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
