import Synchronization
import Tensors

/// Where in a script something was written. The graph carries it along and never looks inside:
/// `source` is the interpreter's number for a file, `lower` and `upper` are UTF-8 offsets in it.
public struct Origin: Hashable, Sendable {
    public var source: Int32
    public var lower: Int32
    public var upper: Int32

    public init(source: Int32, lower: Int32, upper: Int32) {
        self.source = source
        self.lower = lower
        self.upper = upper
    }
}

/// The parts of a training step.
public enum TrainingPass: String, Sendable, CaseIterable {
    case forward, backward, update
}

/// One value of a computation: an operation applied to other values.
///
/// The same class serves both ways to run. At the prompt a node has its `value` at once and keeps its inputs only
/// while a derivative is being recorded; in a traced graph it has a type and inputs but no value.
/// Nodes are made by `GraphBuilder` and are numbered in order of creation, so numbers sort topologically.
public final class Node {
    public let id: Int
    public let operation: Operation
    public let attributes: Attributes
    public private(set) var inputs: [Node]
    public private(set) var type: TensorType
    /// The numbers, where they are known already.
    public private(set) var value: Tensor?
    /// Whether a derivative with respect to something before this node may be asked for.
    public let isTracked: Bool
    /// A placeholder's name; otherwise nil.
    public let name: String?
    /// The line of the script that made the node.
    public let origin: Origin?
    /// Path of the layer that made the node (`stage2.block1.conv2`).
    public let scope: String?
    /// The part of a training step that the node belongs to.
    public let pass: TrainingPass

    private static let counter = Atomic<Int>(0)

    init(
        operation: Operation, attributes: Attributes, inputs: [Node], type: TensorType, value: Tensor?,
        isTracked: Bool, name: String? = nil, origin: Origin?, scope: String?, pass: TrainingPass
    ) {
        id = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        self.operation = operation
        self.attributes = attributes
        self.inputs = inputs
        self.type = type
        self.value = value
        self.isTracked = isTracked
        self.name = name
        self.origin = origin
        self.scope = scope
        self.pass = pass
    }

    public var shape: Shape { type.shape }
    public var elementType: ElementType { type.elementType }
    public var isSymbolic: Bool { value == nil }

    /// Element `index` (row-major) of a node that has a value.
    public func number(at index: Int) -> Double? { value?[flat: index] }

    /// Changes element `index` of a constant: that of this very node where `node` is the only reference to it, of another
    /// one otherwise. Nothing that others hold changes.
    public static func setElement(of node: inout Node, at index: Int, to number: Double) throws {
        makeSole(&node)
        try node.value?.setElement(flat: index, to: number)
    }

    /// Adds a number at the end of a constant vector, in the same way.
    public static func append(_ number: Double, to node: inout Node) throws {
        makeSole(&node)
        try node.value?.append(number)
        node.type.shape[0] += 1
    }

    /// Makes `node` a constant that nothing else refers to. It may still share the memory of its numbers.
    private static func makeSole(_ node: inout Node) {
        precondition(!node.isTracked, "only a constant is changed")
        if isKnownUniquelyReferenced(&node), node.operation === SourceOperations.constant { return }
        node = Node(
            operation: SourceOperations.constant, attributes: .none, inputs: [], type: node.type, value: node.value,
            isTracked: false, origin: node.origin, scope: node.scope, pass: node.pass)
    }

    deinit {
        // A loop under `grad` makes a chain as long as the loop ran: take it apart here, not by recursion.
        guard !inputs.isEmpty else { return }
        var pending = inputs
        inputs = []
        while var node = pending.popLast() {
            if isKnownUniquelyReferenced(&node), !node.inputs.isEmpty {
                pending += node.inputs
                node.inputs = []
            }
        }
    }
}
