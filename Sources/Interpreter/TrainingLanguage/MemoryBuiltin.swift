import Datasets
import Graphs
import Language
import Networks
import Tensors
import Training

/// What memory the training of a net will take.
enum MemoryBuiltin {
    static let all: [Builtin] = [
        Builtin(
            "memory", ["net", "input", "batch: 32", "optimizer:"],
            "The memory that fit will take, by what it is for, with the largest results of a step; .total is in bytes. "
                + "input is the shape of one sample. Nothing is allocated.",
            example: "memory(dense(10), input: [784]).total > 784 * 10 * 4   # -> true"
        ) { arguments in
            let network = try arguments.network(0)
            let shape = try arguments.shape(1)
            let machine = arguments.machine
            let batch = try arguments.integer(2, default: 32)
            guard batch >= 1 else { throw arguments.wrong(2, expected: "1 or more samples") }
            let output = try machine.located(arguments.span) { try network.trace(for: shape, machine).output.shape }
            let data = try SyntheticSets.noise(
                sampleShape: shape.dimensions, classCount: output.dimensions.last ?? 1, n: 1, testCount: 1
            ).train
            let settings = arguments.has(3) ? [arguments.setting("optimizer", 3)] : []
            let span = FitSpans(
                whole: arguments.span, net: arguments.span(0), data: arguments.span(1), settings: arguments.span)
            let evaluation = FitEvaluation(
                network, data, try FitSettings(settings, for: data, at: arguments.span, machine), at: span, machine)
            return .object(
                MemoryValue(
                    try evaluation.locating { try StepMemory($0, batch: batch) }, network.name))
        }
    ]
}

/// What `memory(net, …)` gives.
final class MemoryValue: ObjectValue {
    let memory: StepMemory
    private let network: String

    init(_ memory: StepMemory, _ network: String) {
        self.memory = memory
        self.network = network
    }

    var typeName: String { "memory" }

    private var parts: [(name: String, bytes: Int, explanation: String)] {
        [
            ("weights", memory.weights, "to start from, and those that steps change"),
            ("optimizer", memory.optimizer, "its states"),
            ("result", memory.result, "a copy of both at the end"),
            ("input", memory.input, "two batches"),
            ("activations", memory.activations, "kept at the fullest moment of a step"),
            ("gradients", memory.gradients, "at the same moment"),
            ("workspace", memory.workspace, "scratch of kernels, gaps between results"),
            ("total", memory.total, ""),
        ]
    }

    func preview() -> String {
        let sizes = parts.map { byteText($0.bytes) }
        let width = sizes.map(\.count).max() ?? 0
        var lines = ["training \(network), batch \(memory.batch)"]
        for (part, size) in zip(parts, sizes) {
            let name = part.name + String(repeating: " ", count: 11 - part.name.count)
            let space = String(repeating: " ", count: width - size.count)
            lines.append("\(name)  \(space)\(size)" + (part.explanation.isEmpty ? "" : "  \(part.explanation)"))
        }
        lines.append("largest: " + memory.largest.map(\.text).joined(separator: ", "))
        return lines.joined(separator: "\n")
    }

    var fieldNames: [String] { parts.map(\.name) + ["batch", "largest"] }

    func field(_ name: String, _ machine: Machine) throws -> Value? {
        switch name {
        case "batch": .number(Double(memory.batch))
        case "largest": .list(memory.largest.map { .string($0.text) })
        default: parts.first { $0.name == name }.map { .number(Double($0.bytes)) }
        }
    }
}

extension PlanAllocationError.Item {
    /// `stage1.conv2 [4, 56, 56, 64] 3.1 MiB`
    var text: String { "\(scope ?? operation) \(type.shape) \(byteText(type.byteCount))" }
}

extension Diagnostic {
    init(_ error: TrainingMemoryError, at span: SourceSpan?) {
        self.init(
            "training \(error.network) with batch \(error.batch) needs \(byteText(error.requestedBytes)) of memory",
            at: span, expected: "at most \(byteText(error.limitBytes)), which there are",
            found: "\(byteText(error.requestedBytes)); the largest are "
                + error.largest.map(\.text).joined(separator: ", "),
            hint: error.fittingBatch > 0
                ? "batch: \(error.fittingBatch) fits" : "not even one sample fits: take a smaller net or smaller images"
        )
    }

    init(_ error: PlanAllocationError, at span: SourceSpan?) {
        self.init(
            "this needs \(byteText(error.requestedBytes)) of memory", at: span,
            expected: "at most \(byteText(error.limitBytes)), which there are",
            found: "\(byteText(error.requestedBytes)); the largest are "
                + error.largest.map(\.text).joined(separator: ", "),
            hint: "compute it in smaller parts")
    }
}
