import Files

/// The binary form of CIFAR-10 and CIFAR-100 (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009):
/// colour images of 32 × 32 pixels, 50 000 to train and 10 000 to test in the published files.
public enum CIFAR {
    private static let side = 32
    private static let planeBytes = side * side
    private static let imageBytes = 3 * planeBytes

    /// CIFAR-10: `data_batch_1.bin` … `data_batch_5.bin`, `test_batch.bin` and `batches.meta.txt` with the names.
    ///
    /// - Parameter folder: The folder with these files, or the one that holds `cifar-10-batches-bin`.
    /// - Throws: `FileError` where a file is missing or unreadable, `DatasetError` where one is damaged.
    public static func ten(folder: String) throws -> DatasetPair {
        let folder = try found(folder, inside: "cifar-10-batches-bin", file: "test_batch.bin", reader: "cifar10")
        let names = classNames(folder + "/batches.meta.txt", count: 10)
        return try pair(
            "cifar10", folder: folder, train: (1...5).map { "data_batch_\($0).bin" }, test: "test_batch.bin",
            labelBytes: 1, names: names)
    }

    /// CIFAR-100 with its 100 fine classes: `train.bin`, `test.bin` and `fine_label_names.txt`.
    public static func hundred(folder: String) throws -> DatasetPair {
        let folder = try found(folder, inside: "cifar-100-binary", file: "test.bin", reader: "cifar100")
        let names = classNames(folder + "/fine_label_names.txt", count: 100)
        return try pair(
            "cifar100", folder: folder, train: ["train.bin"], test: "test.bin", labelBytes: 2, names: names)
    }

    private static func found(_ folder: String, inside: String, file: String, reader: String) throws -> String {
        for candidate in [folder, "\(folder)/\(inside)"] where exists("\(candidate)/\(file)") { return candidate }
        guard isFolder(folder) else { throw DatasetError("there is no such folder", path: folder) }
        throw DatasetError(
            "no file \(file)", path: folder,
            hint: "\(reader)(folder) needs the unpacked binary version of the set (\(inside)), not the one for Python")
    }

    /// The names in a file, one a line; the numbers where there is no such file.
    private static func classNames(_ path: String, count: Int) -> [String] {
        let text = (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let names = text.split(whereSeparator: \.isNewline).map(String.init)
        return names.count == count ? names : (0..<count).map { String($0) }
    }

    private static func pair(
        _ name: String, folder: String, train: [String], test: String, labelBytes: Int, names: [String]
    ) throws -> DatasetPair {
        func split(_ split: String, _ files: [String]) throws -> Dataset {
            var values: [UInt8] = []
            var labels: [Int32] = []
            for file in files {
                try append("\(folder)/\(file)", labelBytes: labelBytes, classes: names.count, &values, &labels)
            }
            let store = try SampleStore(
                values: .bytes(values), sampleShape: [side, side, 3], targets: .classes(labels, names: names))
            return Dataset(name: "\(name).\(split)", store: store)
        }
        return try DatasetPair(name: name, train: split("train", train), test: split("test", [test]))
    }

    /// Records of one or two labels (the last is the fine one) and three planes: red, green, blue.
    private static func append(
        _ path: String, labelBytes: Int, classes: Int, _ values: inout [UInt8], _ labels: inout [Int32]
    ) throws {
        let bytes = try readFile(path)
        let record = labelBytes + imageBytes
        guard !bytes.isEmpty, bytes.count % record == 0 else {
            throw DatasetError(
                "\(bytes.count) bytes are no whole number of records of \(record): the file is truncated or of another set",
                path: path, hint: "copy or unpack the file again")
        }
        let first = values.count
        values.append(contentsOf: repeatElement(0, count: bytes.count / record * imageBytes))
        for sample in 0..<bytes.count / record {
            let start = sample * record
            let label = bytes[start + labelBytes - 1]
            guard Int(label) < classes else {
                throw DatasetError("label \(label) of sample \(sample) is not in 0...\(classes - 1)", path: path)
            }
            labels.append(Int32(label))
            for channel in 0..<3 {
                let plane = start + labelBytes + channel * planeBytes
                let output = first + sample * imageBytes + channel
                for pixel in 0..<planeBytes { values[output + 3 * pixel] = bytes[plane + pixel] }
            }
        }
    }
}
