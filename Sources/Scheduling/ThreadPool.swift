/// Owns all threads of the process.
public final class ThreadPool: Sendable {
    public let threads: Int

    public init(threads: Int) { self.threads = threads }

    public func parallelFor(_ chunks: Int, _ body: (_ chunk: Int, _ worker: Int) -> Void) {
        for chunk in 0..<chunks { body(chunk, 0) }
    }
}
