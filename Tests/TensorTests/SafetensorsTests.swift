import Tensors
import Testing

@Suite struct SafetensorsTests {
    private func sample() throws -> Safetensors {
        Safetensors(
            [
                ("conv1.W", try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], elementType: .float32)),
                ("a \"b\"\n", try Tensor(scalar: -0.5)), ("empty", try Tensor([], shape: [0, 4])),
            ], metadata: ["made": "by hand", "é": "\u{1}"])
    }

    /// A file with the given header and `data` zeros.
    private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let text = Array(header.utf8)
        let count = length ?? UInt64(text.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) } + text
            + [UInt8](repeating: 0, count: data)
    }

    @Test func contentsSurvive() throws {
        let written = try sample()
        let read = try Safetensors(parsing: written.encoded())
        #expect(read.metadata == written.metadata)
        #expect(read.tensors.map(\.name) == written.tensors.map(\.name))
        for (one, other) in zip(read.tensors, written.tensors) {
            #expect(one.tensor.type == other.tensor.type)
            #expect(one.tensor.doubles == other.tensor.doubles)
        }
    }

    @Test func referenceFileIsRead() throws {
        let header = #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   "#
        var bytes = file(header)
        bytes += [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        let read = try Safetensors(parsing: bytes)
        #expect(read.tensors[0].tensor.doubles == [1, -2])
        #expect(read.metadata == ["format": "pt"])
    }

    @Test(arguments: [
        "", "{", "[]", "{}x", #"{"a":1}"#, #"{"a":{"dtype":"F32","shape":[1]}}"#,
        #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, #"{"\ud800":{}}"#, #"{"\u12":{}}"#,
        #"{"__metadata__":{"a":1}}"#, #"{"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"#,
    ])
    func wrongHeaderIsAnError(header: String) {
        #expect(throws: TensorError.self) { try Safetensors(parsing: file(header, data: 4)) }
    }

    @Test func wrongLengthIsAnError() throws {
        #expect(throws: TensorError.self) { try Safetensors(parsing: [1, 2, 3]) }
        for length in [UInt64.max, UInt64(Int.max), 1 << 40, 99_999_999, 3] {
            #expect(throws: TensorError.self) { try Safetensors(parsing: file("{}", length: length)) }
        }
        let whole = try sample().encoded()
        for count in 0..<whole.count {
            #expect(throws: TensorError.self) { try Safetensors(parsing: Array(whole[..<count])) }
        }
        #expect(throws: TensorError.self) { try Safetensors(parsing: whole + [0]) }
    }

    /// Changed, cut and doubled bytes are read or refused, and nothing else happens.
    @Test func mutationsAreReadOrRefused() throws {
        let whole = try sample().encoded()
        var stream = RandomStream(seed: 5)
        var refused = 0
        for _ in 0..<5000 {
            var bytes = whole
            let words = stream.words(5)
            for word in words.prefix(Int(words[4] % 4) + 1) {
                let place = Int(word >> 8) % min(bytes.count, 300)
                switch word % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: word >> 20)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[place], at: place)
                }
            }
            do { _ = try Safetensors(parsing: bytes) } catch is TensorError { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test func namesAreUnique() throws {
        let tensor = try Tensor(scalar: 1)
        #expect(throws: TensorError.self) { try Safetensors([("a", tensor), ("a", tensor)]).encoded() }
        #expect(throws: TensorError.self) { try Safetensors([("__metadata__", tensor)]).encoded() }
    }
}
