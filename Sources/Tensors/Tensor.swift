/// What is known of a tensor before it has numbers: its element type and its shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    public var elementType: ElementType
    public var shape: Shape

    public init(_ elementType: ElementType, _ shape: Shape) {
        self.elementType = elementType
        self.shape = shape
    }

    /// Bytes that the elements take; `Int.max` where that does not fit.
    public var byteCount: Int {
        let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: elementType.byteCount)
        return overflow ? Int.max : bytes
    }

    public var description: String { "\(elementType.rawValue)\(shape)" }
}

/// Numbers in row-major order: a view of `count` elements of a storage, starting at `offset`.
///
/// A tensor is a value: once made, its elements do not change. The runtime's own buffers (parameters, plan inputs)
/// are the exception and say so.
public struct Tensor: @unchecked Sendable {
    public let elementType: ElementType
    public private(set) var shape: Shape
    public private(set) var storage: Storage
    /// In elements, from the start of the storage.
    public private(set) var offset: Int

    public var count: Int { shape.count }
    public var type: TensorType { TensorType(elementType, shape) }
    public var byteCount: Int { type.byteCount }

    /// The first element. Valid while the storage lives.
    public var pointer: UnsafeMutableRawPointer { storage.pointer + offset * elementType.byteCount }

    /// A view of a part of a storage.
    public init(elementType: ElementType, shape: Shape, storage: Storage, offset: Int) {
        precondition(offset >= 0 && (offset + shape.count) * elementType.byteCount <= storage.byteCount)
        self.elementType = elementType
        self.shape = shape
        self.storage = storage
        self.offset = offset
    }

    /// New memory, whose elements are zero where `zeroed` and arbitrary otherwise.
    public init(uninitialized type: TensorType, zeroed: Bool = false) throws {
        elementType = type.elementType
        shape = type.shape
        storage = try Storage(byteCount: type.byteCount, zeroed: zeroed)
        offset = 0
    }

    /// Addresses without memory behind them (`Storage.init(reserving:)`).
    public init(reserving type: TensorType) throws {
        elementType = type.elementType
        shape = type.shape
        storage = try Storage(reserving: type.byteCount)
        offset = 0
    }

    /// A tensor filled with one number.
    public init(repeating value: Double, _ type: TensorType) throws {
        try self.init(uninitialized: type, zeroed: value == 0)
        guard value != 0 else { return }
        let count = type.shape.count
        switch type.elementType {
        case .float32:
            pointer.assumingMemoryBound(to: Float.self).update(repeating: Float(value), count: count)
        case .float64:
            pointer.assumingMemoryBound(to: Double.self).update(repeating: value, count: count)
        }
    }

    /// A tensor of the given numbers in row-major order.
    public init(_ values: [Double], shape: Shape, elementType: ElementType = .float64) throws {
        precondition(values.count == shape.count)
        try self.init(uninitialized: TensorType(elementType, shape))
        switch elementType {
        case .float32:
            let target = pointer.assumingMemoryBound(to: Float.self)
            for (index, value) in values.enumerated() { target[index] = Float(value) }
        case .float64:
            let target = pointer.assumingMemoryBound(to: Double.self)
            for (index, value) in values.enumerated() { target[index] = value }
        }
    }

    /// A float32 tensor of the given numbers in row-major order.
    public init(floats values: [Float], shape: Shape) throws {
        precondition(values.count == shape.count, "\(values.count) values for a tensor of shape \(shape)")
        try self.init(uninitialized: TensorType(.float32, shape))
        values.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
        }
    }

    /// A scalar.
    public init(scalar value: Double, elementType: ElementType = .float64) throws {
        try self.init(repeating: value, TensorType(elementType, .scalar))
    }

    /// Element `index` in row-major order.
    public subscript(flat index: Int) -> Double {
        precondition(index >= 0 && index < count)
        switch elementType {
        case .float32: return Double(pointer.assumingMemoryBound(to: Float.self)[index])
        case .float64: return pointer.assumingMemoryBound(to: Double.self)[index]
        }
    }

    /// Changes an element, in place where no other tensor sees this memory.
    ///
    /// - Throws: `AllocationError` where a copy is needed and refused.
    public mutating func setElement(flat index: Int, to number: Double) throws {
        precondition(index >= 0 && index < count)
        if !isKnownUniquelyReferenced(&storage) { try moveElements(room: count) }
        store(number, at: index)
    }

    /// Adds a number at the end of a vector. There is room for as many again each time it is full, so that a row of them
    /// takes a time in proportion to their number.
    ///
    /// - Throws: `AllocationError` where more memory is needed and refused.
    public mutating func append(_ number: Double) throws {
        precondition(shape.rank == 1)
        let count = count
        let isFull = (offset + count + 1) * elementType.byteCount > storage.byteCount
        if isFull || !isKnownUniquelyReferenced(&storage) {
            let most = Storage.limitBytes / elementType.byteCount
            try moveElements(room: max(count + 1, min(2 * count, most), 8))
        }
        store(number, at: count)
        shape[0] = count + 1
    }

    /// Copies the elements to memory of their own for `room` of them.
    private mutating func moveElements(room: Int) throws {
        let moved = try Storage(byteCount: room * elementType.byteCount)
        withExtendedLifetime(storage) { moved.pointer.copyMemory(from: pointer, byteCount: byteCount) }
        (storage, offset) = (moved, 0)
    }

    private func store(_ number: Double, at index: Int) {
        switch elementType {
        case .float32: pointer.assumingMemoryBound(to: Float.self)[index] = Float(number)
        case .float64: pointer.assumingMemoryBound(to: Double.self)[index] = number
        }
    }

    /// All elements in row-major order, as doubles.
    public var doubles: [Double] { withExtendedLifetime(storage) { (0..<count).map { self[flat: $0] } } }

    /// The same elements under another shape of the same count; no copy.
    public func reshaped(to shape: Shape) -> Tensor {
        precondition(shape.count == count)
        return Tensor(elementType: elementType, shape: shape, storage: storage, offset: offset)
    }

    /// The elements in another type; no copy where it is the same.
    public func converted(to target: ElementType) throws -> Tensor {
        guard target != elementType else { return self }
        let result = try Tensor(uninitialized: TensorType(target, shape))
        withExtendedLifetime(storage) {
            switch target {
            case .float32:
                let source = pointer.assumingMemoryBound(to: Double.self)
                let destination = result.pointer.assumingMemoryBound(to: Float.self)
                for index in 0..<count { destination[index] = Float(source[index]) }
            case .float64:
                let source = pointer.assumingMemoryBound(to: Float.self)
                let destination = result.pointer.assumingMemoryBound(to: Double.self)
                for index in 0..<count { destination[index] = Double(source[index]) }
            }
        }
        return result
    }
}
