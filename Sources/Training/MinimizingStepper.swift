import Graphs
import Tensors

/// The position that `minimize` moves, and the states of its optimizer.
final class MovingPoint {
    /// Written in place by plans.
    var position: Tensor
    var states: [Tensor]

    init(_ request: MinimizeRequest) throws {
        position = try request.start.converted(to: .float64).copied()
        let type = position.type
        states = try request.optimizer.states.map { try Tensor(repeating: $0.initial, type) }
    }
}

/// One way to take the steps of `minimize`.
protocol MinimizingStepper {
    /// Takes step number `step` (from 1); gives the function's value before it. Where that is not finite the point
    /// stays.
    ///
    /// - Parameter scheduled: values of the optimizer's schedules at this step.
    func step(_ step: Int, scheduled: [Double]) throws -> Double
    /// The function's value at the point.
    func value() throws -> Double
}

/// Steps by a compiled plan.
final class PlannedStepper: MinimizingStepper {
    private let plan: Plan
    private let valuePlan: Plan

    /// - Throws: `NeedsValueError` where the function cannot be traced.
    init(_ request: MinimizeRequest, _ point: MovingPoint) throws {
        let optimizer = request.optimizer
        let builder = GraphBuilder(pool: request.pool)
        let theta = builder.placeholder("theta", point.position.type)
        let found = try functionValue(request, theta, builder)
        // A constant has no graph to compile.
        guard found.isSymbolic else { throw NeedsValueError() }
        let gradient = try builder.gradient(of: found, wrt: [theta])[0]
        let states = optimizer.states.map { builder.placeholder($0.name, point.position.type) }
        let inputs = OptimizerTrace.StepInputs(optimizer, builder: builder)
        let trace = try OptimizerTrace(
            optimizer, theta: theta, gradient: gradient, states: states, inputs: inputs, builder: builder)
        let updates = [(theta, trace.theta)] + Array(zip(states, trace.states)).filter { $0.0 !== $0.1 }
        plan = try Plan(
            PlanDescription(
                inputs: inputs.all,
                variables: [(theta, point.position)] + Array(zip(states, point.states)).map { ($0.0, $0.1) },
                outputs: [found], updates: updates.map { (variable: $0.0, value: $0.1) }), pool: request.pool)
        valuePlan = try Plan(
            PlanDescription(inputs: [], variables: [(theta, point.position)], outputs: [found], updates: []),
            pool: request.pool)
    }

    func step(_ step: Int, scheduled: [Double]) throws -> Double {
        plan.inputPointer(0).storeBytes(of: Double(step), as: Double.self)
        for (index, value) in scheduled.enumerated() {
            plan.inputPointer(1 + index).storeBytes(of: value, as: Double.self)
        }
        do {
            try plan.run(guarding: 0)
        } catch is NonFiniteValue {
            return .nan
        }
        return plan.output(0).load(as: Double.self)
    }

    func value() throws -> Double {
        try valuePlan.run()
        return valuePlan.output(0).load(as: Double.self)
    }
}

/// Steps by evaluating the function anew each time.
final class DirectStepper: MinimizingStepper {
    private let request: MinimizeRequest
    private let point: MovingPoint
    private let builder: GraphBuilder

    init(_ request: MinimizeRequest, _ point: MovingPoint) {
        self.request = request
        self.point = point
        builder = GraphBuilder(pool: request.pool)
    }

    func step(_ step: Int, scheduled: [Double]) throws -> Double {
        let theta = builder.constant(point.position, tracked: true)
        let found = try functionValue(request, theta, builder)
        let value = try number(found)
        guard value.isFinite else { return value }
        let gradient = try builder.gradient(of: found, wrt: [theta])[0]
        let trace = try OptimizerTrace(
            request.optimizer, theta: builder.constant(point.position), gradient: try settled(gradient),
            states: point.states.map { builder.constant($0) },
            inputs: OptimizerTrace.StepInputs(at: step, scheduled: scheduled, builder: builder), builder: builder)
        point.position = try tensor(trace.theta)
        point.states = try trace.states.map(tensor)
        return value
    }

    func value() throws -> Double {
        try number(functionValue(request, builder.constant(point.position), builder))
    }

    /// The node's numbers without its history.
    private func settled(_ node: Node) throws -> Node { builder.constant(try tensor(node)) }

    private func number(_ node: Node) throws -> Double { try tensor(node)[flat: 0] }

    private func tensor(_ node: Node) throws -> Tensor {
        guard let value = node.value else { throw OperationError("the function's value is not known") }
        return value
    }
}

/// The function at `theta` as a float64 scalar.
///
/// - Throws: `OperationError` where it has axes.
private func functionValue(_ request: MinimizeRequest, _ theta: Node, _ builder: GraphBuilder) throws -> Node {
    let found = try request.function(theta, builder)
    guard found.shape.count == 1 else {
        throw OperationError(
            "minimize needs a function whose value is one number", expected: "a scalar, shape []",
            found: "shape \(found.shape)", hint: "reduce it first, for example with sum(…)")
    }
    return try builder.reshape(builder.convert(found, to: .float64), to: .scalar)
}
