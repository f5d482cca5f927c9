import Tensors
import Testing

@Suite struct RandomStreamTests {
    /// Known answers of Philox4x32-10 from the Random123 distribution's kat_vectors (counter 0, key 0).
    @Test func firstWordsAreTheReference() {
        var stream = RandomStream(seed: 0)
        #expect(stream.words(4) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        #expect(stream.position == 4)
    }

    @Test func drawsInPartsAreThoseInOne() throws {
        var whole = RandomStream(seed: 7, stream: 3)
        var parts = whole
        let expected = try whole.normal([10]).doubles
        let found = try parts.normal([4]).doubles + parts.normal([6]).doubles
        #expect(expected == found)
        #expect(whole == parts)
    }

    @Test func uniformLiesInUnitInterval() throws {
        var stream = RandomStream(seed: 1)
        for type in ElementType.allCases {
            let numbers = try stream.uniform([1000], elementType: type).doubles
            #expect(numbers.allSatisfy { 0..<1 ~= $0 })
            #expect(abs(numbers.reduce(0, +) / 1000 - 0.5) < 0.05)
        }
    }

    @Test func negativeExtentIsAnError() {
        var stream = RandomStream(seed: 1)
        #expect(throws: TensorError.self) { try stream.uniform([-2, -3]) }
    }
}
