import Synchronization

/// Runs independent jobs side by side, each on its share of `threads`, and returns when all are done.
///
/// Jobs begin in the order of their numbers; as many run at once as there are threads. What a job computes does not
/// depend on its pool's number of threads, so nothing depends on which jobs run together.
///
/// - Parameters:
///   - jobs: How many there are.
///   - threads: Those of the whole, at least 1.
///   - body: One job, with the pool that is its own while it runs. Called on several threads at once.
public func runSideBySide(jobs: Int, threads: Int, _ body: @Sendable (_ job: Int, _ pool: ThreadPool) -> Void) {
    let lanes = max(1, min(jobs, threads))
    let next = Atomic<Int>(0)
    let share = { (lane: Int) in max(1, threads / lanes + (lane < threads % lanes ? 1 : 0)) }
    withoutActuallyEscaping(body) { body in
        @Sendable func work(threads: Int) {
            let pool = ThreadPool(threads: threads)
            while true {
                let job = next.add(1, ordering: .relaxed).oldValue
                if job >= jobs { return }
                body(job, pool)
            }
        }
        let others = (1..<lanes).map { lane in
            let threads = share(lane)
            return WorkerThread { work(threads: threads) }
        }
        work(threads: share(0))
        for thread in others { thread.join() }
    }
}
