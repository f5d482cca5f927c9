import Graphs

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
/// - Throws: `OperationError` with the system's reason; the temporary file is removed.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws {
    func failure() -> OperationError {
        let reason = String(cString: strerror(errno))
        return OperationError("cannot write '\(path)': \(reason)")
    }
    guard !path.isEmpty, !path.hasSuffix("/") else {
        throw OperationError("cannot write to '\(path)'", expected: "the path of a file")
    }
    try makeFolders(above: path)
    let temporary = "\(path).\(getpid()).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    func abandon() -> OperationError {
        let error = failure()
        close(descriptor)
        unlink(temporary)
        return error
    }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw abandon() }
        written += count
    }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw abandon() }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
        let error = failure()
        unlink(temporary)
        throw error
    }
}

/// Makes every folder on the way to `path` that is not there yet.
private func makeFolders(above path: String) throws {
    var position = path.startIndex
    while let slash = path[position...].firstIndex(of: "/") {
        position = path.index(after: slash)
        let folder = String(path[..<slash])
        guard !folder.isEmpty else { continue }
        if mkdir(folder, 0o777) != 0, errno != EEXIST {
            let reason = String(cString: strerror(errno))
            throw OperationError("cannot make the folder '\(folder)': \(reason)")
        }
    }
}

/// All bytes of a file.
///
/// - Throws: `OperationError` with the system's reason, or where it is no ordinary file (a device has no end).
func readFile(_ path: String) throws -> [UInt8] {
    func failure() -> OperationError {
        let reason = String(cString: strerror(errno))
        return OperationError("cannot read '\(path)': \(reason)")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure() }
    guard status.st_mode & S_IFMT == S_IFREG else { throw OperationError("cannot read '\(path)': it is no file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        if count < 0 {
            if errno == EINTR { continue }
            throw failure()
        }
        bytes.append(contentsOf: chunk[..<count])
    }
}
