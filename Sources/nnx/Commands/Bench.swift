import ArgumentParser
import Notebook

/// `nnx bench WORKLOAD`: how fast a well-known net trains here. The workloads are declared in `stdlib/workloads.nnx`.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time the training steps of a well-known net on random data, or single kernels.",
        discussion: """
            Workloads: tiny_mlp, fashion_mlp, lenet, resnet20, alexnet, vgg16, resnet50, densenet121,
            kernels, machine (what it can do at best), and expressions such as 'mlp(width: 512, depth: 4)'.
            """)

    @Argument(help: "The workload.")
    var workload: String

    @Option(help: ArgumentHelp("Samples a step.", valueName: "N"))
    var batch: Int?

    @Option(help: ArgumentHelp("Steps that are timed.", valueName: "N"))
    var steps: Int?

    @Flag(help: "Time predictions in evaluation mode instead of training steps.")
    var inference = false

    @Flag(help: "Print one line of JSON: step_s and min_s in seconds, images_s, rss_mb (peak of the process).")
    var json = false

    @Flag(help: "Print the steps of the compiled plan, the slowest first, with the kernel that was chosen.")
    var explain = false

    @OptionGroup var options: SessionOptions

    func validate() throws {
        for (name, value) in [("batch", batch), ("steps", steps)] {
            if let value, value < 1 { throw ValidationError("--\(name) must be at least 1, not \(value)") }
        }
        if json && explain { throw ValidationError("--json and --explain exclude one another") }
        if options.profile { throw ValidationError("bench has --explain in place of --profile") }
    }

    func run() throws {
        let front = TextFront()
        front.timeDisplay = .off
        Interrupts.install()
        Interrupts.exitAtThird()
        let session = try makeSession(front: front, options: options)
        let report = Interrupts.during(session.engine.cancellation) { session.run(cell: program) }
        throw ExitCode(report.exitStatus)
    }

    /// What the command stands for.
    private var program: String {
        let isExpression = workload.contains("(")
        let which = isExpression ? workload : "\"\(workload.filter { $0 != "\"" && $0 != "\\" })\""
        let settings = [
            batch.map { "batch: \($0)" }, steps.map { "runs: \($0)" }, inference ? "inference: true" : nil,
        ].compactMap { $0 }.map { ", " + $0 }.joined()
        let form = json ? "json" : explain ? "explain" : "text"
        return "use workloads\nreport(\(which), as: \"\(form)\"\(settings))"
    }
}
