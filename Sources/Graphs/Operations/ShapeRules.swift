import Tensors

/// Checks that shape rules share, and the words in which they complain.
enum ShapeRules {
    /// Tensors have at most this many axes: the kernels' loops are that deep.
    static let largestRank = 8
    /// Settings such as padding or stride are refused from here on, so that sizes computed with them cannot overflow.
    static let largestSetting = 1 << 31

    /// The axis that `axis` names in `shape`; negative ones count from the end.
    static func axis(_ axis: Int, of shape: Shape, for name: String) throws -> Int {
        if let resolved = shape.resolve(axis: axis) { return resolved }
        let expected =
            shape.rank == 0
            ? "no axis: a scalar has none" : "an axis from \(-shape.rank) to \(shape.rank - 1) of a shape \(shape)"
        throw OperationError(
            "'\(name)' has no axis \(axis) to work on", expected: expected, found: "axis \(axis)",
            hint: shape.rank == 0 ? nil : "the last axis is -1")
    }

    /// The axes of setting `axis`, sorted and each once; all axes where the setting is absent.
    static func axes(_ attributes: Attributes, of shape: Shape, for name: String) throws -> [Int] {
        guard let named = attributes.integers("axis") else { return Array(shape.dimensions.indices) }
        var axes: [Int] = []
        for entry in named {
            let resolved = try axis(entry, of: shape, for: name)
            guard !axes.contains(resolved) else {
                throw OperationError(
                    "'\(name)' was given axis \(resolved) twice", expected: "each axis once",
                    found: "axis \(named)")
            }
            axes.append(resolved)
        }
        return axes.sorted()
    }

    /// `shape` without `axes`, or with extent 1 there where `keep`.
    static func reduced(_ shape: Shape, axes: [Int], keep: Bool) -> Shape {
        var result: [Int] = []
        for (axis, extent) in shape.dimensions.enumerated() {
            if !axes.contains(axis) {
                result.append(extent)
            } else if keep {
                result.append(1)
            }
        }
        return Shape(result)
    }

    /// The shape that all inputs broadcast to.
    static func broadcast(_ inputs: [TensorType], for name: String) throws -> Shape {
        var result = inputs[0].shape
        for input in inputs.dropFirst() {
            guard let shape = result.broadcast(with: input.shape) else {
                throw broadcastError(result, input.shape, for: name)
            }
            result = shape
        }
        return result
    }

    private static func broadcastError(_ left: Shape, _ right: Shape, for name: String) -> OperationError {
        var hint: String?
        for distance in 1...max(1, min(left.rank, right.rank)) {
            let (first, second) = (left[left.rank - distance], right[right.rank - distance])
            if first != second, first != 1, second != 1 {
                hint = "\(place(distance, left, right)) \(first) on the left and \(second) on the right"
                break
            }
        }
        return OperationError(
            "'\(name)' cannot combine shapes \(left) and \(right)",
            expected: "extents that are equal or 1, compared from the last axis", found: "\(left) and \(right)",
            hint: hint)
    }

    /// The axis `distance` from the end, for batches of images by its name.
    private static func place(_ distance: Int, _ left: Shape, _ right: Shape) -> String {
        let names = ["batch", "height", "width", "channels"]
        if left.rank == names.count, right.rank == names.count {
            return "of [\(names.joined(separator: ", "))] the axis \(names[names.count - distance]) has extent"
        }
        return (distance == 1 ? "the last axis" : "axis \(-distance)") + " has extent"
    }

    /// The shape that a list of extents means; each must be a whole number from 0.
    static func extents(_ attributes: Attributes, _ setting: String, for name: String) throws -> Shape {
        guard let extents = attributes.integers(setting) else {
            throw OperationError("'\(name)' needs \(setting)", expected: "a list of extents, for example [2, 3]")
        }
        if let wrong = extents.first(where: { $0 < 0 }) {
            throw OperationError(
                "'\(name)' cannot make an axis of extent \(wrong)", expected: "extents from 0", found: "\(extents)")
        }
        return Shape(extents)
    }

    /// How to make a batch of images of a tensor of another rank.
    static func imageHint(_ input: TensorType) -> String? {
        switch input.shape.rank {
        case 3: "a single image needs an axis in front: reshape(x, [1, …])"
        case 2:
            "layers of images stand before flatten and dense; reshape(x, [batch, height, width, channels]) makes images"
        default: nil
        }
    }

    /// A matrix or batch of images in words: `[batch, height, width, channels]` against what is there.
    static func requireRank(_ rank: Int, _ input: TensorType, _ axes: String, for name: String, hint: String? = nil)
        throws
    {
        guard input.shape.rank != rank else { return }
        throw OperationError(
            "'\(name)' works on \(rank) axes, not on \(input.shape.rank)", expected: axes,
            found: "shape \(input.shape)", hint: hint)
    }
}
