import Tensors

/// What a plan computes at each run.
public struct PlanDescription {
    /// Placeholders that the caller fills before each run.
    public var inputs: [Node]
    /// Placeholders bound to memory that the caller owns (weights, optimizer states). Memories may overlap.
    public var variables: [(node: Node, memory: Tensor)]
    public var outputs: [Node]
    /// At the end of a run the memory of `variable` becomes `value`. All values are computed from the old memories.
    public var updates: [(variable: Node, value: Node)]

    public init(
        inputs: [Node] = [], variables: [(node: Node, memory: Tensor)] = [], outputs: [Node] = [],
        updates: [(variable: Node, value: Node)] = []
    ) {
        self.inputs = inputs
        self.variables = variables
        self.outputs = outputs
        self.updates = updates
    }
}

/// One step of a plan, for `--explain` and `--profile`.
public struct PlanStep: Sendable {
    /// The operations that the step computes, in order, joined by `+`.
    public var name: String
    /// Which kernel runs.
    public var path: String
    public var scope: String?
    public var origin: Origin?
    public var pass: TrainingPass
    public var output: TensorType
    public var cost: OperationCost
    /// Seconds over all runs so far that were timed.
    public var seconds: Double
}

/// Why a run was stopped before its updates: a guarded output is not a finite number.
public struct NonFiniteValue: Error, Sendable, Equatable {
    /// The first operation whose result holds an infinity or NaN; `placeholder` where an input did.
    public var operation: String
    /// Name of the placeholder, where it is one.
    public var name: String?
    public var scope: String?
    public var origin: Origin?

    public init(operation: String, name: String?, scope: String?, origin: Origin?) {
        self.operation = operation
        self.name = name
        self.scope = scope
        self.origin = origin
    }
}

/// Why a plan was refused before anything was allocated: it needs more memory than there is.
public struct PlanAllocationError: Error, Sendable, Equatable {
    /// One of the largest results that the plan has to keep.
    public struct Item: Sendable, Equatable {
        public var operation: String
        public var type: TensorType
        public var scope: String?
        public var origin: Origin?
    }

    public var requestedBytes: Int
    public var limitBytes: Int
    /// Largest first, at most five.
    public var largest: [Item]
}
