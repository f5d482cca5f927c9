import Tensors
import Testing

@Suite struct TensorCreationTests {
    @Test func identityHasOnesOnTheDiagonal() throws {
        #expect(try Tensor.identity(2).doubles == [1, 0, 0, 1])
        #expect(try Tensor.identity(0).count == 0)
        #expect(throws: TensorError.self) { try Tensor.identity(-1) }
        #expect(throws: AllocationError.self) { try Tensor.identity(1 << 40) }
    }

    @Test func linearSpacingIncludesBothEnds() throws {
        #expect(try Tensor.linearlySpaced(from: -1, to: 1, count: 5).doubles == [-1, -0.5, 0, 0.5, 1])
        #expect(try Tensor.linearlySpaced(from: 3, to: 9, count: 1).doubles == [3])
        #expect(try Tensor.linearlySpaced(from: 0, to: 0.3, count: 4).doubles.last == 0.3)
        #expect(throws: TensorError.self) { try Tensor.linearlySpaced(from: 0, to: 1, count: -1) }
    }

    @Test func sequenceStopsBeforeTheEnd() throws {
        #expect(try Tensor.arithmeticSequence(from: 0, to: 3).doubles == [0, 1, 2])
        #expect(try Tensor.arithmeticSequence(from: 1, to: 0, step: -0.5).doubles == [1, 0.5])
        #expect(try Tensor.arithmeticSequence(from: 3, to: 0).count == 0)
        #expect(throws: TensorError.self) { try Tensor.arithmeticSequence(from: 0, to: 1, step: 0) }
        #expect(throws: TensorError.self) { try Tensor.arithmeticSequence(from: 0, to: .infinity) }
        #expect(throws: AllocationError.self) { try Tensor.arithmeticSequence(from: 0, to: 1e300) }
    }

    @Test func negativeExtentsAreRefused() {
        #expect(throws: TensorError.self) { try Tensor.filled(1, shape: [-2, -3]) }
    }
}
