import CZlib

/// The contents of a gzip stream (RFC 1952), inflated by zlib as they are read; several members in a row count as one.
final class GzipSource: ByteSource {
    private let upstream: any ByteSource
    /// On the heap because zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var isFinished = false

    var path: String { upstream.path }

    /// Deflate packs at most 1032 bytes into one (zlib's technical notes, "Maximum Compression Factor").
    var remainingAtMost: Int {
        let packed = upstream.remainingAtMost.addingReportingOverflow(input.count)
        let unpacked = packed.partialValue.multipliedReportingOverflow(by: 1032)
        return packed.overflow || unpacked.overflow ? Int.max : unpacked.partialValue
    }

    /// Two bytes that every gzip file begins with.
    static let magic: [UInt8] = [0x1f, 0x8b]

    init(_ upstream: any ByteSource) throws {
        self.upstream = upstream
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: 1 << 16)
        input.initialize(repeating: 0)
        // 15 bits of window, and 16 more for "expect the header of gzip".
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw DatasetError("zlib cannot start (status \(status))", path: upstream.path) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !isFinished, buffer.count > 0 else { return 0 }
        let capacity = min(buffer.count, Int(UInt32.max))
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(capacity)
        while stream.pointee.avail_out == UInt32(capacity) {
            try refill()
            let status = inflate(stream, Z_NO_FLUSH)
            switch status {
            case Z_OK:
                continue
            case Z_STREAM_END:
                if try !beginNextMember() {
                    isFinished = true
                    return capacity - Int(stream.pointee.avail_out)
                }
            case Z_BUF_ERROR where stream.pointee.avail_in == 0:
                throw DatasetError(
                    "the gzip data ends in the middle: the file is truncated", path: path,
                    hint: "copy or install the file again")
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
                throw DatasetError(
                    "the gzip data is damaged: \(reason)", path: path, hint: "copy or install the file again")
            }
        }
        return capacity - Int(stream.pointee.avail_out)
    }

    private func refill() throws {
        guard stream.pointee.avail_in == 0 else { return }
        let got = try upstream.read(into: UnsafeMutableRawBufferPointer(input))
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(got)
    }

    /// Goes on with a member that follows; false at the end of the file.
    private func beginNextMember() throws -> Bool {
        try refill()
        guard stream.pointee.avail_in > 0 else { return false }
        guard stream.pointee.next_in.pointee == Self.magic[0] else {
            throw DatasetError("bytes follow the end of the gzip data", path: path)
        }
        inflateReset(stream)
        return true
    }
}
