import Graphs
import Tensors

/// What a trace knows of one layer or block.
public struct LayerRecord: Sendable {
    /// `stage2.block1.conv2`.
    public var path: String
    /// The declaration's name: `conv`.
    public var kind: String
    /// Number of blocks around it.
    public var depth: Int
    /// Whether there are layers inside of it.
    public var isBlock = false
    /// With the batch axis.
    public var outputShape: Shape = .scalar
    /// Numbers in its own weights, those of layers inside not counted.
    public var parameters = 0
    /// Of `parameters`, those that training changes.
    public var trainableParameters = 0
    /// Of its own operations, for the batch that was traced.
    public var multiplyAdds = 0
    /// Size of its output, for the batch that was traced.
    public var activationBytes = 0
    /// Height and width of the part of the input that one element of the output sees; nil where the output has no
    /// position or sees everything.
    public var receptiveField: [Int]?
    /// Where it stands in the script.
    public var origin: Origin?

    public init(path: String, kind: String, depth: Int, origin: Origin?) {
        self.path = path
        self.kind = kind
        self.depth = depth
        self.origin = origin
    }
}
