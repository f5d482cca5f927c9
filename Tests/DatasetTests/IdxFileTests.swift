import Datasets
import Files
import Foundation
import Testing

@Suite struct IdxFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bytes(_ array: IdxArray) throws -> [UInt8] {
        guard case .bytes(let bytes) = array.values else { throw DatasetError("expected bytes") }
        return bytes
    }

    private func floats(_ array: IdxArray) throws -> [Float] {
        guard case .floats(let floats) = array.values else { throw DatasetError("expected floats") }
        return floats
    }

    @Test func readsPlainAndCompressedFiles() throws {
        let file = idx([2, 1, 3], [1, 2, 3, 4, 5, 255])
        let plain = try IdxFile.read(path: folder.write(file, "plain"))
        let compressed = try IdxFile.read(path: folder.write(gzip(file), "packed.gz"))
        let unnamed = try IdxFile.read(path: folder.write(gzip(file), "packed"))
        for array in [plain, compressed, unnamed] {
            #expect(array.shape == [2, 1, 3])
            #expect(try bytes(array) == [1, 2, 3, 4, 5, 255])
        }
    }

    @Test func readsSeveralGzipMembersAsOne() throws {
        let file = idx([4], [1, 2, 3, 4])
        let members = try gzip(Array(file.prefix(9))) + gzip(Array(file.dropFirst(9)))
        #expect(try bytes(IdxFile.decode(members, path: "two.gz")) == [1, 2, 3, 4])
    }

    @Test func readsEveryElementType() throws {
        #expect(try floats(IdxFile.decode(idx([2], [0x80, 0x7F], type: 0x09), path: "b")) == [-128, 127])
        #expect(try floats(IdxFile.decode(idx([1], [0xFF, 0xFE], type: 0x0B), path: "h")) == [-2])
        #expect(try floats(IdxFile.decode(idx([1], [0, 1, 0, 0], type: 0x0C), path: "i")) == [65536])
        #expect(try floats(IdxFile.decode(idx([1], [0x3F, 0xC0, 0, 0], type: 0x0D), path: "f")) == [1.5])
        #expect(
            try floats(IdxFile.decode(idx([1], [0xC0, 0x04, 0, 0, 0, 0, 0, 0], type: 0x0E), path: "d")) == [-2.5])
    }

    @Test func namesAMissingFile() throws {
        let path = "\(folder.path)/absent"
        let error = try #require(throws: FileError.self) { try IdxFile.read(path: path) }
        #expect(error.message == "cannot read '\(path)': No such file or directory")
    }

    @Test func refusesAFolder() throws {
        let error = try #require(throws: FileError.self) { try IdxFile.read(path: folder.path) }
        #expect(error.message == "cannot read '\(folder.path)': it is a folder")
    }

    @Test func refusesGzipThatIsNotGzip() throws {
        let path = try folder.write(idx([1], [1]), "plain.gz")
        let error = try datasetError { try IdxFile.read(path: path) }
        #expect(error.message == "the name ends in .gz, but this is not gzip data")
        #expect(error.path == path)
        #expect(error.hint != nil)
    }

    @Test func refusesEmptyFiles() throws {
        #expect(try datasetError { try IdxFile.decode([], path: "empty.gz") }.message == "the file is empty")
        #expect(
            try datasetError { try IdxFile.decode([], path: "empty") }.message == "the file ends within the idx header")
    }

    @Test func refusesTruncatedGzip() throws {
        let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435_761 >> 7) }
        let whole = try gzip(idx([5000], noise))
        let error = try datasetError { try IdxFile.decode(Array(whole.prefix(whole.count / 2)), path: "half.gz") }
        #expect(error.message == "the gzip data ends in the middle: the file is truncated")
    }

    @Test func refusesDamagedGzip() throws {
        var damaged = try gzip(idx([3], [1, 2, 3]))
        damaged[damaged.count - 6] ^= 0xFF
        let error = try datasetError { try IdxFile.decode(damaged, path: "damaged.gz") }
        #expect(error.message == "the gzip data is damaged: incorrect data check")
    }

    @Test func refusesBytesAfterGzip() throws {
        let error = try datasetError { try IdxFile.decode(gzip(idx([1], [1])) + [7], path: "long.gz") }
        #expect(error.message == "bytes follow the end of the gzip data")
    }

    @Test func refusesTruncatedIdx() throws {
        let plain = try datasetError { try IdxFile.decode(idx([2, 3], [1, 2, 3]), path: "short") }
        #expect(plain.message == "the header promises an array of shape [2, 3], more than this file can hold")
        let packed = try datasetError { try IdxFile.decode(gzip(idx([2, 3], [1, 2, 3])), path: "short.gz") }
        #expect(
            packed.message
                == "the header promises 6 bytes of shape [2, 3], but only 3 follow: the file is truncated")
        let header = try datasetError { try IdxFile.decode(Array(idx([2, 3], []).prefix(7)), path: "header") }
        #expect(header.message == "the file ends within the idx header")
    }

    @Test func refusesTrailingBytes() throws {
        let error = try datasetError { try IdxFile.decode(idx([2], [1, 2, 3]), path: "long") }
        #expect(error.message == "bytes follow the 2 that the header's shape [2] promises")
    }

    @Test func refusesAWrongMagic() throws {
        let error = try datasetError { try IdxFile.decode([0x89, 0x50, 0x4E, 0x47, 0, 0], path: "image.png") }
        #expect(error.message.hasPrefix("this is no idx file: it begins with the bytes 89 50 4e 47"))
        let none = try datasetError { try IdxFile.decode([0, 0, 8, 0], path: "scalar") }
        #expect(none.message == "the idx header has no dimensions")
    }

    @Test func refusesAbsurdSizesBeforeAllocating() throws {
        let huge = 0xFFFF_FFFF
        for shape in [[1_000_000, 1_000_000], [huge, huge, huge], Array(repeating: huge, count: 255)] {
            let plain = try datasetError { try IdxFile.decode(idx(shape, [1]), path: "huge") }
            #expect(plain.message.hasSuffix("more than this file can hold"))
            let packed = try datasetError { try IdxFile.decode(gzip(idx(shape, [1])), path: "huge.gz") }
            #expect(packed.message.hasSuffix("more than this file can hold"))
        }
    }
}
