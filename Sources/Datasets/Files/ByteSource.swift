import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Bytes that come one after the other, from a file, from memory or out of a decompressor.
protocol ByteSource: AnyObject {
    /// Fills at most `buffer.count` bytes and says how many; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
    /// No more bytes than this can still come.
    var remainingAtMost: Int { get }
    /// Where the bytes come from, for messages.
    var path: String { get }
}

extension ByteSource {
    /// Fills the whole buffer if there is enough, and says how much was filled.
    func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// The next `count` bytes, or fewer where the source ends before.
    ///
    /// Memory grows with what really comes: a header that lies about a length costs nothing.
    func readBytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let chunk = min(count - bytes.count, max(bytes.count, largestFirstAllocation))
            let before = bytes.count
            if before == 0, chunk == count {
                return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                    initialized = try readFully(into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
            bytes.append(contentsOf: repeatElement(0, count: chunk))
            let got = try bytes.withUnsafeMutableBytes {
                try readFully(into: UnsafeMutableRawBufferPointer(rebasing: $0[before...]))
            }
            if got < chunk {
                bytes.removeLast(chunk - got)
                break
            }
        }
        return bytes
    }
}

/// What may be allocated on the word of a header alone: 256 MiB.
private let largestFirstAllocation = 1 << 28

/// The bytes of a regular file.
final class FileSource: ByteSource {
    let path: String
    private let descriptor: Int32
    private(set) var remainingAtMost: Int

    /// Opens a file.
    ///
    /// - Throws: `FileError` where it is missing, unreadable or not a regular file.
    init(path: String) throws {
        self.path = path
        (descriptor, remainingAtMost) = try openFile(path)
    }

    /// The last `count` bytes, or all where there are fewer; where the source stands does not change.
    func readTail(_ count: Int) throws -> [UInt8] {
        let size = min(count, remainingAtMost)
        let start = lseek(descriptor, 0, SEEK_CUR)
        guard start >= 0, lseek(descriptor, off_t(-size), SEEK_END) >= 0 else { throw FileError.reading(path) }
        defer { lseek(descriptor, start, SEEK_SET) }
        var tail = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let got = tail.withUnsafeMutableBytes {
                Files.read(UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), from: descriptor)
            }
            guard let got else { throw FileError.reading(path) }
            if got == 0 { break }
            filled += got
        }
        return Array(tail.prefix(filled))
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let got = Files.read(buffer, from: descriptor) else { throw FileError.reading(path) }
        remainingAtMost = max(remainingAtMost - got, 0)
        return got
    }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
    let path: String
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    var remainingAtMost: Int { bytes.count - position }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        position += count
        return count
    }
}
