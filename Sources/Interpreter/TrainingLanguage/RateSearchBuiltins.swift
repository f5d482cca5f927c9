import Figures
import Graphs
import Language
import Networks
import Tensors
import Training

/// `find_lr`, and what it gives.
enum RateSearchBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "find_lr",
            ["net", "data", "optimizer:", "loss:", "from: 1e-6", "to: 10", "steps: 100", "batch:", "seed:"],
            "Tries learning rates from small to large, a step each, until the loss is four times the lowest: a figure with "
                + "rates, losses and a suggestion, the rate at which the loss falls steepest. The net stays as it is.",
            example: "find_lr(dense(2), moons(n: 200).train, optimizer: sgd, steps: 50).suggestion > 0   # -> true"
        ) { arguments in
            let machine = arguments.machine
            let network = try arguments.network(0)
            let data = try arguments.dataset(1)
            let optimizer =
                arguments.has(2) ? arguments[2] : .object(try machine.libraryRule("adam", at: arguments.span))
            guard let rule = try machine.rule([.optimizer], optimizer, at: arguments.span(2)) else {
                throw arguments.wrong(2, expected: "an optimizer such as sgd")
            }
            let (first, last) = (try arguments.number(4, default: 1e-6), try arguments.number(5, default: 10))
            guard first > 0, last > first, last.isFinite else {
                throw arguments.wrong(4, expected: "rates over 0, from a smaller to a larger one")
            }
            let steps = try arguments.count(6, unit: .steps, default: 100)
            guard steps >= 2 else { throw arguments.wrong(6, expected: "2 steps or more") }
            let loss = try arguments.loss(3, for: data.classCount)
            var request = FitRequest(
                arguments.definition(network), on: data, loss: loss.objective(at: arguments.span, machine),
                optimizer: try rule.definition(at: arguments.span(2), machine))
            request.batch = arguments.has(7) ? try arguments.count(7) : nil
            request.seed = arguments.has(8) ? UInt64(try arguments.count(8)) : machine.session.random.seed
            try request.start(from: network)
            request.cancellation = machine.cancellation
            request.pool = machine.builder.pool
            if machine.isChecking {
                try checkFit(request)
                return .unknown
            }
            do {
                let search = try searchRate(request, over: first...last, steps: steps)
                return arguments.show(
                    search.figure(of: network.name),
                    fields: [
                        "rates": try machine.vector(search.rates), "losses": try machine.vector(search.losses),
                        "suggestion": search.suggestion.map(Value.number) ?? .none,
                    ])
            } catch is Cancelled {
                throw Interruption(message: "find_lr was stopped", aborted: machine.cancellation.isAborted)
            }
        }
    ]
}

extension RateSearch {
    fileprivate func figure(of name: String) -> Figure {
        var series: [Series] = [.line(x: rates, y: losses, label: "loss")]
        if let suggestion, let index = rates.firstIndex(of: suggestion) {
            series.append(
                .points(
                    x: [suggestion], y: [losses[index]], label: "steepest, \(shortNumberText(suggestion, digits: 3))"))
        }
        return Figure(
            Plot(
                title: "learning rates of \(name)", x: Axis(label: "learning rate", scale: .log),
                y: Axis(label: "loss"), series: series))
    }
}
