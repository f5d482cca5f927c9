import Tensors

/// Why an operation cannot be applied to what it was given. The interpreter adds the place in the script.
public struct OperationError: Error, Sendable, Equatable {
    public var message: String
    /// What would have been right, in named axes (`[batch, 784]`).
    public var expected: String?
    /// What was there instead.
    public var found: String?
    /// A concrete fix.
    public var hint: String?
    /// The argument or setting that is wrong, where it is one: what shows the error points at it.
    public var argument: String?

    public init(
        _ message: String, expected: String? = nil, found: String? = nil, hint: String? = nil, argument: String? = nil
    ) {
        self.message = message
        self.expected = expected
        self.found = found
        self.hint = hint
        self.argument = argument
    }
}

/// One argument of an operation, as a script passes it.
public struct OperationParameter: Sendable {
    public enum Kind: Sendable {
        /// A tensor (or a number, which is a tensor without axes).
        case tensor
        /// A tensor that may be left out; only after all required tensors.
        case optionalTensor
        /// One or more tensors in a list; such an operation has no other tensors.
        case tensors
        case integer
        /// A list of integers, or a single one.
        case integers
        case number
        case flag
        /// One of some words, or (as for `pad`) an integer or a list of integers where `orIntegers`.
        case word([String], orIntegers: Bool)
    }

    public var name: String
    public var kind: Kind
    /// The value when the argument is left out; nil for a required one.
    public var fallback: Attribute?
    /// Whether the argument may be left out although it has no value then (`axis`).
    public var isOptional: Bool

    public init(_ name: String, _ kind: Kind, default fallback: Attribute? = nil, optional: Bool = false) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        isOptional = optional || fallback != nil
    }
}

/// What `?name` shows.
public struct OperationDocumentation: Sendable {
    public var summary: String
    public var formula: String
    /// Shapes in named axes: `[batch, height, width, channels] -> …`.
    public var shapes: String
    /// A line of nnx that runs, with what it gives after `# ->`.
    public var example: String
    /// Paper or textbook, where the formula is somebody's.
    public var source: String?

    public init(_ summary: String, formula: String, shapes: String, example: String, source: String? = nil) {
        self.summary = summary
        self.formula = formula
        self.shapes = shapes
        self.example = example
        self.source = source
    }
}

/// What one application costs, for summaries and for the choice of a kernel.
public struct OperationCost: Sendable, Equatable {
    /// Products that are summed up, as convolutions and matrix products do: comparisons, plain sums and what is done
    /// element by element do not count.
    public var multiplyAdds: Int
    /// Bytes read and written.
    public var bytes: Int

    public init(multiplyAdds: Int, bytes: Int) {
        self.multiplyAdds = multiplyAdds
        self.bytes = bytes
    }

    /// A product of sizes; `Int.max` where it does not fit.
    static func product(_ factors: Int...) -> Int { Shape(factors).count }

    /// Every input read and the output written once; `Int.max` where that does not fit.
    static func bytes(_ inputs: [TensorType], _ output: TensorType) -> Int {
        inputs.reduce(output.byteCount) { sum, input in
            let (total, overflow) = sum.addingReportingOverflow(input.byteCount)
            return overflow ? Int.max : total
        }
    }
}

/// What a derivative rule has at hand: the node, and the gradient of the result with respect to the node's output.
public struct DerivativeRequest {
    public let node: Node
    public let gradient: Node
    /// For each input whether its gradient is asked for.
    public let needed: [Bool]
    public let builder: GraphBuilder

    public var inputs: [Node] { node.inputs }
    public var attributes: Attributes { node.attributes }
}

/// How an operation is computed.
public enum OperationKernel: Sendable {
    /// Element by element with broadcasting: emits instructions that fuse with those of neighbouring operations.
    case elementwise(
        @Sendable (inout ElementwiseProgram, [ElementwiseProgram.Value], Attributes) -> ElementwiseProgram.Value)
    /// A kernel of its own, prepared once for given types.
    case prepared(@Sendable (KernelRequest) throws -> PreparedKernel)
    /// The output is the input's memory under another shape.
    case alias
    /// No kernel: constants and placeholders.
    case source
}

/// One entry of the operation table: everything that there is to know about an operation.
///
/// Adding an operation means adding one of these to its family's list in `Operations/`
/// (CONTRIBUTING.md, "Add an operation").
public final class Operation: Sendable {
    public let name: String
    public let documentation: OperationDocumentation
    public let parameters: [OperationParameter]
    /// Whether scripts may call it by its name; derivative helpers are internal.
    public let isPublic: Bool
    /// The output's type, or an error that says what is wrong and how to mend it.
    public let infer: @Sendable ([TensorType], Attributes) throws -> TensorType
    /// Gradients for the inputs, written in terms of other operations; nil for an input that has none.
    /// No rule means that the operation has derivative zero everywhere (comparisons, rounding) or no tensor inputs.
    public let derivative: (@Sendable (DerivativeRequest) throws -> [Node?])?
    public let cost: @Sendable ([TensorType], TensorType, Attributes) -> OperationCost
    /// What is computed instead, in terms of other operations; nil where the operation itself is. Asked after `infer`,
    /// each time the operation is applied: an entry may be nothing but a formula, or have shortcuts for some inputs.
    public let rewriting: (@Sendable (GraphBuilder, [Node], Attributes) throws -> Node?)?
    public let kernel: OperationKernel

    public init(
        _ name: String, isPublic: Bool = true, documentation: OperationDocumentation,
        parameters: [OperationParameter],
        infer: @escaping @Sendable ([TensorType], Attributes) throws -> TensorType,
        derivative: (@Sendable (DerivativeRequest) throws -> [Node?])?,
        cost: @escaping @Sendable ([TensorType], TensorType, Attributes) -> OperationCost = Operation.elementCost,
        rewriting: (@Sendable (GraphBuilder, [Node], Attributes) throws -> Node?)? = nil,
        kernel: OperationKernel
    ) {
        self.name = name
        self.isPublic = isPublic
        self.documentation = documentation
        self.parameters = parameters
        self.infer = infer
        self.derivative = derivative
        self.cost = cost
        self.rewriting = rewriting
        self.kernel = kernel
    }

    /// An operation that is a formula of others: derivative, cost and kernel are theirs.
    public convenience init(
        _ name: String, isPublic: Bool = true, documentation: OperationDocumentation,
        parameters: [OperationParameter],
        infer: @escaping @Sendable ([TensorType], Attributes) throws -> TensorType,
        rewriting: @escaping @Sendable (GraphBuilder, [Node], Attributes) throws -> Node
    ) {
        self.init(
            name, isPublic: isPublic, documentation: documentation, parameters: parameters, infer: infer,
            derivative: nil, rewriting: { try rewriting($0, $1, $2) }, kernel: .source)
    }

    /// No multiply-adds; every input read and the output written once.
    public static let elementCost: @Sendable ([TensorType], TensorType, Attributes) -> OperationCost = {
        inputs, output, _ in
        OperationCost(multiplyAdds: 0, bytes: OperationCost.bytes(inputs, output))
    }
}
