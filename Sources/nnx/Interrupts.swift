import CLibEdit
import Scheduling

/// Ctrl-C while a cell runs.
enum Interrupts {
    /// Catches SIGINT from now on. `force` overrides that a background job ignores it: for a prompt on a terminal.
    static func install(force: Bool = false) { nnx_signals_install(force) }

    /// Runs `body` with each SIGINT passed on to `token`: the first asks for an end, the second for an end at once.
    /// The handler does nothing but set the token's flag.
    static func during<Result>(_ token: CancellationToken, _ body: () -> Result) -> Result {
        token.reset()
        nnx_interrupts_begin(
            { context in
                guard let context else { return }
                Unmanaged<CancellationToken>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.cancel() }
            }, Unmanaged.passUnretained(token).toOpaque())
        defer { _ = nnx_interrupts_end() }
        return body()
    }

    /// Makes a third SIGINT during one run end the process with status 130 whatever it does: for runs without a prompt,
    /// where no session is lost by that.
    static func exitAtThird() { nnx_interrupts_exit_at(3) }
}
