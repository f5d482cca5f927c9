import Datasets
import Files
import Foundation
import Testing

@Suite struct FashionMNISTTests {
    @Test func readsThePublishedSet() throws {
        let data = try MNIST.fashion()
        #expect(data.name == "fashion_mnist")
        #expect(data.shape == [28, 28, 1])
        #expect(data.train.size == 60_000)
        #expect(data.test.size == 10_000)
        #expect(data.classNames.first == "T-shirt/top")
        #expect(data.classNames.last == "Ankle boot")
        let labels = try #require(data.train.labels)
        for label in 0..<10 { #expect(labels.count { Int($0) == label } == 6000) }
        #expect(Array(labels.prefix(8)) == [9, 0, 0, 3, 0, 2, 7, 2])
        let testLabels = try #require(data.test.labels)
        #expect(Array(testLabels.prefix(8)) == [9, 2, 1, 1, 6, 1, 4, 6])
        let boot = try data.train.sample(0)
        #expect(boot.label == [9])
        #expect(boot.values[0] == 0)
        #expect(boot.values.allSatisfy { $0 >= 0 && $0 <= 1 })
        // Row 14 of the first image, from the middle on.
        let row = boot.values[14 * 28 + 14..<14 * 28 + 20].map { ($0 * 255).rounded() }
        #expect(row == FashionMNISTTests.knownRow)
        #expect(throws: DatasetError.self) { try data.train.sample(60_000) }
    }

    private static let knownRow: [Float] = [217, 223, 222, 219, 222, 221]

    @Test func saysWhereItLookedAndHowToInstall() throws {
        let error = try datasetError { try MNIST.fashion(folders: ["/nowhere/a", "/nowhere/b"]) }
        #expect(error.message.contains("/nowhere/a, /nowhere/b"))
        #expect(error.hint?.contains("sudo apt-get install dataset-fashion-mnist") == true)
    }

    @Test func refusesOtherFilesOfTheSameNames() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            gzip(idx([1, 28, 28], [UInt8](repeating: 0, count: 784))), "train-images-idx3-ubyte.gz")
        let error = try datasetError { try MNIST.fashion(folders: [folder.path]) }
        #expect(error.path == path)
        #expect(error.message.contains("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"))
    }

    /// Other distributors compress the same contents differently.
    @Test func acceptsTheSameContentsCompressedOtherwise() throws {
        let installed = "/usr/share/datasets/fashion-mnist"
        let folder = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: installed) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(installed)/\(name)"))
            try folder.write([UInt8](bytes) + gzip([]), name)
        }
        #expect(try MNIST.fashion(folders: [folder.path]).train.size == 60_000)
    }

    @Test func namesTheFileThatIsMissing() throws {
        let folder = try TemporaryFolder()
        try folder.write([0], "t10k-labels-idx1-ubyte.gz")
        let error = try #require(throws: FileError.self) { try MNIST.fashion(folders: [folder.path]) }
        #expect(error.message.hasPrefix("cannot read '\(folder.path)/train-images-idx3-ubyte.gz'"))
    }
}

@Suite struct MNISTFolderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(idx([2, 1, 2], [0, 51, 102, 255]), "train-images-idx3-ubyte")
        try folder.write(gzip(idx([2], [3, 9])), "train-labels-idx1-ubyte.gz")
        try folder.write(idx([1, 1, 2], [1, 2]), "t10k-images.idx3-ubyte")
        try folder.write(idx([1], [0]), "t10k-labels.idx1-ubyte")
    }

    @Test func readsAFolder() throws {
        let data = try MNIST.read(folder: folder.path)
        #expect(data.shape == [1, 2, 1])
        #expect(contents(data.train).values == [0, 0.2, 0.4, 1])
        #expect(contents(data.train).labels == [3, 9])
        #expect(data.classCount == 10)
    }

    @Test func refusesDifferentCounts() throws {
        try folder.write(idx([3], [3, 9, 1]), "train-labels-idx1-ubyte")
        let error = try datasetError { try MNIST.read(folder: folder.path) }
        #expect(error.message == "3 labels for 2 images in \(folder.path)/train-images-idx3-ubyte")
    }

    @Test func refusesWrongDimensions() throws {
        try folder.write(idx([4], [0, 51, 102, 255]), "train-images-idx3-ubyte")
        let images = try datasetError { try MNIST.read(folder: folder.path) }
        #expect(images.message == "images need 3 dimensions (count, height, width), this array has 1")
        try folder.write(idx([2, 1, 2], [0, 51, 102, 255]), "train-images-idx3-ubyte")
        try folder.write(idx([2, 1], [0, 1]), "train-labels-idx1-ubyte")
        let labels = try datasetError { try MNIST.read(folder: folder.path) }
        #expect(labels.message == "labels need 1 dimension, this array has 2")
    }

    @Test func refusesLabelsThatAreNoClasses() throws {
        try folder.write(idx([2], [3, 10]), "train-labels-idx1-ubyte")
        let error = try datasetError { try MNIST.read(folder: folder.path) }
        #expect(error.message == "label 10 of sample 1 is not in 0...9")
    }

    @Test func namesWhatIsMissing() throws {
        let noFolder = try datasetError { try MNIST.read(folder: "/nowhere") }
        #expect(noFolder.path == "/nowhere")
        #expect(noFolder.message == "there is no such folder")
        let empty = try TemporaryFolder()
        let noFile = try datasetError { try MNIST.read(folder: empty.path) }
        #expect(noFile.path == empty.path)
        #expect(noFile.message.contains("train-images-idx3-ubyte"))
    }
}
