import ArgumentParser

/// The options that every command which runs nnx code takes.
struct SessionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads to use. Default: NNX_THREADS, or all cores.", valueName: "N"))
    var threads: Int?

    @Option(help: ArgumentHelp("Seed of the session's random numbers. Default: 0.", valueName: "N"))
    var seed: UInt64?

    @Flag(help: "After each fit, print the time and memory of each layer, forward and backward.")
    var profile = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads)") }
    }
}
