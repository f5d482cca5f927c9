/// The owner of all threads that compute.
///
/// A pool of N threads starts N - 1 workers; the thread that calls `parallelFor` is the Nth. Which worker executes
/// which chunk is left to chance, so a chunk's result must not depend on it.
public final class ThreadPool: Sendable {
    /// Threads that work on a parallel loop, the calling one included.
    public let threads: Int

    private let crew: Crew
    private let workers: [WorkerThread]

    /// Starts a pool.
    ///
    /// - Parameters:
    ///   - threads: The wanted number of threads, at least 1.
    ///   - limit: The most that are ever started. The default is the number of cores, so that never more threads can
    ///     run than there are cores; results do not depend on the number.
    public init(threads: Int = defaultThreadCount(), limit: Int = availableCores()) {
        self.threads = max(1, min(threads, limit))
        let crew = Crew(workers: self.threads)
        self.crew = crew
        workers = (1..<self.threads).map { index in
            WorkerThread { crew.work(as: index) }
        }
    }

    deinit {
        crew.stop()
        for worker in workers { worker.join() }
    }

    /// Runs `body(chunk, worker)` once for every chunk in `0 ..< chunks` and returns when all are done.
    ///
    /// `worker` is in `0 ..< threads` and belongs to one thread at a time: use it to choose private scratch. Nothing
    /// is handed to other threads when the work is too small to pay for it, when the call comes from inside of a
    /// chunk or a background task, or while another thread's loop occupies the pool.
    ///
    /// - Parameters:
    ///   - chunks: How many chunks there are.
    ///   - nanoseconds: The estimated time of all chunks on one core. The default means "large".
    ///   - body: The work of one chunk.
    public func parallelFor(
        _ chunks: Int, nanoseconds: Double = .infinity, _ body: (_ chunk: Int, _ worker: Int) -> Void
    ) {
        if let worker = WorkerIdentity.current {
            for chunk in 0..<max(0, chunks) { body(chunk, worker) }
            return
        }
        guard chunks > 1, threads > 1, crew.isWorthWaking(nanoseconds: nanoseconds), crew.reserve() else {
            for chunk in 0..<max(0, chunks) { body(chunk, 0) }
            return
        }
        crew.run(chunks: chunks, body)
        crew.release()
    }

    /// Queues low-priority work for a worker that has nothing else to do.
    ///
    /// Parallel loops inside of a background task run on that worker alone.
    @discardableResult
    public func submitBackground(_ body: @escaping @Sendable () -> Void) -> BackgroundTask {
        let task = BackgroundTask(body)
        if threads > 1 { crew.enqueue(task) }
        return task
    }
}

extension ThreadPool {
    /// The pool of whoever names no other, of `defaultThreadCount()` threads.
    public static let shared = ThreadPool()
}
