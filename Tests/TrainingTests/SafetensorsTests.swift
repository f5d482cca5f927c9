import Foundation
import Graphs
import Networks
import Tensors
import Testing

@Suite struct SafetensorsTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func sample() throws -> Weights {
        var weights = Weights()
        weights.append("conv1.W", try Tensor([1, -2.5, 3, 4], shape: [2, 2], elementType: .float32))
        weights.append("a/\"b\".W", try Tensor([0.1], shape: [], elementType: .float64))
        return weights
    }

    @Test func roundTripKeepsEveryBit() throws {
        try withFolder { folder in
            let path = "\(folder)/deep/er/net.safetensors"
            let weights = try sample()
            try weights.save(to: path)
            try weights.save(to: path)
            var blank = weights
            try blank.set("conv1.W", to: Tensor([0, 0, 0, 0], shape: [2, 2]))
            #expect(try blank.loading(from: path) == weights)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/deep/er") == ["net.safetensors"])
        }
    }

    @Test func hasTheFormatsLayout() throws {
        let tensor = try Tensor([1], shape: [1], elementType: .float32)
        let bytes = try SafetensorsFile(tensors: [("x", tensor)], metadata: ["k": "v"]).encoded()
        let header = #"{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(bytes == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3f])
        let file = try SafetensorsFile(decoding: bytes, name: "test")
        #expect(file.metadata == ["k": "v"] && file["x"]?.doubles == [1])
    }

    @Test func namesWhatDoesNotFit() throws {
        try withFolder { folder in
            let path = "\(folder)/net.safetensors"
            try sample().save(to: path)
            var other = Weights()
            other.append("conv1.W", try Tensor([1, 2, 3], shape: [3], elementType: .float32))
            other.append("dense1.b", try Tensor([1], shape: [1], elementType: .float32))
            let before = other
            let text = refusal { _ = try other.loading(from: path) }
            #expect(text.contains("1 missing, 1 unexpected, 1 of another shape"))
            #expect(text.contains("conv1.W [3]; dense1.b"))
            #expect(text.contains("conv1.W [2, 2]"))
            #expect(text.contains("a/\"b\".W"))
            #expect(other == before)
        }
    }

    @Test func everyCutAndEveryDamagedHeaderIsAnError() throws {
        let bytes = try sample().safetensors()
        for count in 0..<bytes.count {
            #expect(throws: OperationError.self) { try SafetensorsFile(decoding: Array(bytes[..<count]), name: "cut") }
        }
        #expect(throws: OperationError.self) { try SafetensorsFile(decoding: bytes + [0], name: "long") }
        for place in 0..<8 {
            var damaged = bytes
            damaged[place] ^= 0xff
            #expect(throws: OperationError.self) { try SafetensorsFile(decoding: damaged, name: "damaged") }
        }
    }

    @Test(arguments: [
        #"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}"#,
        #"{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
        #"{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"x":{"dtype":"F32","shape":[1]}}"#, #"{"x":3}"#, "[]", "{", #"{"__metadata__":{"k":3}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    ])
    func refusesAHeaderThatCannotBe(_ header: String) {
        let size = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: OperationError.self) {
            try SafetensorsFile(decoding: size + Array(header.utf8) + [0, 0, 0, 0], name: "test")
        }
    }

    @Test func unreadableAndUnwritablePathsAreErrors() throws {
        let weights = try sample()
        #expect(refusal { _ = try weights.loading(from: "/nowhere/at/all") }.contains("cannot read '/nowhere/at/all'"))
        #expect(refusal { _ = try weights.loading(from: "/dev/zero") }.contains("it is no file"))
        #expect(refusal { _ = try weights.loading(from: "/") }.contains("it is a folder"))
        #expect(refusal { try weights.save(to: "/dev/null/x/y") }.contains("'/dev/null"))
        #expect(refusal { try weights.save(to: "") }.contains("the path of a file"))
        try withFolder { folder in
            try weights.save(to: "\(folder)/taken/file")
            #expect(refusal { try weights.save(to: "\(folder)/taken") }.contains("cannot write"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
        }
    }

    /// `/dev/full` cannot be renamed over, so a full disk is a small file system's matter; the error path is the same as
    /// for a file that may not grow.
    @Test func anOldFileSurvivesAFailedWrite() throws {
        try withFolder { folder in
            let path = "\(folder)/net.safetensors"
            try sample().save(to: path)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            // The temporary file's name is taken by a folder, so it cannot be opened.
            try FileManager.default.createDirectory(
                atPath: "\(path).\(ProcessInfo.processInfo.processIdentifier).part", withIntermediateDirectories: false)
            #expect(refusal { try sample().save(to: path) }.contains("cannot write"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }
}
