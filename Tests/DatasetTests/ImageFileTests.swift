import Datasets
import Files
import Foundation
import Tensors
import Testing

/// Files that other programs made (`Tests/Reference/dataset_files.py`), and what these found in them.
enum ReferenceFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Files").path

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func bytes(_ name: String) throws -> [UInt8] { try readFile(path(name)) }

    static func numbers(_ name: String) throws -> (shape: [Int], values: [Float]) {
        let tensor = try NumpyArray.parse(bytes(name + ".npy"))
        return (tensor.shape.dimensions, tensor.doubles.map { Float($0) })
    }
}

extension Image {
    /// All samples in 0...1.
    var floats: [Float] {
        var values = [Float](repeating: -1, count: count)
        values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { write(to: base) } }
        return values
    }

    func floats(height: Int, width: Int, stretched: Bool = false) -> [Float] {
        var values = [Float](repeating: -1, count: height * width * channels)
        values.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { write(height: height, width: width, stretched: stretched, to: base) }
        }
        return values
    }
}

@Suite struct ImageFileTests {
    @Test(
        "what Pillow wrote is read as it reads it",
        arguments: [
            ("rgb8.png", "rgb8"), ("gray8.png", "gray8"), ("gray16.png", "gray16"), ("bits.png", "bits"),
            ("palette.png", "palette"), ("alpha.png", "alpha"), ("interlaced.png", "rgb8"), ("rgba16.png", "rgba16"),
            ("transparent_gray.png", "transparent_gray"), ("rgb.jpg", "rgb_jpg"), ("gray.jpg", "gray_jpg"),
            ("progressive.jpg", "progressive_jpg"),
        ])
    func readsAsPillow(file: String, wanted: String) throws {
        let image = try ImageFile.read(ReferenceFiles.path(file))
        let reference = try ReferenceFiles.numbers(wanted)
        #expect(image.shape == reference.shape)
        #expect(try ImageFile.shape(ReferenceFiles.path(file)) == reference.shape)
        let difference = zip(image.floats, reference.values).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 1e-7)
    }

    @Test func resizesAsPillow() throws {
        let image = try ImageFile.read(ReferenceFiles.path("resize.png"))
        func check(_ values: [Float], _ name: String) throws {
            let reference = try ReferenceFiles.numbers(name).values
            #expect(values.count == reference.count)
            #expect((zip(values, reference).map { abs($0 - $1) }.max() ?? 1) < 2e-6)
        }
        try check(image.floats(height: 8, width: 8), "resize_8x8")
        try check(image.floats(height: 8, width: 8, stretched: true), "resize_8x8_stretched")
        try check(image.floats(height: 46, width: 62), "resize_46x62")
        #expect(image.floats(height: 23, width: 31) == image.floats)
        // One pixel is the mean of its square, weighted by a triangle, and of the whole where it is even.
        let gray = try ImageFile.decode(
            Image.png([Float](repeating: 0.2, count: 15), height: 3, width: 5, channels: 1), path: "x")
        #expect(gray.floats(height: 1, width: 1).allSatisfy { abs($0 - 0.2) < 1e-6 })
        #expect(gray.floats(height: 1, width: 40).allSatisfy { abs($0 - 0.2) < 1e-6 })
    }

    @Test func writesWhatItReads() throws {
        for (channels, name) in [(3, "rgb8.png"), (1, "gray8.png")] {
            let image = try ImageFile.read(ReferenceFiles.path(name))
            let file = try Image.png(image.floats, height: 11, width: 13, channels: channels)
            let again = try ImageFile.decode(file, path: "again")
            #expect(again.shape == image.shape)
            #expect(again.floats == image.floats)
            #expect(try Image.png(image.floats, height: 11, width: 13, channels: channels) == file)
        }
        let file = try Image.png([-1, 2, .nan, 0.5], height: 2, width: 2, channels: 1)
        #expect(try ImageFile.decode(file, path: "cut").floats == [0, 1, 0, 128.0 / 255])
    }

    @Test func saysWhatAFileIs() throws {
        func message(_ bytes: [UInt8]) throws -> String {
            let error = try datasetError { try ImageFile.decode(bytes, path: "a.png") }
            #expect(error.path == "a.png")
            return error.message
        }
        #expect(try message([]) == "the file is empty")
        #expect(
            try message(Array("hello, this is text".utf8))
                == "this is no PNG or JPEG image: it begins with the text \"hello, this is t\"")
        #expect(try message([1, 2, 255]) == "this is no PNG or JPEG image: it begins with the bytes 1 2 ff")
        #expect(try message(Array("GIF89a....".utf8)) == "this is a GIF image; PNG and JPEG can be read")
        #expect(
            try message(ReferenceFiles.bytes("cmyk.jpg"))
                == "the image is damaged or truncated: its 4 colour components are not gray or red, green and blue")
        let png = try ReferenceFiles.bytes("rgb8.png")
        #expect(
            try message(Array(png.dropLast(20))) == "the image is damaged or truncated: the file ends too early")
        let jpeg = try ReferenceFiles.bytes("rgb.jpg")
        #expect(
            try message(Array(jpeg.dropLast(20))) == "the image is damaged or truncated: Premature end of JPEG file")
        // A header of 60 000 × 60 000 pixels with its checksum.
        var huge = Array(png.prefix(33))
        huge.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        let sum: [UInt8] = crc32(Array(huge[12..<29]))
        huge.replaceSubrange(29..<33, with: sum)
        #expect(
            try message(huge + png[33...])
                == "the header promises 60000 × 60000 pixels, more than the 128 million that an image may have")
        let folder = try TemporaryFolder()
        #expect(throws: FileError.self) { try ImageFile.read(folder.path) }
        #expect(throws: FileError.self) { try ImageFile.read(folder.path + "/absent.png") }
    }

    /// Thousands of damaged files are read or refused; a crash would end the test run.
    @Test func mutatedFilesAreReadOrRefused() throws {
        let names = [
            "rgb8.png", "palette.png", "interlaced.png", "rgba16.png", "bits.png", "rgb.jpg", "gray.jpg",
            "progressive.jpg",
        ]
        let seeds = try names.map { try ReferenceFiles.bytes($0) }
        var mutation = Mutation(seed: 7)
        var (read, refused) = (0, 0)
        for round in 0..<8000 {
            let seed = seeds[round % seeds.count]
            var bytes = mutation.mutated(seed)
            // Checksums hide most damage of a PNG from what reads the contents: mend them in half of the files.
            if round % 2 == 0 { mendChecksums(&bytes) }
            do {
                let image = try ImageFile.decode(bytes, path: "mutated")
                #expect(image.floats.allSatisfy { $0 >= 0 && $0 <= 1 })
                read += 1
            } catch let error as DatasetError {
                #expect(!error.message.isEmpty)
                refused += 1
            }
        }
        #expect(read > 200)
        #expect(refused > 2000)
    }
}

/// The checksum of a PNG chunk (ISO 3309), big-endian.
private func crc32(_ bytes: [UInt8]) -> [UInt8] {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    sum = ~sum
    return (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
}

/// Sets the checksum of every chunk that is whole.
private func mendChecksums(_ bytes: inout [UInt8]) {
    guard bytes.count > 8, bytes[0] == 0x89 else { return }
    var start = 8
    while start + 12 <= bytes.count {
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        let end = start + 8 + length
        guard end + 4 <= bytes.count else { return }
        bytes.replaceSubrange(end..<end + 4, with: crc32(Array(bytes[start + 4..<end])))
        start = end + 4
    }
}
