#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why memory for a tensor was refused.
public struct AllocationError: Error, Sendable, Equatable {
    public var requestedBytes: Int
    public var limitBytes: Int

    public init(requestedBytes: Int, limitBytes: Int) {
        self.requestedBytes = requestedBytes
        self.limitBytes = limitBytes
    }
}

/// A block of memory that tensors view: 64-byte aligned, on huge pages where it is large.
///
/// Whoever writes to it owns it at that time; a tensor that others can see is never written.
public final class Storage: @unchecked Sendable {
    public let pointer: UnsafeMutableRawPointer
    public let byteCount: Int
    /// Whether there are only addresses.
    private let isReserved: Bool

    /// Largest single block that is granted: 8 GiB, or what `NNX_MAX_TENSOR_BYTES` says.
    public static let limitBytes: Int = {
        if let text = getenv("NNX_MAX_TENSOR_BYTES"), let value = Int(String(cString: text)), value > 0 { return value }
        return 8 << 30
    }()

    private static let hugePage = 2 << 20

    /// Allocates `byteCount` bytes, zeroed where `zeroed`.
    ///
    /// - Throws: `AllocationError` over the limit, or where the system has no memory.
    public init(byteCount: Int, zeroed: Bool = false) throws {
        guard byteCount >= 0, byteCount <= Self.limitBytes else {
            throw AllocationError(requestedBytes: byteCount, limitBytes: Self.limitBytes)
        }
        let alignment = byteCount >= Self.hugePage ? Self.hugePage : 64
        // Kernels may read a whole vector at the last element: room for one more cache line.
        let rounded = (byteCount + 64 + alignment - 1) / alignment * alignment
        var raw: UnsafeMutableRawPointer?
        guard posix_memalign(&raw, alignment, rounded) == 0, let raw else {
            throw AllocationError(requestedBytes: byteCount, limitBytes: Self.limitBytes)
        }
        #if os(Linux)
        if alignment == Self.hugePage { madvise(raw, rounded, MADV_HUGEPAGE) }
        #endif
        if zeroed { memset(raw, 0, rounded) }
        pointer = raw
        self.byteCount = byteCount
        isReserved = false
    }

    /// Addresses without memory behind them, for what is measured and never run: nobody may touch them.
    ///
    /// - Throws: `AllocationError` where there are not enough addresses.
    public init(reserving byteCount: Int) throws {
        let address =
            byteCount >= 0
            ? mmap(nil, max(byteCount, 1), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) : MAP_FAILED
        guard let address, address != MAP_FAILED else {
            throw AllocationError(requestedBytes: byteCount, limitBytes: Self.limitBytes)
        }
        pointer = address
        self.byteCount = byteCount
        isReserved = true
    }

    deinit {
        if isReserved { munmap(pointer, max(byteCount, 1)) } else { free(pointer) }
    }
}
