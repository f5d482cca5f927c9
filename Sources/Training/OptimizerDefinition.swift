import Graphs
import Tensors

/// What an update rule reads.
public struct OptimizerStep {
    /// The parameter.
    public var theta: Node
    /// Derivative of the objective with respect to it.
    public var gradient: Node
    /// Number of the step, from 1; rank 0, float64.
    public var step: Node
    /// Values of the schedules at this step by name; rank 0, float64.
    public var schedules: [String: Node]
    /// By name; each has the parameter's shape.
    public var states: [String: Node]

    public init(theta: Node, gradient: Node, step: Node, schedules: [String: Node], states: [String: Node]) {
        self.theta = theta
        self.gradient = gradient
        self.step = step
        self.schedules = schedules
        self.states = states
    }
}

/// What an update rule gives.
public struct OptimizerUpdate {
    public var theta: Node
    /// By name; a state that is left out stays as it is.
    public var states: [String: Node]

    public init(theta: Node, states: [String: Node] = [:]) {
        self.theta = theta
        self.states = states
    }
}

/// A declared optimizer with its settings.
public struct OptimizerDefinition {
    public var name: String
    /// States, each as large as the parameter and filled with one number at first.
    public var states: [(name: String, initial: Double)]
    /// Settings that are numbers, those by default included.
    public var settings: [(name: String, value: Double)]
    /// Settings that change with the step.
    public var schedules: [(name: String, value: Schedule)]
    /// Refuses settings before the first step.
    public var validate: () throws -> Void
    /// One step of the rule, in nodes. Called with a parameter of any shape.
    public var update: (OptimizerStep, GraphBuilder) throws -> OptimizerUpdate

    public init(
        name: String, states: [(name: String, initial: Double)] = [],
        settings: [(name: String, value: Double)] = [],
        schedules: [(name: String, value: Schedule)] = [],
        validate: @escaping () throws -> Void = {},
        update: @escaping (OptimizerStep, GraphBuilder) throws -> OptimizerUpdate
    ) {
        self.name = name
        self.states = states
        self.settings = settings
        self.schedules = schedules
        self.validate = validate
        self.update = update
    }

    /// Settings that are rates by their name: they must not be negative.
    static let rateNames: Set<String> = ["lr", "learning_rate", "eta"]

    /// What the rule calls its learning rate; nil where no setting is called so.
    var rateName: String? {
        (schedules.map(\.name) + settings.map(\.name)).first(where: OptimizerDefinition.rateNames.contains)
    }

    /// Checks the settings.
    ///
    /// - Throws: `OperationError` on a number that is not finite or a negative learning rate, and what `validate` throws.
    func check() throws {
        for (setting, value) in settings { try check(setting, value, step: nil) }
        try validate()
    }

    /// - Throws: `OperationError` on a value that is not finite or a negative rate.
    func check(_ setting: String, _ value: Double, step: Int?) throws {
        let isRate = OptimizerDefinition.rateNames.contains(setting)
        guard value.isFinite, !isRate || value >= 0 else {
            throw OperationError(
                "'\(setting)' of \(name) is \(value)" + (step.map { " at step \($0)" } ?? ""),
                expected: isRate ? "a number of 0 or more" : "a finite number", found: "\(value)",
                hint: value < 0 ? "a step is taken against the gradient already: give the rate as \(-value)" : nil,
                argument: "optimizer")
        }
    }
}
