import CKernels
import Tensors

/// How the operands of an elementwise program are walked: axes of the result that every operand steps through
/// evenly are merged, then each operand gets the simplest access that serves it.
struct BroadcastLayout {
    /// Extents of the result after merging, without axes of extent 1; at most `NNX_RANK_MAX`.
    private(set) var shape: [Int]
    /// One for each operand.
    private(set) var operands: [nnx_operand]
    /// - Throws: `OperationError` where an operand does not broadcast to `result` or too many axes remain.
    init(operands shapes: [Shape], result: Shape) throws {
        var strides: [[Int]] = []
        for operand in shapes {
            guard operand.broadcast(with: result) == result else {
                throw OperationError("shape \(operand) does not broadcast to \(result)")
            }
            strides.append(operand.broadcastStrides(to: result))
        }
        var merged: [Int] = []
        var mergedStrides = [[Int]](repeating: [], count: shapes.count)
        for axis in result.dimensions.indices where result[axis] != 1 {
            let extent = result[axis]
            let joins =
                !merged.isEmpty
                && strides.indices.allSatisfy { mergedStrides[$0].last == strides[$0][axis] * extent }
            if joins {
                merged[merged.count - 1] *= extent
            } else {
                merged.append(extent)
            }
            for operand in strides.indices {
                if joins { mergedStrides[operand].removeLast() }
                mergedStrides[operand].append(strides[operand][axis])
            }
        }
        guard merged.count <= Int(NNX_RANK_MAX) else {
            throw OperationError("an elementwise program has too many axes", found: "shape \(result)")
        }
        shape = merged
        operands = mergedStrides.map { Self.operand(strides: $0, shape: merged) }
    }

    private static func operand(strides: [Int], shape: [Int]) -> nnx_operand {
        var operand = nnx_operand()
        withUnsafeMutableBytes(of: &operand.strides) { bytes in
            let target = bytes.assumingMemoryBound(to: Int.self)
            for axis in strides.indices { target[axis] = strides[axis] }
        }
        if strides == Shape(shape).strides {
            operand.access = .contiguous
        } else if strides.allSatisfy({ $0 == 0 }) {
            operand.access = .scalar
        } else if strides.last == 1, strides.dropLast().allSatisfy({ $0 == 0 }) {
            operand.access = .row
        } else {
            operand.access = .strided
        }
        return operand
    }
}
