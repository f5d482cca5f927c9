import Files

/// Image files that are decoded when a batch needs them, all to one shape. Nothing of the pixels is kept.
public final class ImageCollection: Sendable {
    let paths: [String]
    /// Bytes of each file.
    let sizes: [Int]
    /// `[height, width, channels]`; with 3 channels a gray image has all three equal.
    let shape: [Int]
    /// Whether an image of other proportions is distorted rather than cut.
    let isStretched: Bool

    init(paths: [String], sizes: [Int], shape: [Int], isStretched: Bool) {
        self.paths = paths
        self.sizes = sizes
        self.shape = shape
        self.isStretched = isStretched
    }

    /// Decodes an image as numbers in 0...1; `output` has room for the shape.
    ///
    /// - Throws: `FileError`, `DatasetError` with the path where the file is gone or damaged.
    func read(_ place: Int, into output: UnsafeMutablePointer<Float>) throws {
        let image = try ImageFile.read(paths[place])
        guard image.channels != shape[2] else {
            return image.write(height: shape[0], width: shape[1], stretched: isStretched, to: output)
        }
        guard image.channels == 1 else {
            throw DatasetError("the file has become a colour image since the folder was read", path: paths[place])
        }
        let count = shape[0] * shape[1]
        let gray = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { gray.deallocate() }
        image.write(height: shape[0], width: shape[1], stretched: isStretched, to: gray)
        for pixel in 0..<count {
            for channel in 0..<3 { output[3 * pixel + channel] = gray[pixel] }
        }
    }
}
