import Tensors

/// The way of a point, thinned so that it stays in bounds.
struct PositionPath {
    private let shape: Shape
    /// Every how many steps a position is kept.
    private let interval: Int
    private var numbers: [Double] = []
    private var offered = 0

    init(shape: Shape, steps: Int) {
        self.shape = shape
        let room = max(2, MinimizeResult.pathLimit / max(shape.count, 1))
        // One place is for the last position.
        interval = steps < room ? 1 : steps / (room - 1) + 1
        numbers.reserveCapacity(min(steps / interval + 2, 1 << 16) * shape.count)
    }

    mutating func append(_ position: Tensor) {
        if offered % interval == 0 { keep(position) }
        offered += 1
    }

    /// Adds the last position where it was left out.
    mutating func finish(_ position: Tensor) {
        if (offered - 1) % interval != 0 { keep(position) }
    }

    private mutating func keep(_ position: Tensor) {
        withExtendedLifetime(position.storage) {
            numbers.append(
                contentsOf: UnsafeBufferPointer(
                    start: position.pointer.assumingMemoryBound(to: Double.self), count: position.count))
        }
    }

    /// `[points] + shape`.
    func tensor() throws -> Tensor {
        try Tensor(numbers, shape: Shape([numbers.count / shape.count] + shape.dimensions))
    }
}
