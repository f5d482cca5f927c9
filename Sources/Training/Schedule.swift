/// A setting of an optimizer that changes with the step.
public struct Schedule {
    /// What is known of a run from one validation to the next.
    public struct Course: Sendable, Equatable {
        /// Steps of the whole run.
        public var steps: Int
        /// Nil where there are no epochs.
        public var stepsPerEpoch: Int?
        /// Of the epochs that are done; nil where nothing is validated.
        public var validationLoss: [Double]?

        public init(steps: Int, stepsPerEpoch: Int? = nil, validationLoss: [Double]? = nil) {
            self.steps = steps
            self.stepsPerEpoch = stepsPerEpoch
            self.validationLoss = validationLoss
        }
    }

    /// The value at each step, counted from 1, until the next validation. It depends on nothing but the course, so that a
    /// run that is resumed goes on with the same numbers.
    public var function: (Course) throws -> (_ step: Int) throws -> Double

    public init(function: @escaping (Course) throws -> (_ step: Int) throws -> Double) {
        self.function = function
    }

    /// A function of the step alone.
    public init(_ value: @escaping (_ step: Int) throws -> Double) {
        function = { _ in value }
    }
}

/// The settings of an optimizer that change, in one part of a run.
struct ScheduledSettings {
    private let optimizer: OptimizerDefinition
    private let functions: [(_ step: Int) throws -> Double]
    /// Where the learning rate is among the values of a step, or its number where it never changes.
    private let ratePlace: Int?
    private let constantRate: Double?

    /// - Throws: what the schedules throw.
    init(_ optimizer: OptimizerDefinition, over course: Schedule.Course) throws {
        self.optimizer = optimizer
        let name = optimizer.rateName
        ratePlace = optimizer.schedules.firstIndex { $0.name == name }
        constantRate = optimizer.settings.first { $0.name == name }?.value
        functions = try optimizer.schedules.map { try $0.value.function(course) }
    }

    /// The values at a step, in the order of the definition.
    ///
    /// - Throws: `OperationError` on a value that is not finite or a negative rate, and what the schedules throw.
    func values(at step: Int) throws -> [Double] {
        try functions.indices.map { index in
            let value = try functions[index](step)
            try optimizer.check(optimizer.schedules[index].name, value, step: step)
            return value
        }
    }

    /// The learning rate among a step's values, or the one that never changes; nil for a rule without.
    func learningRate(among values: [Double]) -> Double? { ratePlace.map { values[$0] } ?? constantRate }
}
