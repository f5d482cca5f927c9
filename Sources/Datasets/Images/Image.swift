import CImages

/// A decoded image, `[height, width, channels]` with 1 channel (gray) or 3 (red, green, blue), 8 or 16 bits a sample.
public struct Image: Sendable {
    /// Row by row from the top, interleaved.
    private let pixels: [UInt8]
    private let header: nnx_image_header

    init(pixels: [UInt8], header: nnx_image_header) {
        self.pixels = pixels
        self.header = header
    }

    public var height: Int { Int(header.height) }
    public var width: Int { Int(header.width) }
    public var channels: Int { Int(header.channels) }
    /// `[height, width, channels]`.
    public var shape: [Int] { [height, width, channels] }
    /// Number of samples.
    public var count: Int { height * width * channels }

    /// Writes all samples as numbers in 0...1, row-major; `output` has room for `count`.
    public func write(to output: UnsafeMutablePointer<Float>) {
        pixels.withUnsafeBytes { bytes in
            if header.sample_bytes == 2 {
                for index in 0..<count {
                    output[index] = Float(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) / 65535
                }
            } else {
                for index in 0..<count { output[index] = Float(bytes[index]) / 255 }
            }
        }
    }

    /// Writes the image at another size as numbers in 0...1; `output` has room for `height * width * channels`.
    ///
    /// A smaller image is a weighted average (a triangle filter as wide as the reduction), a larger one linear between
    /// pixels. Where the proportions differ, the image is scaled to cover the result and what is over on two sides is left
    /// out; with `stretched` it is distorted instead.
    public func write(height: Int, width: Int, stretched: Bool = false, to output: UnsafeMutablePointer<Float>) {
        if height == self.height, width == self.width { return write(to: output) }
        let (sourceHeight, sourceWidth) = (Double(self.height), Double(self.width))
        let scale = min(sourceHeight / Double(height), sourceWidth / Double(width))
        let boxHeight = stretched ? sourceHeight : Double(height) * scale
        let boxWidth = stretched ? sourceWidth : Double(width) * scale
        let (top, left) = ((sourceHeight - boxHeight) / 2, (sourceWidth - boxWidth) / 2)
        let box = nnx_image_box(left: left, top: top, right: left + boxWidth, bottom: top + boxHeight)
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: self.height * width * channels)
        defer { scratch.deallocate() }
        withUnsafePointer(to: header) { header in
            let columns = UnsafeMutableRawPointer.allocate(
                byteCount: nnx_image_columns_bytes(header, box, width), alignment: MemoryLayout<Double>.alignment)
            defer { columns.deallocate() }
            pixels.withUnsafeBytes {
                nnx_image_resize($0.baseAddress, header, box, output, height, width, scratch, columns)
            }
        }
    }

    /// The bytes of a PNG file of 8 bits a sample, the same for the same pixels.
    ///
    /// - Parameter samples: `[height, width, channels]`, 1 or 3 channels; a number under 0 is black, one over 1 white.
    /// - Throws: `DatasetError` where the image is too large for a PNG.
    public static func png(_ samples: [Float], height: Int, width: Int, channels: Int) throws -> [UInt8] {
        precondition(samples.count == height * width * channels && (channels == 1 || channels == 3))
        // What is no number is black too.
        let bytes = samples.map { UInt8((($0 > 0 ? min($0, 1) : 0) * 255).rounded()) }
        guard let width = UInt32(exactly: width), let height = UInt32(exactly: height), width > 0, height > 0 else {
            throw DatasetError("an image of \(width) × \(height) pixels cannot be written")
        }
        var file: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(NNX_IMAGE_MESSAGE))
        guard nnx_png_encode(bytes, width, height, Int32(channels), &file, &count, &message), let file else {
            throw DatasetError("libpng cannot write an image of \(width) × \(height) pixels")
        }
        defer { nnx_image_free(file) }
        return Array(UnsafeBufferPointer(start: file, count: count))
    }
}
