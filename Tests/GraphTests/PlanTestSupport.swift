import Scheduling
import Tensors

import Graphs

/// A small generator with a fixed course, so that a failing graph can be made again.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number() -> Double { Double(next() >> 11) / Double(1 << 53) * 2 - 1 }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func tensor(_ type: TensorType) throws -> Tensor {
        try Tensor((0..<type.shape.count).map { _ in number() }, shape: type.shape, elementType: type.elementType)
    }
}

/// The node with the operation's name.
func apply(_ name: String, _ inputs: [Node], _ attributes: Attributes = .none, _ builder: GraphBuilder) throws -> Node {
    guard let operation = OperationTable[name] else { throw OperationError("no operation '\(name)'") }
    return try builder.apply(operation, inputs, attributes)
}

/// Computes nodes one by one on the numbers given for placeholders: what plans are compared with.
func directly(_ nodes: [Node], _ sources: [Int: Tensor], _ builder: GraphBuilder) throws -> [Tensor] {
    var values: [Int: Node] = [:]
    for node in PlanRoots(outputs: nodes, updates: []).nodes {
        if let source = sources[node.id] {
            values[node.id] = builder.constant(source)
        } else if node.isSymbolic {
            values[node.id] = try builder.apply(
                node.operation, node.inputs.compactMap { values[$0.id] }, node.attributes)
        } else {
            values[node.id] = node
        }
    }
    return nodes.compactMap { values[$0.id]?.value }
}

/// A copy with memory of its own.
func copy(_ tensor: Tensor) throws -> Tensor {
    try Tensor(tensor.doubles, shape: tensor.shape, elementType: tensor.elementType)
}

/// Whether numbers agree within `tolerance`, relative to the larger of them and 1; NaN agrees with NaN.
func agree(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { x, y in
            x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * max(1, abs(x), abs(y))
        }
}

extension Plan {
    func doubles(_ index: Int, _ type: TensorType) -> [Double] {
        switch type.elementType {
        case .float32:
            UnsafeBufferPointer(start: output(index).assumingMemoryBound(to: Float.self), count: type.shape.count)
                .map(Double.init)
        case .float64:
            Array(
                UnsafeBufferPointer(start: output(index).assumingMemoryBound(to: Double.self), count: type.shape.count))
        }
    }

    func write(_ tensor: Tensor, toInput index: Int) {
        inputPointer(index).copyMemory(from: tensor.pointer, byteCount: tensor.byteCount)
    }
}
