#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// What the workers of a pool share: the loop in progress, the background queue and the place to sleep.
///
/// A loop is published by writing `job`, then `isOpen`, then counting `generation` up. A worker counts itself in
/// `active` *before* it looks at `isOpen`; the caller closes the loop *before* it looks at `active`. Both are
/// sequentially consistent, so either the worker sees a closed loop and leaves, or the caller sees the worker and
/// waits for it. So `job` is never read while it is written, and no worker is ever waited for that did not wake up.
final class Crew: Sendable {
    private struct Job {
        let chunks: Int
        let body: (Int, Int) -> Void
    }

    /// Times that a worker looks for work before it gives the core away for a moment.
    private static let looksPerYield = 128
    /// Times that it does so before it sleeps: about 50 to 100 microseconds.
    private static let yieldsBeforeSleep = 100
    /// Work that a worker which is awake is worth calling for, and one that sleeps.
    private static let awakeNanoseconds = 4_000.0
    private static let asleepNanoseconds = 30_000.0

    // Guarded by the protocol above.
    private nonisolated(unsafe) let job = UnsafeMutablePointer<Job>.allocate(capacity: 1)
    private let isOpen = Atomic<Bool>(false)
    private let generation = Atomic<Int>(0)
    private let nextChunk = Atomic<Int>(0)
    private let active = Atomic<Int>(0)

    private let isReserved = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let doorbell = Doorbell()
    private let workers: Int

    private let queue = Mutex<[BackgroundTask]>([])
    private let queued = Atomic<Int>(0)

    init(workers: Int) { self.workers = workers }

    deinit { job.deallocate() }

    // MARK: The calling side

    /// Whether work of that size gains from other threads.
    func isWorthWaking(nanoseconds: Double) -> Bool {
        let threshold = doorbell.sleeping < workers - 1 ? Crew.awakeNanoseconds : Crew.asleepNanoseconds
        return nanoseconds >= threshold
    }

    /// Takes the crew for one loop. False while another thread has it.
    func reserve() -> Bool {
        isReserved.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    func release() { isReserved.store(false, ordering: .releasing) }

    /// Runs a loop together with whichever workers come, as worker 0. The crew must be reserved.
    func run(chunks: Int, _ body: (Int, Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            job.initialize(to: Job(chunks: chunks, body: body))
            nextChunk.store(0, ordering: .relaxed)
            isOpen.store(true, ordering: .sequentiallyConsistent)
            generation.add(1, ordering: .sequentiallyConsistent)
            doorbell.ring()
            WorkerIdentity.current = 0
            takeChunks(as: 0)
            WorkerIdentity.current = nil
            isOpen.store(false, ordering: .sequentiallyConsistent)
            waitForWorkers()
            job.deinitialize(count: 1)
        }
    }

    private func waitForWorkers() {
        var looks = 0
        while active.load(ordering: .sequentiallyConsistent) != 0 {
            looks += 1
            if looks % Crew.looksPerYield == 0 { sched_yield() }
        }
    }

    func enqueue(_ task: BackgroundTask) {
        queue.withLock { $0.append(task) }
        queued.add(1, ordering: .sequentiallyConsistent)
        doorbell.ring()
    }

    /// Lets every worker return from `work(as:)` after what it is doing.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        doorbell.ring()
    }

    // MARK: The workers' side

    /// A worker's life.
    func work(as worker: Int) {
        WorkerIdentity.current = worker
        var seen = 0
        while true {
            waitForNews(since: seen)
            if isStopping.load(ordering: .sequentiallyConsistent) { return }
            let latest = generation.load(ordering: .sequentiallyConsistent)
            if latest != seen {
                seen = latest
                join(as: worker)
            } else {
                runBackgroundTask()
            }
        }
    }

    private func isQuiet(since seen: Int) -> Bool {
        generation.load(ordering: .sequentiallyConsistent) == seen
            && queued.load(ordering: .sequentiallyConsistent) == 0
            && !isStopping.load(ordering: .sequentiallyConsistent)
    }

    private func waitForNews(since seen: Int) {
        for _ in 0..<Crew.yieldsBeforeSleep {
            for _ in 0..<Crew.looksPerYield where !isQuiet(since: seen) { return }
            sched_yield()
        }
        doorbell.sleep { isQuiet(since: seen) }
    }

    private func join(as worker: Int) {
        active.add(1, ordering: .sequentiallyConsistent)
        if isOpen.load(ordering: .sequentiallyConsistent) { takeChunks(as: worker) }
        active.subtract(1, ordering: .sequentiallyConsistent)
    }

    // Not inlined: what it retains must be released before the worker counts itself out.
    @inline(never)
    private func takeChunks(as worker: Int) {
        let chunks = job.pointee.chunks
        while true {
            let chunk = nextChunk.add(1, ordering: .acquiringAndReleasing).oldValue
            if chunk >= chunks { return }
            job.pointee.body(chunk, worker)
        }
    }

    private func runBackgroundTask() {
        let task = queue.withLock { tasks -> BackgroundTask? in
            guard !tasks.isEmpty else { return nil }
            queued.subtract(1, ordering: .sequentiallyConsistent)
            return tasks.removeFirst()
        }
        task?.runIfQueued()
    }
}
