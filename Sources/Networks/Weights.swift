import Graphs
import Tensors

/// The named weights of a net, in order of declaration. A value: changing a copy leaves the original alone.
public struct Weights: Sendable {
    /// One weight.
    public struct Entry: Sendable {
        public let name: String
        public fileprivate(set) var tensor: Tensor
        /// Whether it is a parameter at all (running statistics are not).
        public let isTrainable: Bool
        /// Whether training is to leave it as it is.
        public fileprivate(set) var isFrozen: Bool
    }

    public private(set) var entries: [Entry] = []
    private var indices: [String: Int] = [:]

    /// No weights.
    public init() {}

    /// New weights for a net, drawn from `seed` (`Initializer.makeTensor`).
    ///
    /// - Parameter kept: weights that are there already; they keep their numbers and whether they are frozen.
    /// - Throws: `OperationError` where `kept` has a weight that the net lacks or one of another shape,
    ///   `AllocationError` where memory is refused.
    public init(
        _ specifications: [WeightSpecification], seed: UInt64, elementType: ElementType = .float32,
        keeping kept: Weights? = nil
    ) throws {
        if let kept {
            let extra = kept.entries.map(\.name).filter { name in !specifications.contains { $0.name == name } }
            guard extra.isEmpty else {
                throw OperationError(
                    "the weights are of another net", expected: WeightMismatch.list(specifications.map(\.name)),
                    found: "also \(WeightMismatch.list(extra))")
            }
        }
        // All together are checked before the first is made: the machine may grant each and not their sum.
        let bytes = specifications.saturatingSum { TensorType(elementType, $0.shape).byteCount }
        guard bytes <= Storage.limitBytes else {
            throw AllocationError(requestedBytes: bytes, limitBytes: Storage.limitBytes)
        }
        for specification in specifications {
            let type = TensorType(elementType, specification.shape)
            let tensor: Tensor
            if let old = kept?[specification.name] {
                guard old.shape == specification.shape else {
                    throw OperationError(
                        "the weight '\(specification.name)' has another shape",
                        expected: "\(specification.shape)", found: "\(old.shape)")
                }
                tensor = try old.converted(to: elementType)
            } else {
                tensor = try specification.initializer.makeTensor(name: specification.name, type: type, seed: seed)
            }
            append(
                specification.name, tensor, isTrainable: specification.isTrainable,
                isFrozen: kept?.isFrozen(specification.name) ?? false)
        }
    }

    /// Weights without memory, for what is measured and never run.
    public init(
        reserving specifications: [WeightSpecification], elementType: ElementType, isFrozen: (String) -> Bool
    ) throws {
        for specification in specifications {
            append(
                specification.name, try Tensor(reserving: TensorType(elementType, specification.shape)),
                isTrainable: specification.isTrainable, isFrozen: isFrozen(specification.name))
        }
    }

    /// Adds a weight at the end. A name that is there already is replaced in its place.
    public mutating func append(
        _ name: String, _ tensor: Tensor, isTrainable: Bool = true, isFrozen: Bool = false
    ) {
        let entry = Entry(name: name, tensor: tensor, isTrainable: isTrainable, isFrozen: isFrozen)
        if let index = indices[name] {
            entries[index] = entry
        } else {
            indices[name] = entries.count
            entries.append(entry)
        }
    }

    public var count: Int { entries.count }

    /// Number of numbers in all weights but those that are no parameters (running statistics).
    public var parameterCount: Int { entries.reduce(0) { $0 + ($1.isTrainable ? $1.tensor.count : 0) } }

    /// The numbers of the weight `name`; nil where there is none.
    public subscript(name: String) -> Tensor? { indices[name].map { entries[$0].tensor } }

    /// Gives the weight `name` other numbers of the same shape, in its own element type.
    ///
    /// - Throws: `OperationError` where there is no such weight or the shape differs.
    public mutating func set(_ name: String, to tensor: Tensor) throws {
        guard let index = indices[name] else {
            throw OperationError("there is no weight '\(name)'", expected: WeightMismatch.list(entries.map(\.name)))
        }
        let old = entries[index].tensor
        guard old.shape == tensor.shape else {
            throw OperationError(
                "the weight '\(name)' has another shape", expected: "\(old.shape)", found: "\(tensor.shape)")
        }
        entries[index].tensor = try tensor.converted(to: old.elementType)
    }

    /// Only the weights whose name `isIncluded` holds for.
    public func filter(_ isIncluded: (_ name: String) throws -> Bool) rethrows -> Weights {
        var result = Weights()
        for entry in entries where try isIncluded(entry.name) {
            result.append(entry.name, entry.tensor, isTrainable: entry.isTrainable, isFrozen: entry.isFrozen)
        }
        return result
    }

    /// Layers all of whose statistics are frozen, by their paths.
    public var layersWithFrozenStatistics: Set<String> {
        let statistics = Dictionary(grouping: entries.filter { !$0.isTrainable }) { entry in
            entry.name.split(separator: ".").dropLast().joined(separator: ".")
        }
        return Set(statistics.filter { $0.value.allSatisfy(\.isFrozen) }.keys)
    }

    public func isFrozen(_ name: String) -> Bool { indices[name].map { entries[$0].isFrozen } ?? false }

    /// Freezes (or thaws) what `selector` selects.
    ///
    /// - Throws: `OperationError` where it selects nothing.
    public mutating func setFrozen(_ isFrozen: Bool, _ selector: Selector) throws {
        let chosen = entries.indices.filter { selector.matches(entries[$0].name) }
        guard !chosen.isEmpty else {
            throw WeightMismatch.selectsNothing(selector, among: entries.map(\.name))
        }
        for index in chosen { entries[index].isFrozen = isFrozen }
    }

    /// The numbers of all weights in order, as little-endian bytes: the same for the same weights, whatever made them.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + $1.tensor.byteCount })
        for entry in entries { entry.tensor.appendBytes(to: &bytes) }
        return bytes
    }
}

extension Weights: Equatable {
    /// Whether names, order, shapes and every bit of the numbers agree.
    public static func == (left: Weights, right: Weights) -> Bool {
        left.count == right.count
            && zip(left.entries, right.entries).allSatisfy {
                $0.name == $1.name && $0.tensor.hasSameBits(as: $1.tensor)
            }
    }
}

extension Tensor {
    /// Appends the elements' bytes.
    func appendBytes(to bytes: inout [UInt8]) {
        withExtendedLifetime(storage) {
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: pointer, count: byteCount))
        }
    }

    /// Whether type, shape and every bit agree.
    func hasSameBits(as other: Tensor) -> Bool {
        guard type == other.type else { return false }
        return withExtendedLifetime((storage, other.storage)) {
            UnsafeRawBufferPointer(start: pointer, count: byteCount)
                .elementsEqual(UnsafeRawBufferPointer(start: other.pointer, count: byteCount))
        }
    }
}
