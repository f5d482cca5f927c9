import CPseudoTerminal
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A program that runs on a terminal of its own, with somebody who types and looks.
final class PseudoTerminal {
    /// What is on the screen.
    private(set) var screen: Screen
    /// Every byte that the program wrote.
    private(set) var transcript: [UInt8] = []
    /// What it wrote without escape sequences and carriage returns, of which a line editor sends many.
    private var text: [UInt8] = []
    private let master: Int32
    private let process: pid_t
    private var status: Int32?
    /// Where the next `wait(for:)` begins to look.
    private var seen = 0

    /// What did not come in time.
    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts `arguments[0]` as the leader of a session whose terminal has that many columns and rows.
    init(_ arguments: [String], environment: [String: String], folder: String, columns: Int = 80, rows: Int = 24) throws
    {
        screen = Screen(columns: columns, rows: rows)
        let words = arguments.map { strdup($0) }
        let variables = environment.map { strdup("\($0)=\($1)") }
        defer { (words + variables).forEach { free($0) } }
        var descriptor: Int32 = -1
        process = pseudo_terminal_spawn(
            words + [nil], variables + [nil], folder, Int32(columns), Int32(rows), &descriptor)
        guard process >= 0 else { throw Timeout(description: "cannot start: \(String(cString: strerror(errno)))") }
        master = descriptor
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(master)
    }

    /// Types `text`. `\r` is Enter, `\u{3}` Ctrl-C, `\u{4}` Ctrl-D, `\u{1A}` Ctrl-Z.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(master, $0.baseAddress! + offset, bytes.count - offset) }
            guard count > 0 || errno == EINTR else { return }
            offset += max(0, count)
        }
    }

    /// Waits until the program has written `wanted` behind what was waited for before.
    func wait(for wanted: String, seconds: Double = 20) throws {
        try wait(seconds: seconds, what: "'\(wanted)'") {
            guard let range = Data(text[seen...]).range(of: Data(wanted.utf8)) else { return false }
            seen += range.upperBound
            return true
        }
    }

    /// Waits until the screen, as lines without spaces at their ends, satisfies `condition`.
    func waitForScreen(_ what: String, seconds: Double = 20, _ condition: (String) -> Bool) throws {
        try wait(seconds: seconds, what: what) { condition(screen.text) }
        seen = text.count
    }

    /// Waits for the program's end and returns its exit status, or 128 + the signal that ended it.
    func waitForExit(seconds: Double = 20) throws -> Int32 {
        try wait(seconds: seconds, what: "the end of the program") {
            var code: Int32 = 0
            guard waitpid(process, &code, WNOHANG) == process else { return false }
            status = code & 0x7F == 0 ? code >> 8 & 0xFF : 128 + code & 0x7F
            return true
        }
        return status ?? -1
    }

    /// Changes the window's size, as a window manager does.
    func resize(columns: Int, rows: Int) {
        screen.resize(columns: columns, rows: rows)
        _ = pseudo_terminal_resize(master, Int32(columns), Int32(rows))
    }

    private func wait(seconds: Double, what: String, until condition: () -> Bool) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        while !condition() {
            guard Date() < end else {
                throw Timeout(description: "\(what) did not come; the screen:\n\(screen.text)")
            }
            var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&source, 1, 20) > 0 else { continue }
            var block = [UInt8](repeating: 0, count: 4096)
            let count = read(master, &block, block.count)
            if count > 0 {
                transcript += block[..<count]
                text += screen.show(block[..<count])
            } else {
                // The program has closed the terminal: what is left to wait for is its end.
                usleep(5000)
            }
        }
    }
}
