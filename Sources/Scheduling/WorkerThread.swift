#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An operating system thread that runs one closure, with all signals blocked so that the main thread gets them.
struct WorkerThread: Sendable {
    #if canImport(Darwin)
    private nonisolated(unsafe) let handle: pthread_t?
    #else
    private let handle: pthread_t?
    #endif

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts the thread. If the system has none left the closure does not run: a pool then has fewer helpers.
    init(_ run: @escaping @Sendable () -> Void) {
        let argument = Unmanaged.passRetained(Body(run)).toOpaque()
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        #if canImport(Darwin)
        var made: pthread_t?
        let status = pthread_create(&made, nil, { start($0) }, argument)
        #else
        var made = pthread_t()
        let status = pthread_create(&made, nil, { $0.flatMap { start($0) } }, argument)
        #endif
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        if status == 0 {
            handle = made
        } else {
            Unmanaged<Body>.fromOpaque(argument).release()
            handle = nil
        }

        func start(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }
    }

    /// Waits for the closure's end; from inside of the thread itself, lets it go instead.
    func join() {
        guard let handle else { return }
        if pthread_equal(handle, pthread_self()) != 0 {
            pthread_detach(handle)
        } else {
            pthread_join(handle, nil)
        }
    }
}
