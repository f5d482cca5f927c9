import Foundation

/// The update rules of stdlib/optim.nnx in plain Swift, element by element: what the compiled ones are held against.
struct OptimizerFormula: Sendable {
    /// The call in nnx.
    let call: String
    /// Moves one number: its gradient, the step from 1, and the states, which start from `initial`.
    let move: @Sendable (_ theta: inout Double, _ g: Double, _ t: Double, _ state: inout [Double]) -> Void
    /// What each state starts from.
    let initial: [Double]

    init(
        _ call: String, states initial: [Double] = [],
        move: @escaping @Sendable (inout Double, Double, Double, inout [Double]) -> Void
    ) {
        self.call = call
        self.initial = initial
        self.move = move
    }

    /// The positions from the start on, one more than there are steps.
    func path(_ problem: OptimizerProblem, steps: Int) -> [[Double]] {
        var point = problem.start
        var states = point.map { _ in initial }
        var path = [point]
        for t in 1...steps {
            let gradient = problem.gradient(point)
            for index in point.indices { move(&point[index], gradient[index], Double(t), &states[index]) }
            path.append(point)
        }
        return path
    }

    static let all: [OptimizerFormula] = [
        OptimizerFormula("sgd(0.001)") { theta, g, _, _ in theta -= 0.001 * g },
        OptimizerFormula("momentum(0.001, mu: 0.9)", states: [0]) { theta, g, _, s in
            s[0] = 0.9 * s[0] + g
            theta -= 0.001 * s[0]
        },
        OptimizerFormula("nesterov(0.001, mu: 0.9)", states: [0]) { theta, g, _, s in
            s[0] = 0.9 * s[0] + g
            theta -= 0.001 * (g + 0.9 * s[0])
        },
        OptimizerFormula("adagrad(0.5)", states: [0]) { theta, g, _, s in
            s[0] += g * g
            theta -= 0.5 * g / (s[0].squareRoot() + 1e-10)
        },
        OptimizerFormula("adadelta()", states: [0, 0]) { theta, g, _, s in
            s[0] = 0.9 * s[0] + 0.1 * g * g
            let move = (s[1] + 1e-6).squareRoot() / (s[0] + 1e-6).squareRoot() * g
            s[1] = 0.9 * s[1] + 0.1 * move * move
            theta -= move
        },
        rmsprop("rmsprop(0.01)", mu: 0, isCentered: false),
        rmsprop("rmsprop(0.01, centered: true)", mu: 0, isCentered: true),
        rmsprop("rmsprop(0.01, mu: 0.9)", mu: 0.9, isCentered: false),
        rmsprop("rmsprop(0.01, mu: 0.5, centered: true)", mu: 0.5, isCentered: true),
        OptimizerFormula("adam(0.05)", states: [0, 0]) { theta, g, t, s in
            moments(g, &s)
            theta -= 0.05 * (s[0] / (1 - pow(0.9, t))) / ((s[1] / (1 - pow(0.999, t))).squareRoot() + 1e-8)
        },
        OptimizerFormula("adamax(0.05)", states: [0, 0]) { theta, g, t, s in
            s[0] = 0.9 * s[0] + 0.1 * g
            s[1] = max(0.999 * s[1], abs(g) + 1e-8)
            theta -= 0.05 / (1 - pow(0.9, t)) * s[0] / s[1]
        },
        OptimizerFormula("nadam(0.05)", states: [0, 0, 1]) { theta, g, t, s in
            let now = 0.9 * (1 - 0.5 * pow(0.96, t * 0.004))
            let next = 0.9 * (1 - 0.5 * pow(0.96, (t + 1) * 0.004))
            moments(g, &s)
            s[2] *= now
            let ahead = next * s[0] / (1 - s[2] * next) + (1 - now) * g / (1 - s[2])
            theta -= 0.05 * ahead / ((s[1] / (1 - pow(0.999, t))).squareRoot() + 1e-8)
        },
        OptimizerFormula("amsgrad(0.05)", states: [0, 0, 0]) { theta, g, t, s in
            moments(g, &s)
            s[2] = max(s[2], s[1])
            theta -= 0.05 * (s[0] / (1 - pow(0.9, t))) / ((s[2] / (1 - pow(0.999, t))).squareRoot() + 1e-8)
        },
        OptimizerFormula("adamw(0.05)", states: [0, 0]) { theta, g, t, s in
            theta -= 0.05 * 0.01 * theta
            moments(g, &s)
            theta -= 0.05 * (s[0] / (1 - pow(0.9, t))) / ((s[1] / (1 - pow(0.999, t))).squareRoot() + 1e-8)
        },
    ]

    private static func rmsprop(_ call: String, mu: Double, isCentered: Bool) -> OptimizerFormula {
        OptimizerFormula(call, states: [0, 0, 0]) { theta, g, _, s in
            s[0] = 0.99 * s[0] + 0.01 * g * g
            s[1] = 0.99 * s[1] + 0.01 * g
            let spread = isCentered ? s[0] - s[1] * s[1] : s[0]
            s[2] = mu * s[2] + g / (spread.squareRoot() + 1e-8)
            theta -= 0.01 * s[2]
        }
    }

    /// The averages of gradient and squared gradient of Adam and its kin.
    private static func moments(_ g: Double, _ s: inout [Double]) {
        s[0] = 0.9 * s[0] + 0.1 * g
        s[1] = 0.999 * s[1] + 0.001 * g * g
    }
}

/// A function to be minimised, in nnx and by its gradient.
struct OptimizerProblem: Sendable, CustomStringConvertible {
    let name: String
    let source: String
    let start: [Double]
    let gradient: @Sendable ([Double]) -> [Double]

    var description: String { name }

    static let all = [
        OptimizerProblem(
            name: "beale",
            source: """
                fn beale(p) {
                    let x = p[0]; let y = p[1]
                    (1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2
                }
                """, start: [1, 1.5]
        ) { p in
            let (x, y) = (p[0], p[1])
            let (a, b, c) = (1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y)
            return [
                2 * a * (y - 1) + 2 * b * (y * y - 1) + 2 * c * (y * y * y - 1),
                2 * a * x + 4 * b * x * y + 6 * c * x * y * y,
            ]
        },
        OptimizerProblem(
            name: "bowl",
            source: "fn bowl(p) = 3 * (p[0] - 1)^2 + 0.5 * (p[1] + 2)^2 + p[0] * p[1]", start: [4, -3]
        ) { p in [6 * (p[0] - 1) + p[1], p[1] + 2 + p[0]] },
    ]
}
