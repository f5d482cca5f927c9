import Files

/// A folder of PNG and JPEG files with one sub-folder for each class, or with `train` and `test` of that form inside.
///
/// Opening it reads the beginning and the end of each file, not the pixels: what is no image, has no end or has another
/// size is found at once, damage in between when the image is decoded.
public enum ImageFolder {
    /// What a folder holds.
    public enum Contents: Sendable {
        case single(Dataset)
        /// From the sub-folders `train` and `test` (or `val`, `valid`, `validation`).
        case pair(DatasetPair)
    }

    /// Opens a folder. Classes are the names of the sub-folders in the order of their bytes.
    ///
    /// - Parameters:
    ///   - size: What images are resized to; nil where all have the same size already.
    ///   - isStretched: Distorts images of other proportions; else what is over is cut off on two sides.
    /// - Throws: `FileError` where something cannot be read; `DatasetError` where there are no classes or images, sizes
    ///   differ, a file is no image or has no end, or the test split has a class that the training split has not.
    public static func read(_ folder: String, size: (height: Int, width: Int)?, isStretched: Bool) throws -> Contents {
        guard isFolder(folder) else {
            throw exists(folder)
                ? DatasetError("this is a file, not a folder", path: folder)
                : DatasetError("there is no such folder", path: folder)
        }
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        let names = try entries(of: folder)
        let test = ["test/", "val/", "valid/", "validation/"].first { names.contains($0) }
        guard names.contains("train/"), let test else {
            let listing = try Listing(folder)
            let form = try Form(listing.files, size: size)
            return .single(
                try dataset(name, listing, classes: listing.classes, shape: form.shape, isStretched: isStretched))
        }
        let (trainListing, testListing) = (try Listing(folder + "/train"), try Listing(folder + "/" + test.dropLast()))
        if let unknown = testListing.classes.first(where: { !trainListing.classes.contains($0) }) {
            throw DatasetError("the class '\(unknown)' is in \(test)but not in train/", path: folder)
        }
        let form = try Form(trainListing.files + testListing.files, size: size)
        func split(_ part: String, _ listing: Listing) throws -> Dataset {
            try dataset(
                "\(name).\(part)", listing, classes: trainListing.classes, shape: form.shape, isStretched: isStretched)
        }
        return .pair(
            try DatasetPair(name: name, train: split("train", trainListing), test: split("test", testListing)))
    }

    private static func dataset(
        _ name: String, _ listing: Listing, classes: [String], shape: [Int], isStretched: Bool
    ) throws -> Dataset {
        let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, Int32($0.offset)) })
        let labels = try listing.files.map { file in
            guard let label = numbers[file.className] else {
                throw DatasetError("a class of no folder", path: file.path)
            }
            return label
        }
        let images = ImageCollection(
            paths: listing.files.map(\.path), sizes: listing.files.map(\.size), shape: shape, isStretched: isStretched)
        return Dataset(
            name: name,
            store: try SampleStore(
                values: .images(images), sampleShape: shape, targets: .classes(labels, names: classes)))
    }

    /// A file that is an image by its beginning.
    private struct File {
        var path: String
        var className: String
        var size: Int
        var shape: [Int]
    }

    /// The images of a folder by class.
    private struct Listing {
        /// In the order of their bytes; only those with images.
        var classes: [String] = []
        var files: [File] = []

        /// Messages that are shown of many.
        private static let shownErrors = 5

        init(_ folder: String) throws {
            var broken: [(path: String, message: String)] = []
            for name in try entries(of: folder) where name.hasSuffix("/") {
                let className = String(name.dropLast())
                let inside = try Files.entries(of: folder + "/" + className)
                let before = files.count + broken.count
                for file in inside where Self.isImage(file) {
                    let path = "\(folder)/\(className)/\(file)"
                    do {
                        let (shape, size) = try ImageFile.inspect(path)
                        files.append(File(path: path, className: className, size: size, shape: shape))
                    } catch let error as DatasetError { broken.append((path, error.message)) }
                }
                if files.count + broken.count > before { classes.append(className) }
            }
            if let first = broken.first, broken.count == 1 {
                throw DatasetError(first.message, path: first.path, hint: "copy the file again, or remove it")
            }
            if !broken.isEmpty {
                let shown = broken.prefix(Self.shownErrors).map { "\($0.path): \($0.message)" }
                throw DatasetError(
                    "\(broken.count) of \(files.count + broken.count) images cannot be read: "
                        + shown.joined(separator: "; ") + (broken.count > shown.count ? "; …" : ""),
                    path: folder, hint: "copy these files again, or remove them")
            }
            guard !files.isEmpty else {
                throw DatasetError(
                    "the folder has no images in sub-folders", path: folder,
                    hint: "images(folder) expects one sub-folder for each class, with .png, .jpg or .jpeg files in it")
            }
        }

        /// By the ending of a name. Of formats that cannot be read too: they are told rather than left out.
        private static func isImage(_ name: String) -> Bool {
            guard let dot = name.lastIndex(of: ".") else { return false }
            return ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "heic", "avif"]
                .contains(name[name.index(after: dot)...].lowercased())
        }
    }

    /// The one shape that all images get.
    private struct Form {
        var shape: [Int]

        init(_ files: [File], size: (height: Int, width: Int)?) throws {
            let channels = files.contains { $0.shape[2] == 3 } ? 3 : 1
            if let size {
                shape = [size.height, size.width, channels]
                return
            }
            let first = files[0]
            if let other = files.first(where: { $0.shape[..<2] != first.shape[..<2] }) {
                throw DatasetError(
                    "the images differ in size: \(first.path) is \(first.shape[0]) × \(first.shape[1]) pixels, "
                        + "\(other.path) is \(other.shape[0]) × \(other.shape[1])",
                    hint: "size: 64 or size: [48, 64] makes them alike")
            }
            shape = [first.shape[0], first.shape[1], channels]
        }
    }
}
