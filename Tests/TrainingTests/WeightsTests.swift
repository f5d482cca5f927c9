import Graphs
import Networks
import Tensors
import Testing

@Suite struct WeightsTests {
    private func sample() throws -> Weights {
        var weights = Weights()
        weights.append("conv1.W", try Tensor([1, -2.5, 3, 4], shape: [2, 2], elementType: .float32))
        weights.append("conv1.b", try Tensor([0.5], shape: [1], elementType: .float32))
        weights.append("dense1.W", try Tensor([7, 8], shape: [2, 1], elementType: .float32))
        return weights
    }

    @Test func areValues() throws {
        let original = try sample()
        var copy = original
        try copy.set("conv1.b", to: Tensor([9], shape: [1]))
        try copy.setFrozen(true, Selector(parsing: "conv*"))
        #expect(original["conv1.b"]?.doubles == [0.5])
        #expect(copy["conv1.b"]?.doubles == [9])
        #expect(copy["conv1.b"]?.elementType == .float32)
        #expect(!original.isFrozen("conv1.W") && copy.isFrozen("conv1.W") && !copy.isFrozen("dense1.W"))
        #expect(original != copy)
        #expect(try original == sample())
    }

    @Test func refuseWhatTheyHaveNot() throws {
        var weights = try sample()
        #expect(refusal { try weights.set("conv9.W", to: Tensor([1], shape: [1])) }.contains("conv9.W"))
        #expect(refusal { try weights.set("conv1.b", to: Tensor([1, 2], shape: [2])) }.contains("[1] | [2]"))
        #expect(
            refusal { try weights.setFrozen(true, Selector(parsing: "lstm*")) }
                .contains("\"lstm*\" selects none of the net's weights"))
    }

    @Test func keepOldNumbersAndDrawNewOnes() throws {
        let old = try sample().filter { $0.hasPrefix("conv1") }
        let specifications = [
            WeightSpecification(name: "conv1.W", shape: [2, 2], initializer: .constant(0)),
            WeightSpecification(name: "conv1.b", shape: [1], initializer: .constant(0)),
            WeightSpecification(name: "dense1.W", shape: [3], initializer: .constant(2)),
        ]
        let weights = try Weights(specifications, seed: 0, keeping: old)
        #expect(weights.entries.map(\.name) == ["conv1.W", "conv1.b", "dense1.W"])
        #expect(weights["conv1.W"]?.doubles == [1, -2.5, 3, 4])
        #expect(weights["dense1.W"]?.doubles == [2, 2, 2])
        #expect(refusal { _ = try Weights(Array(specifications.prefix(1)), seed: 0, keeping: old) }.contains("conv1.b"))
        #expect(
            refusal {
                _ = try Weights(
                    [WeightSpecification(name: "conv1.W", shape: [4], initializer: .he)], seed: 0,
                    keeping: old.filter { $0 == "conv1.W" })
            }.contains("[4] | [2, 2]"))
    }

    @Test func moreThanTheMachineGrantsIsRefusedAsAWhole() {
        let each = WeightSpecification(name: "W", shape: [1 << 30], initializer: .constant(0))
        let all = (0..<5).map { index in
            var specification = each
            specification.name = "W\(index)"
            return specification
        }
        #expect(throws: AllocationError(requestedBytes: 5 << 32, limitBytes: Storage.limitBytes)) {
            try Weights(all, seed: 0)
        }
    }

    @Test func bytesAreTheNumbersInOrder() throws {
        let bytes = try sample().bytes
        #expect(bytes.count == 7 * 4)
        #expect(Array(bytes[..<8]) == [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0])
    }
}
