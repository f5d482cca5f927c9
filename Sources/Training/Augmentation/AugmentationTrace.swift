import Graphs
import Networks
import Tensors

/// What training needs of an augmentation: its change of one image, evaluated on a symbolic image.
public protocol AugmentationDefinition {
    /// For messages: `jitter`.
    var name: String { get }
    /// Applies the change to `image` (`[height, width, channels]`, 0…1) and gives the changed image.
    ///
    /// Random numbers are asked for through `trace`.
    ///
    /// - Throws: what the body refuses, `OperationError` among others.
    func trace(_ image: Node, into trace: AugmentationTrace) throws -> Node
}

/// The random numbers of an augmentation while its body is evaluated.
///
/// A number is a function of the seed, of the key (which stands for epoch and sample) and of how many draws the body made
/// before it.
public final class AugmentationTrace {
    /// What the draws of a body are.
    public enum Choice: Sendable, Hashable {
        case random
        /// Every range gives its middle, but range number `draw` an end of it; what is applied by chance is applied.
        case extreme(draw: Int, isHigh: Bool)
    }

    public let builder: GraphBuilder
    /// Ranges that numbers were drawn from, in the order of the draws.
    public private(set) var ranges: [ClosedRange<Double>] = []
    /// The share of the own image where the images of a batch are mixed: a scalar, a function of the key alone.
    public private(set) var mixing: Node?

    private let key: Node
    private let seed: UInt64
    private let choice: Choice
    private var draws = 0

    /// - Parameter key: a scalar, whole and from 0 up: `AugmentationTrace.key(epoch:sample:)`.
    public init(builder: GraphBuilder, key: Node, seed: UInt64, choice: Choice = .random) {
        self.builder = builder
        self.key = key
        self.seed = seed
        self.choice = choice
    }

    /// The number that stands for a sample in an epoch.
    public static func key(epoch: Int, sample: Int) -> Double { Double(epoch) * 0x1p31 + Double(sample) }

    /// Uniform numbers in [0, 1).
    public func uniform(_ shape: Shape) throws -> Node {
        try draw("random_uniform", ["shape": .integers(shape.dimensions)])
    }

    /// A uniform number of a range.
    public func uniform(in range: ClosedRange<Double>) throws -> Node {
        ranges.append(range)
        guard case .extreme(let draw, let isHigh) = choice else {
            let share = try uniform(.scalar)
            return try builder.add(
                builder.multiply(share, range.upperBound - range.lowerBound), range.lowerBound)
        }
        let end = isHigh ? range.upperBound : range.lowerBound
        let middle = range.lowerBound / 2 + range.upperBound / 2
        return try builder.scalar(draw == ranges.count - 1 ? end : middle, .float32)
    }

    /// A number of the beta distribution.
    public func beta(_ a: Double, _ b: Double) throws -> Node {
        try draw("random_beta", ["a": .number(a), "b": .number(b)])
    }

    /// `changed` with a probability, else `unchanged`.
    public func applied(_ changed: Node, withProbability probability: Double, else unchanged: Node) throws -> Node {
        guard probability < 1, choice == .random else { return changed }
        let coin = try uniform(.scalar)
        guard probability > 0, let less = OperationTable["less"] else { return unchanged }
        return try builder.select(
            builder.apply(less, [coin, builder.scalar(probability, .float32)]), changed, unchanged)
    }

    /// Mixes the images of a batch when all else is done; see `BatchMixing`.
    ///
    /// - Throws: `OperationError` where they are mixed already, or the share is no single number or depends on the image.
    public func mix(share: Node, image: Node) throws {
        guard mixing == nil else {
            throw OperationError("the images of a batch are mixed twice", hint: "mix once, at the end")
        }
        guard share.shape.count == 1 else {
            throw OperationError(
                "the share of an image is one number for the batch", expected: "a scalar",
                found: "shape \(share.shape)")
        }
        guard !PlanRoots(outputs: [share]).nodes.contains(where: { $0 === image }) else {
            throw OperationError(
                "the share of an image is the same for the batch and cannot depend on the image",
                expected: "a number that is drawn, such as beta(0.2, 0.2)")
        }
        mixing = try builder.convert(builder.reshape(share, to: .scalar), to: .float32)
    }

    /// Applies mixing that a part of the body asked for with a probability, else not at all.
    public func mixes(withProbability probability: Double) throws {
        guard let share = mixing else { return }
        mixing = try applied(share, withProbability: probability, else: builder.scalar(1, .float32))
    }

    private func draw(_ name: String, _ attributes: Attributes) throws -> Node {
        guard let operation = OperationTable[name] else { preconditionFailure("no operation \(name)") }
        draws += 1
        let stream = Initializer.stream(for: "augmentation draw \(draws)")
        var attributes = attributes
        attributes["seed"] = .integer(Int(Int64(bitPattern: seed)))
        attributes["stream"] = .integer(Int(Int64(bitPattern: stream)))
        attributes["type"] = .text(ElementType.float32.rawValue)
        return try builder.apply(operation, [key], attributes)
    }
}
