import Graphs

/// The loss became infinite or no number. The weights are those before the step.
public struct NonFiniteLoss: Error, Sendable {
    /// Counted from 1.
    public let epoch: Int
    /// Counted from 1, within the epoch.
    public let step: Int
    /// The operation that first gave an infinite number or none.
    public let operation: String
    /// The weight or input that held such a number before any operation; nil where an operation made it.
    public let name: String?
    /// Path of the layer that it belongs to, or `loss`; nil where it belongs to none.
    public let scope: String?
    /// Its place in the script.
    public let origin: Origin?

    init(_ value: NonFiniteValue, epoch: Int, step: Int) {
        self.epoch = epoch
        self.step = step
        (operation, name, scope, origin) = (value.operation, value.name, value.scope, value.origin)
    }

    public var message: String {
        let source =
            name.map { "'\($0)' holds the first such value" }
            ?? "the first such value comes from '\(operation)'" + (scope.map { " in \($0)" } ?? "")
        return "the loss is not a finite number at epoch \(epoch), step \(step): \(source)"
    }

    public var hint: String { "lower the learning rate, or look for a division by 0 or a logarithm of 0 there" }
}

/// The work was broken off (`CancellationToken.Level.aborted`), or something that has no half result was stopped.
public struct Cancelled: Error, Sendable {
    public init() {}
}

/// Thrown by a function that is being traced where it needs the number of a value that has none yet, as a condition
/// does. `minimize` then runs the function step by step.
public struct NeedsValueError: Error, Sendable {
    /// The place in the script that needs it.
    public var origin: Origin?

    public init(origin: Origin? = nil) {
        self.origin = origin
    }
}
