#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// All bytes of a file.
///
/// - Parameter acceptsStreams: takes a pipe or a terminal too, and waits for its end. Without it a device that has no end
///   and a pipe without a writer are refused.
/// - Throws: `FileError` with the system's reason, or where it is no ordinary file or larger than the machine's memory.
package func readFile(_ path: String, acceptsStreams: Bool = false) throws(FileError) -> [UInt8] {
    let descriptor: Int32
    var bytes: [UInt8] = []
    if acceptsStreams {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .reading(path) }
    } else {
        let size: Int
        (descriptor, size) = try openFile(path)
        guard size <= physicalMemory else {
            close(descriptor)
            throw .reading(path, "its \(size) bytes are more than the machine's memory")
        }
        bytes.reserveCapacity(size)
    }
    defer { close(descriptor) }
    while true {
        guard let block = readBlock(from: descriptor) else { throw .reading(path) }
        if block.isEmpty { return bytes }
        bytes += block
    }
}

/// Opens an ordinary file for reading; the caller closes the descriptor.
///
/// - Returns: the descriptor and the file's size in bytes.
/// - Throws: `FileError` with the system's reason, or where it is a folder, a device or a pipe.
package func openFile(_ path: String) throws(FileError) -> (descriptor: Int32, size: Int) {
    // Without O_NONBLOCK a named pipe without a writer would hang here.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .reading(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
        let error = FileError.reading(path)
        close(descriptor)
        throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw .reading(path, status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is no file")
    }
    return (descriptor, Int(status.st_size))
}

/// What a descriptor has next, at most 1 MiB; empty at its end, nil with `errno` where it cannot be read.
package func readBlock(from descriptor: Int32) -> [UInt8]? {
    var failed = false
    let block = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, initialized in
        let count = read(UnsafeMutableRawBufferPointer(buffer), from: descriptor)
        failed = count == nil
        initialized = count ?? 0
    }
    return failed ? nil : block
}

/// Fills at most the whole buffer with what a descriptor has next and says how much; 0 at its end, nil with `errno` where
/// it cannot be read.
package func read(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Int? {
    while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        if errno == EAGAIN {
            // Someone made the terminal or pipe non-blocking: wait until there is more.
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&ready, 1, -1)
        } else if errno != EINTR {
            return nil
        }
    }
}

/// Bytes of memory that the machine has; the largest number where it does not say.
private let physicalMemory: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? pages * size : Int.max
}()
