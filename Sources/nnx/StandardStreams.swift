import CLibEdit
import Files
import Notebook

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard output, unbuffered: what was printed before a crash of the machine or a signal was printed.
enum StandardOutput {
    /// Whether output goes to a terminal.
    static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes all of `text`. Output that cannot be written ends the process: quietly where the reader of a pipe is gone
    /// (`nnx … | head`), else with a message and status 1.
    static func write(_ text: String) {
        let code = writeAll(text, to: STDOUT_FILENO)
        if code == 0 { return }
        // 128 + SIGPIPE, as if the signal had ended the process.
        if code == EPIPE { endProcess(status: 141) }
        StandardError.write("nnx: cannot write to standard output: \(systemMessage(code))\n")
        endProcess(status: 1)
    }
}

/// Standard error, where diagnostics go.
enum StandardError {
    /// Whether messages go to a terminal.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Writes all of `text`; where that fails, nobody is left to be told.
    static func write(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
}

/// Ends the process. Without the clean-up of `exit`, which must not run beside worker threads and is not needed, as no
/// output is held back.
func endProcess(status: Int32) -> Never { _exit(status) }

/// What the terminal can show.
struct TerminalStyle {
    /// Whether the cursor may be moved and lines erased.
    var movesCursor: Bool
    /// Whether text may be coloured.
    var usesColor: Bool

    /// Nothing but text: for pipes and files.
    static let plain = TerminalStyle(movesCursor: false, usesColor: false)

    /// The style for a stream: plain unless it is a terminal; TERM=dumb and NO_COLOR are respected.
    static func detect(isTerminal: Bool) -> TerminalStyle {
        let knowsEscapes = isTerminal && environment("TERM") != nil && environment("TERM") != "dumb"
        return TerminalStyle(movesCursor: knowsEscapes, usesColor: knowsEscapes && environment("NO_COLOR") == nil)
    }

    /// `text` in a graphic rendition (such as 2 for faint), where colour is in use.
    func render(_ text: String, _ rendition: Int) -> String {
        usesColor ? "\u{1B}[\(rendition)m\(text)\u{1B}[0m" : text
    }
}

/// The window's size, or 80 × 24 where there is none.
func windowSize() -> (columns: Int, rows: Int) {
    var columns: Int32 = 80
    var rows: Int32 = 24
    _ = nnx_window_size(STDOUT_FILENO, &columns, &rows)
    return (Int(columns), Int(rows))
}
