import Graphs
import Language
import Networks
import Tensors
import Training

/// Builtins about nets: first numbers, sizes, freezing, files.
enum NetworkBuiltins {
    static let all: [Builtin] =
        [
            initializer("glorot", .glorot, "uniform up to sqrt(6 / (inputs + outputs)); Glorot & Bengio (2010)"),
            initializer("he", .he, "normal with deviation sqrt(2 / inputs); He et al. (2015)"),
            initializer(
                "orthogonal", .orthogonal, "orthonormal rows or columns; Saxe, McClelland & Ganguli (2014)"),
            Builtin(
                "normal", ["shape", "deviation: 1"], "First numbers of a weight: normal about 0.",
                example: "layer noisy { weight b = normal([channels], 0.1); x + b }   # -> none"
            ) { arguments in
                let deviation = try arguments.number(1, default: 1)
                return .object(
                    InitializerValue("normal", .normal(standardDeviation: deviation), shape: try arguments.shape(0)))
            },
            Builtin(
                "summary", ["net", "input", "batch: 1"],
                "The table of a net's layers: output, parameters, multiply-adds, memory, receptive field, place. "
                    + "input is the shape of one sample. Nothing is allocated.",
                example: "summary(dense(10), input: [784])   # -> none"
            ) { arguments in
                let network = try arguments.network(0)
                let sampleShape = try arguments.shape(1)
                let batch = try arguments.count(2, unit: .steps, default: 1)
                let summary = try NetworkSummary(
                    arguments.definition(network), sampleShape: sampleShape,
                    frozen: { network.weights?.isFrozen($0) ?? network.wouldFreeze($0) },
                    pool: arguments.machine.builder.pool)
                if arguments.machine.isChecking { return .none }
                let session = arguments.machine.session
                session.emit(
                    .output(
                        summary.table(batch: batch) { origin in
                            session.span(of: origin).map { "\($0.file.name):\($0.line)" } ?? ""
                        }))
                return .none
            },
            Builtin(
                "parameters", ["net", "input:"],
                "How many numbers a net's weights hold. input is the shape of one sample; a trained net knows it.",
                example: "parameters(conv(6, 5), input: [32, 32, 3])   # -> 456"
            ) { arguments in
                let network = try arguments.network(0)
                guard arguments.has(1) || network.sampleShape == nil else {
                    return .number(Double(network.weights?.parameterCount ?? 0))
                }
                guard arguments.has(1) else {
                    throw Diagnostic(
                        "the net's sizes follow from its input", at: arguments.span,
                        hint: "add input: and the shape of one sample")
                }
                return .number(
                    Double(
                        try parameterCount(
                            arguments.definition(network), sampleShape: try arguments.shape(1),
                            pool: arguments.machine.builder.pool)))
            },
            Builtin(
                "freeze", ["net", "selector"], "The net with the selected weights left as they are by training.",
                example: "freeze(dense(10), \"*.b\").name   # -> \"dense\""
            ) { arguments in
                let selector = try arguments.machine.selector(arguments[1], at: arguments.span(1))
                return .object(try arguments.network(0).freezing(selector, true))
            },
            Builtin(
                "unfreeze", ["net", "selector: \"**\""], "The net with the selected weights trained again.",
                example: "unfreeze(dense(10)).name   # -> \"dense\""
            ) { arguments in
                let text: Value = arguments.has(1) ? arguments[1] : .string("**")
                let selector = try arguments.machine.selector(text, at: arguments.span(1))
                return .object(try arguments.network(0).freezing(selector, false))
            },
            Builtin(
                "load", ["path", "into"],
                "The net with the weights of a safetensors file; every weight of the net must be there in its shape.",
                example: "fn restore() = load(\"build/lenet.safetensors\", into: dense(10))   # -> none"
            ) { arguments in
                let network = try arguments.network(1)
                let path = try arguments.pathOfFile(0)
                if arguments.machine.isChecking { return .object(network) }
                return .object(
                    try arguments.machine.located(arguments.span(0)) { try arguments.loading(path, into: network) })
            },
            Builtin(
                "interrupted", [], "The run that Ctrl-C stopped last: resume interrupted() goes on with it.",
                example: "fn go_on() = interrupted()   # -> none"
            ) { arguments in
                if arguments.machine.isChecking { return .unknown }
                guard let run = arguments.machine.session.interruptedRun else {
                    throw Diagnostic("no training was interrupted in this session", at: arguments.span)
                }
                return .object(run)
            },
            Builtin(
                "fingerprint", ["net"], "SHA-256 of all weights of a trained net, as 64 hexadecimal digits.",
                example: "fn mark(net) = fingerprint(net)   # -> none"
            ) { arguments in
                if arguments.machine.isChecking { return .unknown }
                let network = try arguments.network(0)
                return .string(
                    try arguments.machine.weights(of: network, at: arguments.span(0)).fingerprint)
            },
        ]

    private static func initializer(_ name: String, _ initializer: Initializer, _ rule: String) -> Builtin {
        Builtin(
            name, ["shape"], "First numbers of a weight: \(rule).",
            example: "layer map_\(name) { weight W = \(name)([features, 4]); x @ W }   # -> none"
        ) { arguments in
            .object(InitializerValue(name, initializer, shape: try arguments.shape(0)))
        }
    }
}

extension NetworkValue {
    /// Whether a weight that is not there yet would be frozen.
    func wouldFreeze(_ name: String) -> Bool { freezing.last { $0.selector.matches(name) }?.isFrozen ?? false }
}

extension Arguments {
    func network(_ index: Int) throws -> NetworkValue { try machine.network(self[index], at: span(index)) }

    func definition(_ network: NetworkValue) -> InterpretedNetwork {
        InterpretedNetwork(value: network, machine: machine, span: span)
    }

    /// Reads weights for a net: for the names and shapes that it has, or those that its file says.
    fileprivate func loading(_ path: String, into network: NetworkValue) throws -> NetworkValue {
        if let weights = network.weights, let shape = network.sampleShape {
            return network.with(weights: try weights.loading(from: path), sampleShape: shape)
        }
        guard let shape = try NetworkFile.sampleShape(of: path) else {
            throw Diagnostic(
                "'\(path)' does not say for which input the weights are", at: span(0),
                hint: "save(net, path) of nnx writes it; or load into a net that has weights")
        }
        let fresh = try initialWeights(
            definition(network), sampleShape: shape, seed: 0, pool: machine.builder.pool)
        return network.with(weights: try fresh.loading(from: path), sampleShape: shape)
    }
}
