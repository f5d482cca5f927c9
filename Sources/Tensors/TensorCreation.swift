/// Tensors whose elements follow a rule.
extension Tensor {
    /// Zeros, or any other number, everywhere.
    /// - Throws: `TensorError` for a negative extent, `AllocationError` where memory is refused.
    public static func filled(_ value: Double, shape: Shape, elementType: ElementType = .float64) throws -> Tensor {
        try shape.requireExtents()
        return try Tensor(repeating: value, TensorType(elementType, shape))
    }

    /// The matrix `[size, size]` with ones on the diagonal and zeros elsewhere.
    public static func identity(_ size: Int, elementType: ElementType = .float64) throws -> Tensor {
        let shape: Shape = [size, size]
        try shape.requireExtents()
        let result = try Tensor(uninitialized: TensorType(elementType, shape), zeroed: true)
        for index in 0..<size { result.set(index * (size + 1), 1) }
        return result
    }

    /// `count` numbers at equal distances from `lower` to `upper`, both included; `[lower]` for a count of 1.
    public static func linearlySpaced(
        from lower: Double, to upper: Double, count: Int, elementType: ElementType = .float64
    ) throws -> Tensor {
        try Shape([count]).requireExtents()
        let result = try Tensor(uninitialized: TensorType(elementType, [count]))
        for index in 0..<count {
            // Written so that the last element is `upper` exactly and the sequence is symmetric.
            let share = count > 1 ? Double(index) / Double(count - 1) : 0
            result.set(index, share == 1 ? upper : lower + share * (upper - lower))
        }
        return result
    }

    /// `lower, lower + step, …` up to but not including `upper`; nothing where `step` leads away from it.
    /// - Throws: `TensorError` for a step of 0 or a bound that is not finite.
    public static func arithmeticSequence(
        from lower: Double, to upper: Double, step: Double = 1, elementType: ElementType = .float64
    ) throws -> Tensor {
        let length = ((upper - lower) / step).rounded(.up)
        guard step != 0, length.isFinite else {
            throw TensorError(
                "a sequence from \(lower) to \(upper) in steps of \(step) has no end",
                hint: "use finite bounds and a step other than 0")
        }
        guard length < Double(Int.max / 32) else {
            throw AllocationError(requestedBytes: Int.max, limitBytes: Storage.limitBytes)
        }
        let count = max(0, Int(length))
        let result = try Tensor(uninitialized: TensorType(elementType, [count]))
        for index in 0..<count { result.set(index, lower + Double(index) * step) }
        return result
    }

    /// Only while the tensor is being made.
    private func set(_ index: Int, _ value: Double) {
        switch elementType {
        case .float32: pointer.assumingMemoryBound(to: Float.self)[index] = Float(value)
        case .float64: pointer.assumingMemoryBound(to: Double.self)[index] = value
        }
    }
}
