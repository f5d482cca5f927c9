import Graphs
import Tensors

/// What a weight has of its own beside the optimizer's settings, as numbers for one weight or for each number of all.
struct RateChange {
    /// Multiplies the learning rate.
    var factor: Node?
    /// Decay apart from the gradient.
    var decay: Node?
}

/// The update rule of an optimizer as nodes of a graph.
struct OptimizerTrace {
    /// New parameter, of the parameter's type.
    let theta: Node
    /// New states in the order of the definition, of the parameter's type.
    let states: [Node]

    /// Nodes that stand for the number of the step and the schedules' values.
    struct StepInputs {
        let step: Node
        let schedules: [Node]

        init(_ optimizer: OptimizerDefinition, builder: GraphBuilder) {
            let scalar = TensorType(.float64, .scalar)
            step = builder.placeholder("t", scalar)
            schedules = optimizer.schedules.map { builder.placeholder($0.name, scalar) }
        }

        /// With the numbers of a step.
        init(at step: Int, scheduled: [Double], builder: GraphBuilder) throws {
            self.step = try builder.scalar(Double(step))
            schedules = try scheduled.map { try builder.scalar($0) }
        }

        var all: [Node] { [step] + schedules }
    }

    /// - Throws: what the rule throws; `OperationError` where it gives a value of another shape or an unknown state.
    init(
        _ optimizer: OptimizerDefinition, theta: Node, gradient: Node, states: [Node], inputs: StepInputs,
        change: RateChange = RateChange(), builder: GraphBuilder
    ) throws {
        let (origin, scope) = (builder.origin, builder.scope)
        defer { (builder.origin, builder.scope) = (origin, scope) }
        builder.scope = optimizer.name
        func named(_ names: [String], _ nodes: [Node]) -> [String: Node] {
            Dictionary(zip(names, nodes), uniquingKeysWith: { first, _ in first })
        }
        var schedules = named(optimizer.schedules.map(\.name), inputs.schedules)
        var decayed = theta
        if change.factor != nil || change.decay != nil {
            let (name, rate) = try OptimizerTrace.rate(optimizer, schedules, theta.elementType, builder)
            let own = try change.factor.map { try builder.multiply($0, rate) } ?? rate
            schedules[name] = own
            if let decay = change.decay {
                decayed = try builder.subtract(theta, builder.multiply(builder.multiply(own, decay), theta))
            }
        }
        let update = try optimizer.update(
            OptimizerStep(
                theta: decayed, gradient: gradient, step: inputs.step, schedules: schedules,
                states: named(optimizer.states.map(\.name), states)), builder)
        if let unknown = update.states.keys.sorted().first(where: { name in
            !optimizer.states.contains { $0.name == name }
        }) {
            throw OperationError("the optimizer \(optimizer.name) gives '\(unknown)', which is none of its states")
        }
        func settled(_ node: Node, _ what: String) throws -> Node {
            let node = try builder.convert(node, to: theta.elementType)
            guard node.shape == theta.shape || node.shape.broadcast(with: theta.shape) == theta.shape else {
                throw OperationError(
                    "the optimizer \(optimizer.name) gives \(what) another shape",
                    expected: "\(theta.shape), the parameter's", found: "\(node.shape)")
            }
            return try builder.broadcast(node, to: theta.shape)
        }
        self.theta = try settled(update.theta, "theta")
        self.states = try zip(optimizer.states, states).map { state, old in
            try settled(update.states[state.name] ?? old, "the state '\(state.name)'")
        }
    }

    /// The learning rate of a rule, and what the rule calls it.
    ///
    /// - Throws: `OperationError` where it has none.
    private static func rate(
        _ optimizer: OptimizerDefinition, _ schedules: [String: Node], _ type: ElementType, _ builder: GraphBuilder
    ) throws -> (name: String, rate: Node) {
        guard let name = optimizer.rateName else {
            throw OperationError(
                "the optimizer \(optimizer.name) has no learning rate that could be changed for some weights",
                expected: "a setting lr, learning_rate or eta", argument: "optimizer")
        }
        if let scheduled = schedules[name] { return (name, try builder.convert(scheduled, to: type)) }
        let number = optimizer.settings.first { $0.name == name }?.value ?? 0
        return (name, try builder.scalar(number, type))
    }

    /// Whether the rule treats every number of a parameter alike, so that it may run over all parameters at once.
    static func isElementwise(
        _ optimizer: OptimizerDefinition, elementType: ElementType, builder: GraphBuilder
    ) -> Bool {
        let type = TensorType(elementType, [5])
        let states = optimizer.states.map { builder.placeholder($0.name, type) }
        guard
            let trace = try? OptimizerTrace(
                optimizer, theta: builder.placeholder("theta", type), gradient: builder.placeholder("g", type),
                states: states, inputs: StepInputs(optimizer, builder: builder), builder: builder)
        else { return false }
        var seen = Set<Int>()
        var pending = [trace.theta] + trace.states
        while let node = pending.popLast() {
            guard seen.insert(node.id).inserted else { continue }
            pending += node.inputs
            switch node.operation.kernel {
            case .elementwise, .source: continue
            case .alias, .prepared:
                let isScalar = node.inputs.allSatisfy { $0.shape.count == 1 }
                guard isScalar || node.operation.name == "convert" else { return false }
            }
        }
        return true
    }
}
