import Scheduling
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
    @Test("every chunk runs once, whatever the number of threads", arguments: [1, 2, 3, 8])
    func everyChunkOnce(threads: Int) {
        let pool = ThreadPool(threads: threads, limit: threads)
        #expect(pool.threads == threads)
        for chunks in [0, 1, 2, 7, 100] {
            for _ in 0..<200 {
                let counts = Mutex([Int](repeating: 0, count: chunks))
                pool.parallelFor(chunks) { chunk, worker in
                    counts.withLock { $0[chunk] += 1 + (0..<threads ~= worker ? 0 : 100) }
                }
                #expect(counts.withLock { $0 } == [Int](repeating: 1, count: chunks))
            }
        }
    }

    @Test("a worker number belongs to one thread at a time")
    func workersAreExclusive() {
        let pool = ThreadPool(threads: 4, limit: 4)
        let busy = Mutex([Bool](repeating: false, count: 4)), clashes = Atomic<Int>(0)
        for _ in 0..<300 {
            pool.parallelFor(32) { _, worker in
                let clash = busy.withLock { flags in
                    defer { flags[worker] = true }
                    return flags[worker]
                }
                if clash { clashes.add(1, ordering: .relaxed) }
                busy.withLock { $0[worker] = false }
            }
        }
        #expect(clashes.load(ordering: .relaxed) == 0)
    }

    @Test("nested loops run on the worker that meets them")
    func nested() {
        let pool = ThreadPool(threads: 3, limit: 3)
        let total = Atomic<Int>(0), strangers = Atomic<Int>(0)
        pool.parallelFor(20) { _, worker in
            pool.parallelFor(50) { _, inner in
                total.add(1, ordering: .relaxed)
                if inner != worker { strangers.add(1, ordering: .relaxed) }
            }
        }
        #expect(total.load(ordering: .relaxed) == 1000 && strangers.load(ordering: .relaxed) == 0)
    }

    @Test("loops from several threads at once are all complete")
    func concurrentCallers() async {
        let pool = ThreadPool(threads: 2, limit: 2)
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let own = Atomic<Int>(0)
                    for _ in 0..<200 { pool.parallelFor(10) { _, _ in own.add(1, ordering: .relaxed) } }
                    return own.load(ordering: .relaxed)
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 8000)
    }

    @Test("background tasks run once, beside loops", arguments: [1, 2, 4])
    func background(threads: Int) {
        let pool = ThreadPool(threads: threads, limit: threads)
        let counters = Counters()
        let tasks = (0..<100).map { number in
            pool.submitBackground {
                pool.parallelFor(3) { _, _ in counters.chunks.add(1, ordering: .relaxed) }
                counters.total.add(number, ordering: .relaxed)
            }
        }
        pool.parallelFor(500) { _, _ in counters.chunks.add(1, ordering: .relaxed) }
        for task in tasks { task.wait() }
        #expect(tasks.allSatisfy { $0.isFinished })
        #expect(counters.total.load(ordering: .relaxed) == 4950)
        #expect(counters.chunks.load(ordering: .relaxed) == 800)
    }

    @Test("work too small to share stays on the calling thread")
    func smallWork() {
        let pool = ThreadPool(threads: 2, limit: 2)
        let workers = Mutex(Set<Int>())
        for _ in 0..<100 {
            pool.parallelFor(8, nanoseconds: 100) { _, worker in workers.withLock { _ = $0.insert(worker) } }
        }
        #expect(workers.withLock { $0 } == [0])
    }

    @Test("never more threads than the limit, and at least one")
    func limits() {
        #expect(ThreadPool(threads: 64, limit: 2).threads == 2)
        #expect(ThreadPool(threads: 0, limit: 2).threads == 1)
        #expect(ThreadPool(threads: 64).threads <= availableCores())
        #expect(availableCores() >= 1 && defaultThreadCount() >= 1)
    }

    @Test("pools come and go without a thread left behind")
    func lifetime() {
        for _ in 0..<50 {
            let pool = ThreadPool(threads: 3, limit: 3)
            let total = Atomic<Int>(0)
            pool.parallelFor(5) { _, _ in total.add(1, ordering: .relaxed) }
            #expect(total.load(ordering: .relaxed) == 5)
        }
    }
}

@Suite struct SideBySideTests {
    @Test(
        "every job runs once, with no more threads than there are", arguments: [(0, 2), (1, 2), (5, 1), (5, 2), (3, 8)])
    func jobs(count: Int, threads: Int) {
        let runs = (0..<max(count, 1)).map { _ in Counter() }
        let (running, most) = (Counter(), Counter())
        runSideBySide(jobs: count, threads: threads) { job, pool in
            let now = running.value.add(pool.threads, ordering: .sequentiallyConsistent).newValue
            most.value.max(now, ordering: .sequentiallyConsistent)
            runs[job].value.add(1, ordering: .relaxed)
            pool.parallelFor(3) { _, _ in }
            running.value.subtract(pool.threads, ordering: .sequentiallyConsistent)
        }
        #expect(runs.prefix(count).allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
        #expect(most.value.load(ordering: .relaxed) <= threads)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}

private final class Counters: Sendable {
    let total = Atomic<Int>(0)
    let chunks = Atomic<Int>(0)
}

@Suite struct CancellationTokenTests {
    @Test("the first request finishes the step, the second aborts it")
    func levels() {
        let token = CancellationToken()
        #expect(token.level == .none && !token.isCancelled)
        token.cancel()
        #expect(token.level == .requested && token.isCancelled && !token.isAborted)
        token.cancel()
        #expect(token.isAborted)
        token.reset()
        #expect(token.level == .none)
        token.abort()
        #expect(token.level == .aborted)
    }
}
