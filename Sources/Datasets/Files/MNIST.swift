import Crypto
import Files

/// The MNIST family: 60 000 + 10 000 grey images of 28 × 28 pixels in ten classes, in four idx files.
public enum MNIST {
    /// Names of Fashion-MNIST's classes by number.
    public static let fashionClassNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    /// Reads Fashion-MNIST (H. Xiao, K. Rasul, R. Vollgraf, 2017), verified by SHA-256 of its four files.
    ///
    /// Shape `[28, 28, 1]`, values 0...1, classes as `fashionClassNames`. Nothing is fetched from the network.
    ///
    /// - Parameter folders: Where to look, in this order; by default `$NNX_DATA`, `$NNX_DATA/fashion-mnist`,
    ///   `~/.cache/nnx/datasets/fashion-mnist` and `/usr/share/datasets/fashion-mnist`.
    /// - Throws: `DatasetError` where no folder has the files (with the command that installs them), or a file is missing,
    ///   damaged or not the published one.
    public static func fashion(folders: [String]? = nil) throws -> DatasetPair {
        let folders = folders ?? searchFolders(set: "fashion-mnist")
        let names = fashionFiles.map(\.name)
        guard let folder = folders.first(where: { folder in names.contains { exists("\(folder)/\($0)") } })
        else {
            throw DatasetError(
                "Fashion-MNIST is not on this machine; looked for \(names[0]) in " + folders.joined(separator: ", "),
                hint: "install it with: sudo apt-get install dataset-fashion-mnist\n"
                    + "or put the four files \(names.joined(separator: ", ")) into a folder and set NNX_DATA to it")
        }
        func split(_ name: String, images: Int, labels: Int) throws -> Dataset {
            let store = try LabelledImages.store(
                images: verified(fashionFiles[images], folder: folder), imagesPath: "\(folder)/\(names[images])",
                labels: verified(fashionFiles[labels], folder: folder),
                labelsPath: "\(folder)/\(names[labels])", classNames: fashionClassNames)
            return Dataset(name: "fashion_mnist.\(name)", store: store)
        }
        return try DatasetPair(
            name: "fashion_mnist", train: split("train", images: 0, labels: 1),
            test: split("test", images: 2, labels: 3))
    }

    /// Reads the four files of MNIST, or of a set in its form, from a folder. The classes are named "0"..."9".
    ///
    /// The files may be plain or end in ".gz", and be spelled `train-images-idx3-ubyte` or `train-images.idx3-ubyte`.
    ///
    /// - Throws: `DatasetError` where a file is missing or damaged, or images and labels do not fit.
    public static func read(folder: String) throws -> DatasetPair {
        func path(_ part: String, _ dimensions: Int) throws -> String {
            let names = ["\(part)-idx\(dimensions)-ubyte", "\(part).idx\(dimensions)-ubyte"].flatMap {
                [$0, $0 + ".gz"]
            }
            let found = names.map { "\(folder)/\($0)" }.first { exists($0) }
            guard exists(folder) else {
                throw DatasetError(
                    "there is no such folder", path: folder,
                    hint: "a path that does not begin with / starts from the folder in which nnx was started")
            }
            guard let found else {
                throw DatasetError(
                    "no file \(names[0]) or \(names[1])", path: folder,
                    hint: "mnist(folder) needs train-images, train-labels, t10k-images and t10k-labels in idx form")
            }
            return found
        }
        func split(_ name: String, _ prefix: String) throws -> Dataset {
            let imagesPath = try path("\(prefix)-images", 3)
            let labelsPath = try path("\(prefix)-labels", 1)
            let store = try LabelledImages.store(
                images: IdxFile.read(path: imagesPath), imagesPath: imagesPath,
                labels: IdxFile.read(path: labelsPath), labelsPath: labelsPath,
                classNames: (0...9).map { String($0) })
            return Dataset(name: "mnist.\(name)", store: store)
        }
        return try DatasetPair(name: "mnist", train: split("train", "train"), test: split("test", "t10k"))
    }

    /// One split in two idx files: images, or any samples of bytes, and their class numbers.
    ///
    /// - Throws: `FileError`, `DatasetError` where a file is missing or damaged, or images and labels do not fit.
    public static func split(images: String, labels: String, classNames: [String]) throws -> Dataset {
        let store = try LabelledImages.store(
            images: IdxFile.read(path: images), imagesPath: images, labels: IdxFile.read(path: labels),
            labelsPath: labels, classNames: classNames)
        return Dataset(name: images.split(separator: "/").last.map(String.init) ?? images, store: store)
    }

    /// Where a set's files are looked for: `$NNX_DATA`, `$NNX_DATA/<set>`, `~/.cache/nnx/datasets/<set>`,
    /// `/usr/share/datasets/<set>`.
    public static func searchFolders(set: String) -> [String] {
        let own = environment("NNX_DATA").map { [$0, "\($0)/\(set)"] } ?? []
        let cache = environment("HOME").map { ["\($0)/.cache/nnx/datasets/\(set)"] } ?? []
        return own + cache + ["/usr/share/datasets/\(set)"]
    }

    /// SHA-256 of a file of the set.
    private struct PublishedFile {
        let name: String
        /// Of Debian's compressed file: the quick way to know the contents.
        let compressed: String
        /// Of the idx file inside, which is the same however it was compressed.
        let contents: String
    }

    private static let fashionFiles = [
        PublishedFile(
            name: "train-images-idx3-ubyte.gz",
            compressed: "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
            contents: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        PublishedFile(
            name: "train-labels-idx1-ubyte.gz",
            compressed: "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
            contents: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        PublishedFile(
            name: "t10k-images-idx3-ubyte.gz",
            compressed: "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
            contents: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        PublishedFile(
            name: "t10k-labels-idx1-ubyte.gz",
            compressed: "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
            contents: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ]

    /// The array in a file whose contents are the published ones.
    private static func verified(_ published: PublishedFile, folder: String) throws -> IdxArray {
        let path = "\(folder)/\(published.name)"
        let file = try FileSource(path: path)
        let bytes = try file.readBytes(file.remainingAtMost)
        let compressed = sha256(bytes)
        // Damaged gzip data is reported as such rather than as a wrong sum: that says more.
        let plain = compressed == published.compressed ? nil : try IdxFile.contents(bytes, path: path)
        if let plain, sha256(plain) != published.contents {
            throw DatasetError(
                "is not the published file: the SHA-256 of its contents is \(sha256(plain)), expected "
                    + "\(published.contents)", path: path,
                hint: "install it again with: sudo apt-get install --reinstall dataset-fashion-mnist")
        }
        return try IdxFile.decode(bytes, path: path)
    }

    private static func sha256(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
