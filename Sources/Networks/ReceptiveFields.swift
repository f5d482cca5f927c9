import Graphs
import Tensors

/// Receptive fields of nodes `[batch, height, width, channels]`, from the window and stride of what lies before them.
///
/// A window of `k` with dilation `d` adds `d (k - 1) j`, where the jump `j` is the product of the strides before it;
/// Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019).
struct ReceptiveFields {
    private struct Field {
        var size: [Int]
        var jump: [Int]
    }

    private var known: [Int: Field?] = [:]

    /// Tells that a placeholder is a weight and not the image.
    mutating func exclude(_ node: Node) { known[node.id] = .some(nil) }

    /// Height and width that an element of `node` sees.
    mutating func size(at node: Node) -> [Int]? {
        var pending = [node]
        while let next = pending.last {
            if known[next.id] != nil {
                pending.removeLast()
                continue
            }
            let unknown = next.inputs.filter { known[$0.id] == nil }
            if unknown.isEmpty {
                known[next.id] = .some(field(of: next))
                pending.removeLast()
            } else {
                pending += unknown
            }
        }
        return known[node.id].flatMap { $0 }?.size
    }

    private func field(of node: Node) -> Field? {
        guard node.shape.rank == 4 else { return nil }
        if node.inputs.isEmpty { return node.isSymbolic ? Field(size: [1, 1], jump: [1, 1]) : nil }
        let inputs = node.inputs.compactMap { known[$0.id].flatMap { $0 } }
        guard let first = inputs.first else { return nil }
        let merged = inputs.dropFirst().reduce(first) { left, right in
            Field(
                size: zip(left.size, right.size).map { max($0, $1) },
                jump: zip(left.jump, right.jump).map { max($0, $1) })
        }
        switch node.operation.kernel {
        case .elementwise, .alias: return merged
        case .source: return nil
        case .prepared: return grown(merged, by: node)
        }
    }

    private func grown(_ field: Field, by node: Node) -> Field? {
        let window: [Int]?
        var ownStride = [1, 1]
        switch node.operation.name {
        case "conv2d": window = node.inputs.count > 1 ? Array(node.inputs[1].shape.dimensions.prefix(2)) : nil
        case "max_pool2d", "avg_pool2d":
            window = node.attributes.perAxis("window", count: 2)
            ownStride = window ?? ownStride
        case "concat", "pad", "convert": window = [1, 1]
        default: window = nil
        }
        guard let window else { return nil }
        let stride = node.attributes.perAxis("stride", count: 2) ?? ownStride
        let dilation = node.attributes.perAxis("dilation", count: 2) ?? [1, 1]
        return Field(
            size: (0..<2).map { field.size[$0] + (window[$0] - 1) * dilation[$0] * field.jump[$0] },
            jump: (0..<2).map { field.jump[$0] * stride[$0] })
    }
}
