import Datasets
import Files
import Foundation
import Testing

@Suite struct ImageFolderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try put("rgb8.png", "roses/1.png")
        try put("rgb.jpg", "roses/2.JPG")
        try put("gray8.png", "lilies/1.png")
        try folder.write([1, 2, 3], "README.txt")
        try folder.write([1, 2, 3], "lilies/notes.txt")
    }

    private func put(_ name: String, _ target: String) throws {
        let parts = target.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/\(parts)", withIntermediateDirectories: true)
        try folder.write(ReferenceFiles.bytes(name), target)
    }

    private func single(size: (height: Int, width: Int)? = nil) throws -> Dataset {
        guard case .single(let data) = try ImageFolder.read(folder.path, size: size, isStretched: false) else {
            throw DatasetError("two splits")
        }
        return data
    }

    @Test func readsOneFolderAClass() throws {
        let data = try single()
        #expect(data.classNames == ["lilies", "roses"])
        #expect(data.labels == [0, 1, 1])
        #expect(data.sampleShape == [11, 13, 3])
        let gray = try ReferenceFiles.numbers("gray8").values
        // A gray image among colours has three equal channels.
        #expect(try data.sample(0).values == gray.flatMap { [$0, $0, $0] })
        #expect(try data.sample(1).values == ReferenceFiles.numbers("rgb8").values)
        #expect(try data.sample(2).values == ReferenceFiles.numbers("rgb_jpg").values)
    }

    @Test func readsTrainAndTest() throws {
        for name in ["roses", "lilies"] {
            try put("rgb8.png", "set/train/\(name)/a.png")
            try put("gray8.png", "set/train/\(name)/b.png")
        }
        try put("rgb8.png", "set/val/lilies/c.png")
        guard case .pair(let pair) = try ImageFolder.read(folder.path + "/set", size: (4, 5), isStretched: false) else {
            throw DatasetError("one split")
        }
        #expect((pair.train.size, pair.test.size) == (4, 1))
        #expect(pair.shape == [4, 5, 3])
        #expect(pair.classesMissingInTest == ["roses"])
        #expect(try Duplicates(across: pair.train, pair.test).pairs.map(\.0) == [0])
        #expect(try Duplicates(within: pair.train).pairs.count == 2)
        let normalized = try pair.normalized()
        #expect(abs(contents(normalized.train).values.reduce(0, +)) < 1e-3)
        try put("rgb8.png", "set/val/daisies/c.png")
        #expect(
            try datasetError { try ImageFolder.read(folder.path + "/set", size: (4, 5), isStretched: false) }.message
                == "the class 'daisies' is in val/but not in train/")
    }

    @Test func givesBatchesOrTheErrorOfTheFile() throws {
        let data = try single(size: (8, 8))
        var count = 0
        let source = try BatchSource(dataset: data, options: .init(batchSize: 2, epochs: 2))
        while let batch = try source.next() {
            #expect((0..<batch.count * 192).allSatisfy { batch.values[$0] >= 0 && batch.values[$0] <= 1 })
            count += batch.count
        }
        #expect(count == 6)
        // A file that is damaged after the folder was read.
        try folder.write(ReferenceFiles.bytes("rgb8.png").dropLast(40), "roses/1.png")
        let again = try BatchSource(dataset: data, options: .init(batchSize: 3, epochs: 1))
        let error = try datasetError { try again.next() }
        #expect(error.path == folder.path + "/roses/1.png")
    }

    @Test func findsBrokenFilesBeforehand() throws {
        func message(size: (height: Int, width: Int)? = nil) throws -> String {
            try datasetError { try ImageFolder.read(folder.path, size: size, isStretched: false) }.message
        }
        try put("gray16.png", "roses/small.png")
        #expect(try message().hasPrefix("the images differ in size: \(folder.path)/lilies/1.png is 11 × 13 pixels"))
        #expect(try single(size: (5, 5)).size == 4)
        try folder.write(ReferenceFiles.bytes("rgb.jpg").dropLast(50), "roses/cut.jpg")
        #expect(
            try message(size: (5, 5)) == "the image is damaged or truncated: Premature end of JPEG file")
        try folder.write(Array("hello".utf8), "lilies/text.png")
        #expect(try message(size: (5, 5)).hasPrefix("2 of 6 images cannot be read: \(folder.path)/lilies/text.png"))
        let empty = try TemporaryFolder()
        #expect(
            try datasetError { try ImageFolder.read(empty.path, size: nil, isStretched: false) }.message
                == "the folder has no images in sub-folders")
        #expect(
            try datasetError { try ImageFolder.read(empty.path + "/absent", size: nil, isStretched: false) }.message
                == "there is no such folder")
    }

    /// The administrator may read everything, so nobody else's folder can be tried.
    @Test(.enabled(if: getuid() != 0)) func namesAFolderThatMayNotBeRead() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path + "/roses")
        let error = try #require(throws: FileError.self) { try single() }
        #expect(error.message == "cannot read '\(folder.path)/roses': Permission denied")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path + "/roses")
    }
}

@Suite struct DuplicateTests {
    private func data(_ values: [Float], _ name: String) throws -> Dataset {
        Dataset(
            name: name,
            store: try SampleStore(
                values: .floats(values), sampleShape: [2],
                targets: .classes(Array(repeating: 0, count: values.count / 2), names: ["a", "b"])))
    }

    @Test func findsEqualSamples() throws {
        let train = try data([1, 2, 3, 4, 1, 2, 5, 6, 1, 2], "train")
        let test = try data([5, 6, 7, 8, 1, 2], "test")
        #expect(try Duplicates(within: train).pairs.map { [$0.0, $0.1] } == [[0, 2], [0, 4]])
        #expect(try Duplicates(across: train, test).pairs.map { [$0.0, $0.1] } == [[3, 0], [0, 2]])
        let (count, first) = test.repeating(train)
        #expect((count, first) == (2, 0))
        // Positions are those of the selection.
        #expect(try Duplicates(across: train.selecting([3]), test).pairs.map { [$0.0, $0.1] } == [[0, 0]])
        #expect(test.repeating(train.selecting([1])).count == 0)
    }

    @Test func keepsClassesInTheOrderGiven() throws {
        let data = try numbered(12, classes: 4)
        let kept = try data.keepClasses([3, 1])
        #expect(kept.classNames == ["class 3", "class 1"])
        #expect(kept.labels == [1, 0, 1, 0, 1, 0])
        #expect(kept.classSizes == [3, 3])
        #expect(try kept.keepClasses([1]).labels == [0, 0, 0])
        #expect(try datasetError { try data.keepClasses([4]) }.message.contains("class 4 is not in"))
        #expect(try datasetError { try data.keepClasses([1, 1]) }.message == "class 1 is given twice")
    }
}
