import Graphs
import Tensors

/// What is known of a weight before it has numbers.
public struct WeightSpecification: Sendable {
    /// Path of its layer and its own name: `stage2.block1.conv2.W`.
    public var name: String
    public var shape: Shape
    /// How its first numbers are drawn.
    public var initializer: Initializer
    /// Whether training changes it (running statistics, for one, are no parameters).
    public var isTrainable: Bool
    /// The line of the script that declares it.
    public var origin: Origin?

    public init(
        name: String, shape: Shape, initializer: Initializer, isTrainable: Bool = true, origin: Origin? = nil
    ) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.isTrainable = isTrainable
        self.origin = origin
    }
}
