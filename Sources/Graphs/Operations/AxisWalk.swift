import Scheduling
import Tensors

/// Visits every line of a tensor along some of its axes, for kernels whose output has the input's shape.
struct AxisWalk: Sendable {
    /// The elements of one line, in row-major order of the walked axes.
    struct Line<E: KernelElement> {
        fileprivate let base: UnsafePointer<E>
        fileprivate let offsets: UnsafePointer<Int>
        let count: Int
        subscript(index: Int) -> E { base[offsets[index]] }
    }

    struct MutableLine<E: KernelElement> {
        fileprivate let base: UnsafeMutablePointer<E>
        fileprivate let offsets: UnsafePointer<Int>
        let count: Int
        subscript(index: Int) -> E {
            get { base[offsets[index]] }
            nonmutating set { base[offsets[index]] = newValue }
        }
    }

    /// Where each line begins, and where its elements are from there.
    private let starts: [Int]
    private let offsets: [Int]
    private let elementType: ElementType

    init(_ request: KernelRequest, name: String) throws {
        let shape = request.inputs[0].shape
        let axes = try ShapeRules.axes(request.attributes, of: shape, for: name)
        self.init(shape, axes: axes, elementType: request.output.elementType)
    }

    init(_ shape: Shape, axes: [Int], elementType: ElementType) {
        let others = shape.dimensions.indices.filter { !axes.contains($0) }
        starts = Self.places(shape, others)
        offsets = Self.places(shape, axes)
        self.elementType = elementType
    }

    private static func places(_ shape: Shape, _ axes: [Int]) -> [Int] {
        let strides = shape.strides
        var places = [0]
        for axis in axes {
            places = places.flatMap { place in (0..<shape[axis]).map { place + $0 * strides[axis] } }
        }
        return places
    }

    /// A kernel that treats each line by one of the two closures.
    func kernel(
        _ path: String, float: @escaping @Sendable (Line<Float>, MutableLine<Float>) -> Void,
        double: @escaping @Sendable (Line<Double>, MutableLine<Double>) -> Void
    ) -> PreparedKernel {
        PreparedKernel(path: path) { arguments in
            switch elementType {
            case .float32: run(arguments.inputs[0].floats, arguments.output.floats, arguments.pool, float)
            case .float64: run(arguments.inputs[0].doubles, arguments.output.doubles, arguments.pool, double)
            }
        }
    }

    private static let elementsPerChunk = 1 << 14

    private func run<E: KernelElement>(
        _ x: UnsafePointer<E>, _ y: UnsafeMutablePointer<E>, _ pool: ThreadPool,
        _ line: (Line<E>, MutableLine<E>) -> Void
    ) {
        let linesPerChunk = Swift.max(1, Self.elementsPerChunk / Swift.max(1, offsets.count))
        let chunks = (starts.count + linesPerChunk - 1) / linesPerChunk
        starts.withUnsafeBufferPointer { starts in
            offsets.withUnsafeBufferPointer { offsets in
                guard let places = offsets.baseAddress else { return }
                pool.parallelFor(chunks, nanoseconds: Double(starts.count * offsets.count) * 2) { chunk, _ in
                    let first = chunk * linesPerChunk
                    for index in first..<Swift.min(first + linesPerChunk, starts.count) {
                        line(
                            Line(base: x + starts[index], offsets: places, count: offsets.count),
                            MutableLine(base: y + starts[index], offsets: places, count: offsets.count))
                    }
                }
            }
        }
    }
}
