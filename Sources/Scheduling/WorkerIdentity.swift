#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which worker of a parallel loop the running thread is, kept in thread-specific storage.
enum WorkerIdentity {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key, nil)
        precondition(status == 0, "no thread-specific storage left")
        return key
    }()

    /// The worker's number while its thread executes chunks or background tasks, else nil.
    static var current: Int? {
        get { pthread_getspecific(key).map { Int(bitPattern: $0) - 1 } }
        set { pthread_setspecific(key, newValue.flatMap { UnsafeMutableRawPointer(bitPattern: $0 + 1) }) }
    }
}
