import Language

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An error of the system in its own words, such as "No such file or directory".
package func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// The value of an environment variable; `nil` where it is unset or empty.
package func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}

/// A path with a leading `~/` replaced by the home folder.
package func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = environment("HOME") else { return path }
    return home + path.dropFirst()
}

/// The files and folders whose path begins with `typed`, sorted; a folder ends in `/`. Hidden ones only where `typed`
/// asks for them.
package func pathCandidates(_ typed: String) -> [String] {
    let folderEnd = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
    let folder = String(typed[..<folderEnd])
    let prefix = String(typed[folderEnd...])
    guard let stream = opendir(folder.isEmpty ? "." : expandingHome(folder)) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != "..", name.hasPrefix(prefix), !name.hasPrefix(".") || prefix.hasPrefix(".") else {
            continue
        }
        var status = stat()
        let isFolder = stat(expandingHome(folder + name), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        found.append(folder + name + (isFolder ? "/" : ""))
    }
    return found.sorted()
}

/// Makes a folder and those above it; returns whether it is there.
package func makeFolders(_ path: String) -> Bool {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return true }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return false }
    return makeFolders(String(path[..<slash])) && (mkdir(path, 0o777) == 0 || errno == EEXIST)
}

/// The bytes of a file. Throws a `Diagnostic` that names the path and the system's reason.
package func readBytes(_ path: String) throws(Diagnostic) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Diagnostic("cannot read \(path): \(systemMessage())") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
        guard let block = readBlock(from: descriptor) else {
            throw Diagnostic("cannot read \(path): \(systemMessage())")
        }
        if block.isEmpty { return bytes }
        bytes += block
    }
}

/// What a descriptor has next, at most 64 KiB; empty at its end, `nil` with `errno` where it cannot be read.
package func readBlock(from descriptor: Int32) -> [UInt8]? {
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &block, block.count)
        if count >= 0 { return Array(block[..<count]) }
        if errno != EINTR && errno != EAGAIN { return nil }
    }
}

/// Writes all of `text` to a descriptor; returns 0, or the system's error code.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
        var offset = 0
        while offset < bytes.count {
            let count = write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            if count >= 0 {
                offset += count
            } else if errno == EAGAIN {
                // Someone made the terminal or pipe non-blocking: wait until it takes more.
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// Writes a file whole or not at all: beside it first, then in its place. Throws a `Diagnostic`.
package func replaceFile(_ path: String, with text: String) throws(Diagnostic) {
    let draft = path + ".\(getpid()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Diagnostic("cannot write \(path): \(systemMessage())") }
    var code = writeAll(text, to: descriptor)
    if close(descriptor) != 0 && code == 0 { code = errno }
    if code == 0 && rename(draft, path) != 0 { code = errno }
    if code != 0 {
        unlink(draft)
        throw Diagnostic("cannot write \(path): \(systemMessage(code))")
    }
}
