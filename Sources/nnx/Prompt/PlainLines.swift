import CLibEdit
import Files
import Notebook

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Lines from a pipe or file: read as they come, nothing printed.
final class PlainLines: LineSource {
    private var bytes: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// How long to wait for the line after one that may end a cell, in milliseconds. What a file or another program's
    /// output holds is there at once; a program that wants an answer before it goes on gets it after this.
    private static let lookahead: Int32 = 50

    func read(number: Int, pending: String) -> LineInput {
        while true {
            if let line = takeLine() { return .line(line) }
            if isAtEnd { return .end }
            switch fill(milliseconds: -1) {
            case nnx_wait_interrupted: return .interrupted
            default: continue
            }
        }
    }

    func nextContinues() -> Bool {
        while lineEnd() == nil && !isAtEnd {
            guard fill(milliseconds: Self.lookahead) == nnx_wait_ready else { break }
        }
        let next = bytes[start..<(lineEnd() ?? bytes.count)]
        return CellReader.continuesCell(String(decoding: next, as: UTF8.self))
    }

    func remember(_ entry: String) {}

    private func lineEnd() -> Int? { bytes[start...].firstIndex(of: UInt8(ascii: "\n")) }

    private func takeLine() -> String? {
        guard let end = lineEnd() ?? (isAtEnd && start < bytes.count ? bytes.count : nil) else { return nil }
        var line = bytes[start..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        start = min(end + 1, bytes.count)
        return String(decoding: line, as: UTF8.self)
    }

    /// Reads what is there, after waiting for it.
    private func fill(milliseconds: Int32) -> nnx_wait_result {
        let result = nnx_wait_readable(STDIN_FILENO, milliseconds)
        guard result == nnx_wait_ready else { return result }
        bytes.removeFirst(start)
        start = 0
        let block = readBlock(from: STDIN_FILENO) ?? []
        isAtEnd = block.isEmpty
        bytes += block
        return result
    }
}
