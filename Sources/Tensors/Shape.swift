/// The extents of a tensor, outermost axis first. A scalar has no axes.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public var dimensions: [Int]

    public init(_ dimensions: [Int]) {
        self.dimensions = dimensions
    }

    public init(arrayLiteral elements: Int...) {
        dimensions = elements
    }

    public static let scalar = Shape([])

    public var rank: Int { dimensions.count }

    /// Number of elements; 1 for a scalar. `Int.max` where the product does not fit.
    public var count: Int {
        var product = 1
        for dimension in dimensions {
            let (value, overflow) = product.multipliedReportingOverflow(by: dimension)
            if overflow { return dimensions.contains(0) ? 0 : Int.max }
            product = value
        }
        return product
    }

    public subscript(axis: Int) -> Int {
        get { dimensions[axis] }
        set { dimensions[axis] = newValue }
    }

    /// Elements to step over for one step along each axis, in row-major order.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in dimensions.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] &* dimensions[axis + 1]
        }
        return strides
    }

    /// The axis that `axis` names (negative counts from the end), or nil where there is none.
    public func resolve(axis: Int) -> Int? {
        let resolved = axis < 0 ? axis + rank : axis
        return dimensions.indices.contains(resolved) ? resolved : nil
    }

    /// The shape that `self` and `other` broadcast to, aligned at the last axis, or nil where they do not.
    public func broadcast(with other: Shape) -> Shape? {
        if self == other { return self }
        let rank = max(self.rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 0..<rank {
            let left = axis < rank - self.rank ? 1 : dimensions[axis - (rank - self.rank)]
            let right = axis < rank - other.rank ? 1 : other.dimensions[axis - (rank - other.rank)]
            if left == right || right == 1 {
                result[axis] = left
            } else if left == 1 {
                result[axis] = right
            } else {
                return nil
            }
        }
        return Shape(result)
    }

    /// Element strides with which a row-major tensor of this shape is read as if it had `target`'s shape
    /// (0 along broadcast axes). The shape must broadcast to `target`.
    public func broadcastStrides(to target: Shape) -> [Int] {
        let own = strides
        let shift = target.rank - rank
        return (0..<target.rank).map { axis in
            axis < shift || dimensions[axis - shift] == 1 ? 0 : own[axis - shift]
        }
    }

    public func removing(axis: Int) -> Shape {
        var copy = dimensions
        copy.remove(at: axis)
        return Shape(copy)
    }

    public var description: String {
        "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
    }
}
