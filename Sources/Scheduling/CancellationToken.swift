import Synchronization

/// Tells long work to stop. Checked between steps (`requested`) and inside of them (`aborted`).
///
/// Levels only rise until `reset()`. `cancel()` and `abort()` are single atomic stores and exchanges: a signal handler
/// may call them.
public final class CancellationToken: Sendable {
    /// How urgently the work shall stop.
    public enum Level: Int, Sendable, Comparable {
        /// Go on.
        case none = 0
        /// Finish the step in progress, then stop.
        case requested = 1
        /// Stop as soon as possible and throw the step in progress away.
        case aborted = 2

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    @usableFromInline
    let raw = Atomic<Int>(Level.none.rawValue)

    public init() {}

    /// What was asked for so far.
    public var level: Level {
        switch raw.load(ordering: .acquiring) {
        case Level.none.rawValue: .none
        case Level.requested.rawValue: .requested
        default: .aborted
        }
    }

    /// Whether anything was asked for.
    @inlinable
    public var isCancelled: Bool { raw.load(ordering: .relaxed) != 0 }

    /// Whether the step in progress shall be thrown away.
    public var isAborted: Bool { level == .aborted }

    /// Asks once more: the first call requests, a second one aborts.
    public func cancel() {
        let (exchanged, _) = raw.compareExchange(
            expected: Level.none.rawValue, desired: Level.requested.rawValue, ordering: .acquiringAndReleasing)
        if !exchanged { abort() }
    }

    /// Aborts at once.
    public func abort() { raw.store(Level.aborted.rawValue, ordering: .releasing) }

    /// Makes the token new again.
    public func reset() { raw.store(Level.none.rawValue, ordering: .releasing) }
}
