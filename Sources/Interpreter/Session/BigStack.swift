#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs scripts on a thread with a stack for deep recursion. Its pages are only touched as far as a script recurses.
enum BigStack {
    static let byteCount = 1 << 30
    /// Left free for what runs below a call: kernels, drawing, formatting.
    static let reserve: UInt = 1 << 20

    private final class Work {
        let body: (_ stackLimit: UInt) -> Void
        init(_ body: @escaping (UInt) -> Void) { self.body = body }
    }

    /// Runs `body` and waits for it. It is given the lowest address that its stack may reach.
    static func run<T>(_ body: (_ stackLimit: UInt) throws -> T) rethrows -> T {
        try withoutActuallyEscaping(body) { body in
            var result: Result<T, any Error>?
            let work = Work { limit in result = Result { try body(limit) } }
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setstacksize(&attributes, byteCount)
            defer { pthread_attr_destroy(&attributes) }
            let context = Unmanaged.passRetained(work).toOpaque()
            #if canImport(Darwin)
            var thread: pthread_t?
            #else
            var thread = pthread_t()
            #endif
            let status = pthread_create(
                &thread, &attributes,
                { context in
                    #if canImport(Darwin)
                    let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    #else
                    guard let context else { return nil }
                    let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    #endif
                    var marker: UInt8 = 0
                    let top = withUnsafePointer(to: &marker) { UInt(bitPattern: $0) }
                    work.body(top - UInt(BigStack.byteCount) + BigStack.reserve)
                    return nil
                }, context)
            guard status == 0 else {
                // No room for such a stack: run here, with what a usual thread has.
                Unmanaged<Work>.fromOpaque(context).release()
                var marker: UInt8 = 0
                let top = withUnsafePointer(to: &marker) { UInt(bitPattern: $0) }
                return try body(top - (512 << 10))
            }
            #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
            #else
            pthread_join(thread, nil)
            #endif
            guard let result else { preconditionFailure("the script's thread ended without a result") }
            return try result.get()
        }
    }
}
