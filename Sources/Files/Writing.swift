#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes a file so that at every moment either the old or the new one is there, whole: to a temporary file beside
/// it, which then takes its name. Makes the folders that it needs.
///
/// - Throws: `FileError` with the system's reason; the temporary file is removed.
package func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
    guard !path.isEmpty, !path.hasSuffix("/") else {
        throw FileError("cannot write to '\(path)'", expected: "the path of a file")
    }
    try makeFolders(above: path)
    let temporary = "\(path).\(getpid()).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .writing(path) }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0, errno != EINVAL { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(temporary, path) != 0 { code = errno }
    if code != 0 {
        unlink(temporary)
        throw .writing(path, systemMessage(code))
    }
}

/// Adds to the end of a file that only its owner may read, which is made with its folders where it is not there yet.
///
/// - Throws: `FileError` with the system's reason.
package func append(_ text: String, toFile path: String) throws(FileError) {
    try makeFolders(above: path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .writing(path) }
    var code = writeAll(text, to: descriptor)
    if close(descriptor) != 0, code == 0 { code = errno }
    if code != 0 { throw .writing(path, systemMessage(code)) }
}

/// Makes every folder on the way to `path` that is not there yet.
private func makeFolders(above path: String) throws(FileError) {
    var position = path.startIndex
    while let slash = path[position...].firstIndex(of: "/") {
        position = path.index(after: slash)
        let folder = String(path[..<slash])
        guard !folder.isEmpty else { continue }
        if mkdir(folder, 0o777) != 0, errno != EEXIST, !isFolder(folder) {
            throw FileError("cannot make the folder '\(folder)': \(systemMessage())")
        }
    }
}

/// Writes all of `text` to a descriptor; returns 0, or the system's error code.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
}

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var offset = 0
    while offset < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let count = write(descriptor, rest.baseAddress, rest.count)
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
