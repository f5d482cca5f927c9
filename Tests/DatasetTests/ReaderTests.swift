import Datasets
import Files
import Foundation
import Tensors
import Testing

/// Arrays and tables that other programs wrote (`Tests/Reference/dataset_files.py`).
@Suite struct ReaderTests {
    private func arrays(_ name: String) throws -> [String: Tensor] {
        let archive = try ZipArchive(reading: ReferenceFiles.path(name))
        return Dictionary(
            uniqueKeysWithValues: try archive.entries.map { ($0.name, try NumpyArray.parse(archive.contents(of: $0))) })
    }

    @Test func readsWhatNumpySaves() throws {
        let counts = (-4..<8).map(Double.init)
        let fortran = try NumpyArray.parse(ReferenceFiles.bytes("fortran.npy"))
        #expect(fortran.shape == [3, 4])
        #expect(fortran.doubles == counts)
        let stored = try arrays("stored.npz")
        #expect(stored["int8.npy"]?.doubles == counts)
        #expect(stored["big.npy"]?.doubles == counts)
        #expect(stored["double.npy"]?.doubles == counts.map { $0 / 7 })
        #expect(stored["flags.npy"]?.doubles == counts.map { $0 > 0 ? 1 : 0 })
        #expect(stored["scalar.npy"]?.doubles == [2.5])
        let half = try #require(stored["half.npy"]?.doubles)
        #expect(zip(half, counts).allSatisfy { abs($0 - $1 / 3) < 1e-3 })
        let deflated = try arrays("deflated.npz")
        #expect(deflated["x.npy"]?.shape == [150, 4])
        #expect(deflated["x.npy"]?.doubles.suffix(4) == [4, 5, 6, 7])
        #expect(deflated["y.npy"]?.doubles.prefix(4) == [0, 1, 2, 0])
        #expect(try arrays("zip64.npz")["x.npy"]?.doubles == counts)
    }

    @Test func readsOnlyTheBeginningOfAnArray() throws {
        let archive = try ZipArchive(reading: ReferenceFiles.path("deflated.npz"))
        let head = try archive.contents(of: archive.entries[0], limit: 200)
        #expect(head.count == 200)
        #expect(try NumpyArray.type(of: head).shape == [150, 4])
    }

    @Test func refusesArraysThatCannotBe() throws {
        var bytes = try ReferenceFiles.bytes("fortran.npy")
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        let place = try #require(text.range(of: "(3, 4)"))
        let offset = text.distance(from: text.startIndex, to: place.lowerBound)
        // 2^60 elements in the place of 12; the header keeps its length.
        let header = bytes[..<offset] + Array("(1152921504606846976,)".utf8)
        bytes = Array(header + bytes[(offset + 6)...].drop { $0 == 0x20 })
        let error = try #require(throws: TensorError.self) { try NumpyArray.parse(bytes) }
        #expect(error.message.contains("1152921504606846976"))
        #expect(throws: TensorError.self) { try NumpyArray.type(of: Array(bytes.prefix(9))) }
        let zip = try ReferenceFiles.bytes("deflated.npz")
        #expect(try datasetError { try ZipArchive(Array(zip.dropLast(30)), path: "z") }.message.contains("truncated"))
        #expect(try datasetError { try ZipArchive([1, 2, 3], path: "z") }.message.contains("no ZIP archive"))
    }

    @Test func mutatedArraysAreReadOrRefused() throws {
        let seeds = try ["stored.npz", "deflated.npz", "zip64.npz"].map { try ReferenceFiles.bytes($0) }
        var mutation = Mutation(seed: 11)
        var (read, refused) = (0, 0)
        for round in 0..<3000 {
            do {
                let archive = try ZipArchive(mutation.mutated(seeds[round % 3]), path: "mutated")
                for entry in archive.entries {
                    _ = try NumpyArray.type(of: archive.contents(of: entry, limit: 1 << 17))
                    _ = try NumpyArray.parse(archive.contents(of: entry))
                }
                read += 1
            } catch is DatasetError { refused += 1 } catch is TensorError { refused += 1 }
        }
        let npy = try ReferenceFiles.bytes("fortran.npy")
        for _ in 0..<5000 {
            do {
                _ = try NumpyArray.parse(mutation.mutated(npy))
                read += 1
            } catch is TensorError { refused += 1 }
        }
        #expect(read > 100)
        #expect(refused > 1000)
    }

    @Test func readsCIFAR() throws {
        let folder = try TemporaryFolder()
        let record = try ReferenceFiles.bytes("cifar_record.bin")
        for batch in 1...5 { try folder.write(record, "data_batch_\(batch).bin") }
        try folder.write(record, "test_batch.bin")
        let data = try CIFAR.ten(folder: folder.path)
        #expect(data.train.size == 10)
        #expect(data.test.size == 2)
        #expect(data.shape == [32, 32, 3])
        let sample = try data.train.sample(1)
        #expect(sample.label == [7])
        #expect(Array(sample.values.prefix(9)) == [1, 0, 0, 0, 1, 0, 0, 0, 1])
        let last: [Float] = [10 / 255, 20 / 255, 30 / 255]
        #expect(Array(sample.values.suffix(3)) == last)
        #expect(data.classNames.count == 10)
        // One file is shorter, has a label that is no class, or is missing.
        try folder.write(Array(record.dropLast()), "data_batch_3.bin")
        #expect(try datasetError { try CIFAR.ten(folder: folder.path) }.message.contains("truncated"))
        try folder.write([10] + record.dropFirst(), "data_batch_3.bin")
        #expect(
            try datasetError { try CIFAR.ten(folder: folder.path) }.message == "label 10 of sample 0 is not in 0...9")
        try FileManager.default.removeItem(atPath: folder.path + "/data_batch_3.bin")
        #expect(throws: FileError.self) { try CIFAR.ten(folder: folder.path) }
        let hundred = try TemporaryFolder()
        try hundred.write([5] + [99] + record[1..<3073], "train.bin")
        try hundred.write([5] + [0] + record[1..<3073], "test.bin")
        #expect(try CIFAR.hundred(folder: hundred.path).train.labels == [99])
    }
}

@Suite struct CSVTests {
    private func table(_ text: String, _ change: (inout CSVFile.Options) -> Void = { _ in }) throws -> Dataset {
        var options = CSVFile.Options(targets: ["y"])
        change(&options)
        return try CSVFile.decode(Array(text.utf8), options, path: "t.csv")
    }

    private func message(_ text: String, _ change: (inout CSVFile.Options) -> Void = { _ in }) throws -> String {
        try datasetError { try table(text, change) }.message
    }

    @Test func readsWhatPythonWrites() throws {
        let data = try CSVFile.read(ReferenceFiles.path("table.csv"), CSVFile.Options(targets: ["kind"]))
        #expect(data.classNames == ["aster", "lily", "rose"])
        #expect(data.labels == [2, 1, 1, 0])
        #expect(
            data.featureNames
                == [
                    "length", "colour, main=dark \"blue\"", "colour, main=red", "colour, main=two\nlines", "width",
                ])
        #expect(
            contents(data).values
                == [1.5, 0, 1, 0, -2, 2e-3, 1, 0, 0, 3, 7, 0, 1, 0, 0.25, -1, 0, 0, 1, 4])
    }

    @Test func findsNumbersAndClasses() throws {
        let numbers = try table("a,y\n1,2.5\n\n3,-4\r\n")
        #expect(numbers.target == .values(width: 1))
        #expect(contents(numbers).labels == [2.5, -4])
        let classes = try table("a,y\n1,10\n2,9\n3,10") { $0.hasNumberedClasses = true }
        #expect(classes.classNames == ["9", "10"])
        #expect(classes.labels == [1, 0, 1])
        #expect(contents(try table("\u{FEFF}y;a\n1;2")).values == [2])
        let bare = try table("1,2\n3,4") {
            $0.targets = ["1"]
            $0.hasHeader = false
        }
        #expect(contents(bare).values == [1, 3])
        let two = try table("a,y,z\n1,2,3") { $0.targets = ["y", "z"] }
        #expect(two.target == .values(width: 2))
        #expect(try table("a,id,y\n1,x17,2") { $0.without = ["id"] }.featureNames == ["a"])
    }

    @Test func tellsAboutHoles() throws {
        let holed = "a,c,y\n1,u,1\n,u,2\n4,v,3\n7,,4\n"
        let error = try datasetError { try table(holed) }
        #expect(error.message == "line 3 has nothing in the column 'a'")
        #expect(error.path == "t.csv")
        #expect(error.hint?.contains("missing: \"drop\"") == true)
        #expect(contents(try table(holed) { $0.missing = .drop }).values == [1, 1, 0, 4, 0, 1])
        // The mean of 1, 4 and 7; the more frequent u.
        #expect(contents(try table(holed) { $0.missing = .mean }).values == [1, 1, 0, 4, 1, 0, 4, 0, 1, 7, 1, 0])
        #expect(
            try message("a,y\n1,2\n3,NA") { $0.missing = .mean } == "line 3 has nothing in the column 'y'")
    }

    @Test func tellsWhatIsWrong() throws {
        #expect(try message("") == "the table is empty")
        #expect(try message("a,y\n") == "the table has no rows")
        #expect(try message("a,z\n1,2") == "there is no column 'y'")
        #expect(try message("a,a,y\n1,2,3") == "two columns are called 'a'")
        #expect(try message("a,y\n1,2\n3") == "line 3 has 1 fields, but there are 2 columns")
        #expect(try message("a,y\n\"1,2\n3,4") == "the quote that begins in line 2 does not end")
        #expect(try message("a,y\n\"1\"x,2") == "text follows the end of a quote in line 2")
        #expect(
            try message("a,y\n1,2\n2,2\nx,2") == "line 4 has the text 'x' in the column 'a' of numbers")
        #expect(try message("y\n1") == "no column is left to predict from")
        let names = "a,y\n" + (0..<300).map { "n\($0),1\n" }.joined()
        #expect(try message(names) == "the column 'a' has more than 200 different texts")
    }

    @Test func mutatedTablesAreReadOrRefused() throws {
        let seed = try ReferenceFiles.bytes("table.csv")
        var mutation = Mutation(seed: 3)
        var (read, refused) = (0, 0)
        for _ in 0..<5000 {
            do {
                let data = try CSVFile.decode(mutation.mutated(seed), CSVFile.Options(targets: ["kind"]), path: "m")
                let isFinite = contents(data).values.allSatisfy { $0.isFinite }
                #expect(isFinite)
                read += 1
            } catch is DatasetError { refused += 1 }
        }
        #expect(read > 500)
        #expect(refused > 500)
    }
}
