import Synchronization

/// Low-priority work of a `ThreadPool`, such as the preparation of a batch.
///
/// Runs once: on an idle worker, or in `wait()` when no worker has begun it. With a pool of one thread it therefore
/// runs in `wait()`, and never if nobody waits.
public final class BackgroundTask: Sendable {
    private enum State: Int {
        case queued, running, finished
    }

    private let body: @Sendable () -> Void
    private let state = Atomic<Int>(State.queued.rawValue)
    private let finished = Doorbell()

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// Whether the body has run to its end.
    public var isFinished: Bool { state.load(ordering: .acquiring) == State.finished.rawValue }

    /// Returns when the body has run, running it on this thread if no other has begun it.
    public func wait() {
        if runIfQueued() { return }
        finished.sleep { !isFinished }
    }

    /// Runs the body unless somebody else has begun it. Returns whether it ran here.
    @discardableResult
    func runIfQueued() -> Bool {
        let (exchanged, _) = state.compareExchange(
            expected: State.queued.rawValue, desired: State.running.rawValue, ordering: .acquiringAndReleasing)
        guard exchanged else { return false }
        body()
        state.store(State.finished.rawValue, ordering: .sequentiallyConsistent)
        finished.ring()
        return true
    }
}
