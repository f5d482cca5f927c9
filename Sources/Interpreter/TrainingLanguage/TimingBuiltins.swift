import Graphs
import Language
import Networks
import Tensors
import Training

/// Builtins that measure how long a step of training, a prediction or a function takes.
enum TimingBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "time_training", ["net", "data", "optimizer:", "loss:", "regularize:", "runs: 10", "warm_up: 3"],
            "The time of training steps, all on one batch: the whole dataset. Nothing of the net changes.",
            example: "time_training(dense(2), moons(n: 8).train, runs: 2).runs   # -> 2"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let machine = arguments.machine
            var settings = ["optimizer", "loss", "regularize"].enumerated().compactMap { place, name in
                arguments.has(place + 2) ? arguments.setting(name, place + 2) : nil
            }
            settings.append(
                SettingValue(
                    name: Identifier("batch", span: arguments.span), form: .value,
                    value: .number(Double(data.size)), valueSpan: arguments.span))
            let span = FitSpans(
                whole: arguments.span, net: arguments.span(0), data: arguments.span(1), settings: arguments.span)
            let chosen = try FitSettings(settings, for: data, at: arguments.span, machine)
            let evaluation = FitEvaluation(network, data, chosen, at: span, machine)
            let (runs, warmUp) = try arguments.runs(5, 6)
            if machine.isChecking {
                _ = try evaluation.run()
                return .unknown
            }
            return .object(
                TimingValue(
                    try evaluation.locating { try timeTraining($0, runs: runs, warmUp: warmUp) }))
        },
        Builtin(
            "time_prediction", ["net", "data", "runs: 10", "warm_up: 3"],
            "The time that a net takes in evaluation mode for one batch: the whole dataset.",
            example: "time_prediction(dense(2), moons(n: 8).train, runs: 2).runs   # -> 2"
        ) { arguments in
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let machine = arguments.machine
            let (runs, warmUp) = try arguments.runs(2, 3)
            if machine.isChecking { return .unknown }
            return .object(
                TimingValue(
                    try timePrediction(
                        arguments.definition(network), on: data, batch: data.size, seed: machine.session.random.seed,
                        runs: runs, warmUp: warmUp, cancellation: machine.cancellation, pool: machine.builder.pool)))
        },
        Builtin(
            "time_function", ["f", "inputs", "runs: 10", "warm_up: 3"],
            "The time of a function of tensors, compiled for the shapes of the inputs, a list.",
            example: "time_function((a, b) -> a @ b, [ones([4, 4]), ones([4, 4])], runs: 2).runs   # -> 2"
        ) { arguments in
            let machine = arguments.machine
            let function = try arguments.function(0)
            let span = arguments.span
            let nodes = try arguments.elements(1).map { value in
                guard let node = try machine.node(value, at: arguments.span(1)) else {
                    throw arguments.wrong(1, expected: "a list of tensors")
                }
                return node
            }
            let (runs, warmUp) = try arguments.runs(2, 3)
            let inputs = nodes.compactMap(\.value)
            if machine.isChecking || inputs.count < nodes.count { return .unknown }
            return .object(
                TimingValue(
                    try timeFunction(
                        of: inputs, runs: runs, warmUp: warmUp, cancellation: machine.cancellation,
                        pool: machine.builder.pool
                    ) { nodes, builder in
                        try machine.building(with: builder) {
                            let result = try machine.call(
                                function, CallArguments(nodes.map { .tensor($0) }, at: span))
                            let outputs = try machine.outputs(result, at: span)
                            guard outputs.contains(where: \.isSymbolic) else {
                                throw Diagnostic(
                                    "the function does not depend on its inputs: there is nothing to time", at: span)
                            }
                            return outputs.filter(\.isSymbolic)
                        }
                    }))
        },
        Builtin(
            "machine_speed", [],
            "What this machine can do at best: float32 operations and bytes a second, measured with all threads.",
            example: "machine_speed().threads >= 1   # -> true"
        ) { arguments in
            if arguments.machine.isChecking { return .unknown }
            let speed = try MachineSpeed.measure(pool: arguments.machine.builder.pool)
            return .record(
                Record([
                    ("instructions", .string(speed.instructionSet)), ("threads", .number(Double(speed.threads))),
                    ("gflops", .number(speed.operationsPerSecond / 1e9)),
                    ("gigabytes_per_second", .number(speed.bytesPerSecond / 1e9)),
                ]))
        },
    ]
}

extension Machine {
    /// The tensors that a function gives: one, or a list of them.
    fileprivate func outputs(_ value: Value, at span: SourceSpan) throws -> [Node] {
        if case .list(let parts) = value { return try parts.flatMap { try outputs($0, at: span) } }
        guard let node = try node(value, at: span) else {
            throw Diagnostic(
                "a function that is timed gives tensors", at: span, expected: "a tensor, or a list of them",
                found: value.described)
        }
        return [node]
    }
}

extension Arguments {
    fileprivate func runs(_ runs: Int, _ warmUp: Int) throws -> (runs: Int, warmUp: Int) {
        let counts = (try integer(runs, default: 10), try integer(warmUp, default: 3))
        guard counts.0 >= 1 else { throw wrong(runs, expected: "1 or more") }
        guard counts.1 >= 0 else { throw wrong(warmUp, expected: "0 or more") }
        return counts
    }

    func setting(_ name: String, _ index: Int) -> SettingValue {
        SettingValue(
            name: Identifier(name, span: span(index)), form: .value, value: self[index], valueSpan: span(index))
    }
}

/// What a timing gave.
final class TimingValue: ObjectValue {
    let times: StepTimes
    /// The largest memory that the process had in use so far.
    let peakBytes: Int

    init(_ times: StepTimes) {
        self.times = times
        peakBytes = AvailableMemory.peakOfProcess
    }

    var typeName: String { "timing" }

    func preview() -> String {
        var text = "\(seconds(times.median)) (\(seconds(times.seconds.min() ?? 0)) to "
        text += "\(seconds(times.seconds.max() ?? 0))), \(times.seconds.count) runs"
        if let samples = times.samples {
            text += ", \(shortNumberText(Double(samples) / times.median, digits: 4)) samples/s"
        }
        return text + ", \(shortNumberText(operations / times.median / 1e9, digits: 4)) GFLOP/s"
    }

    private func seconds(_ value: Double) -> String {
        value >= 1
            ? "\(shortNumberText(value, digits: 4)) s"
            : value >= 1e-3
                ? "\(shortNumberText(value * 1e3, digits: 4)) ms" : "\(shortNumberText(value * 1e6, digits: 4)) us"
    }

    /// A multiply-add is two operations.
    private var operations: Double { 2 * Double(times.multiplyAdds) }

    var fieldNames: [String] {
        ["median", "min", "max", "runs", "samples_per_second", "gflops", "peak_bytes", "arena_bytes", "steps"]
    }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "median": return .number(times.median)
        case "min": return .number(times.seconds.min() ?? 0)
        case "max": return .number(times.seconds.max() ?? 0)
        case "runs": return .number(Double(times.seconds.count))
        case "samples_per_second":
            return times.samples.map { .number(Double($0) / times.median) } ?? Value.none
        case "gflops": return .number(operations / times.median / 1e9)
        case "peak_bytes": return .number(Double(peakBytes))
        case "arena_bytes": return .number(Double(times.arenaBytes))
        case "steps": return .list(times.steps.map(record))
        default: return nil
        }
    }

    /// A step of the compiled plan: what it computes, for which layer, and which kernel does.
    private func record(_ step: PlanStep) -> Value {
        .record(
            Record([
                ("name", .string(step.name)), ("kernel", .string(step.path)),
                ("layer", step.scope.map(Value.string) ?? Value.none), ("pass", .string(step.pass.rawValue)),
                ("output", .string(step.output.description)),
                ("seconds", .number(step.seconds / Double(max(times.timedRuns, 1)))),
                ("gflops", .number(gigaflops(step))),
            ]))
    }

    /// The steps of the compiled plan, the slowest first: what `show timing` prints.
    var stepsTable: String {
        let steps = times.steps.sorted { $0.seconds > $1.seconds }
        let total = steps.reduce(0) { $0 + $1.seconds }
        let columns = [
            TextColumn(
                "us", steps.map { shortNumberText(1e6 * $0.seconds / Double(max(times.timedRuns, 1)), digits: 4) },
                isNumber: true),
            TextColumn(
                "share", steps.map { "\(shortNumberText(100 * $0.seconds / max(total, 1e-300), digits: 2)) %" },
                isNumber: true),
            TextColumn("GFLOP/s", steps.map { shortNumberText(gigaflops($0), digits: 3) }, isNumber: true),
            TextColumn("layer", steps.map { $0.scope ?? "" }), TextColumn("pass", steps.map(\.pass.rawValue)),
            TextColumn("operations", steps.map(\.name)), TextColumn("output", steps.map(\.output.description)),
            TextColumn("kernel", steps.map(\.path)),
        ]
        return "\(preview())\n\(TextColumn.lines(of: columns))"
    }

    private func gigaflops(_ step: PlanStep) -> Double {
        let seconds = step.seconds / Double(max(times.timedRuns, 1))
        return seconds > 0 ? 2 * Double(step.cost.multiplyAdds) / seconds / 1e9 : 0
    }
}
