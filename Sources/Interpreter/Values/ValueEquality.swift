import Graphs
import Tensors

extension Value {
    /// `==`: whole values. Tensors and lists of the same numbers in the same rows are equal, whatever their element type.
    func equals(_ other: Value) -> Bool {
        switch (self, other) {
        case (.none, .none): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.number(let a), .number(let b)): return a == b
        case (.quantity(let a), .quantity(let b)): return a.value == b.value && a.unit == b.unit
        case (.string(let a), .string(let b)): return a == b
        case (.range(let a), .range(let b)):
            return a.lower == b.lower && a.upper == b.upper && a.isClosed == b.isClosed && a.unit == b.unit
        case (.tensor(let a), .tensor(let b)):
            guard a.shape == b.shape, let left = a.value, let right = b.value else { return a === b }
            return left.hasSameNumbers(as: right)
        case (.list(let a), .list(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.equals($1) }
        case (.list(let elements), .tensor(let node)), (.tensor(let node), .list(let elements)):
            guard node.shape.rank > 0, node.shape[0] == elements.count, let value = node.value else { return false }
            let shape = node.shape.removing(axis: 0)
            return elements.indices.allSatisfy { index in
                let row = Tensor(
                    elementType: value.elementType, shape: shape, storage: value.storage,
                    offset: value.offset + index * shape.count)
                return elements[index].equals(row)
            }
        case (.record(let a), .record(let b)):
            return a.count == b.count && a.pairs.allSatisfy { b[$0.name]?.equals($0.value) ?? false }
        case (.function(let a), .function(let b)): return a === b
        case (.object(let a), .object(let b)): return a.isEqual(to: b)
        case (.cell(let cell), _): return cell.value.equals(other)
        case (_, .cell(let cell)): return equals(cell.value)
        default:
            guard !isBool, !other.isBool, let a = plainNumber, let b = other.plainNumber else { return false }
            return a == b
        }
    }

    private func equals(_ tensor: Tensor) -> Bool {
        if tensor.shape.rank == 0 { return plainNumber == tensor[flat: 0] }
        switch self {
        case .tensor(let node):
            return node.value.map { $0.shape == tensor.shape && $0.hasSameNumbers(as: tensor) } ?? false
        case .list(let elements):
            guard elements.count == tensor.shape[0] else { return false }
            let shape = tensor.shape.removing(axis: 0)
            return elements.indices.allSatisfy {
                elements[$0].equals(
                    Tensor(
                        elementType: tensor.elementType, shape: shape, storage: tensor.storage,
                        offset: tensor.offset + $0 * shape.count))
            }
        default: return false
        }
    }

    private var isBool: Bool {
        if case .bool = self { return true }
        return false
    }

    /// Whether something inside is not known while a script is checked, not even its kind.
    var holdsUnknown: Bool {
        switch self {
        case .unknown: true
        case .list(let elements): elements.contains(where: \.holdsUnknown)
        case .record(let record): record.values.contains(where: \.holdsUnknown)
        case .cell(let cell): cell.value.holdsUnknown
        default: false
        }
    }

    /// Whether a number somewhere inside has no value: while checking, or in a function that is traced.
    var hasUnknownParts: Bool {
        switch self {
        case .unknown: true
        case .tensor(let node): node.isSymbolic
        case .list(let elements): elements.contains(where: \.hasUnknownParts)
        case .record(let record): record.values.contains(where: \.hasUnknownParts)
        case .cell(let cell): cell.value.hasUnknownParts
        default: false
        }
    }
}

extension Tensor {
    /// Compares the numbers; equal shapes are the caller's to see to.
    fileprivate func hasSameNumbers(as other: Tensor) -> Bool {
        withExtendedLifetime((storage, other.storage)) {
            for index in 0..<count where self[flat: index] != other[flat: index] { return false }
            return true
        }
    }
}
