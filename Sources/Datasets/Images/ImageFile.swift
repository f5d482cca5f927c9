import CImages
import Files

/// PNG and JPEG files: gray or red, green and blue, 8 or 16 bits a sample.
///
/// The contents decide which of the two a file is, not its name. Palettes become colours. Transparency shows a white ground
/// (the mean of colour and white, weighted by alpha). What a file says about gamma, colour profiles and the camera's
/// orientation is not applied.
public enum ImageFile {
    /// The format of a file by its first bytes.
    enum Format {
        case png
        case jpeg
    }

    /// More pixels are taken for a damaged header: 2²⁷, 134 million.
    static let largestPixelCount = 1 << 27

    /// The image in a file.
    ///
    /// - Throws: `FileError` where it cannot be read, `DatasetError` where it is no image, damaged, truncated or absurdly
    ///   large.
    public static func read(_ path: String) throws -> Image { try decode(readFile(path), path: path) }

    /// The image in a file's bytes; `path` is for messages.
    public static func decode(_ bytes: [UInt8], path: String) throws -> Image {
        let (format, header) = try header(of: bytes, path: path)
        let samples = Int(header.width) * Int(header.height)
        let size = samples * Int(header.stored_channels) * Int(header.sample_bytes)
        let pixels = try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            try calling(path) { message in
                withUnsafePointer(to: header) {
                    switch format {
                    case .png: nnx_png_decode(bytes, bytes.count, $0, buffer.baseAddress, message)
                    case .jpeg: nnx_jpeg_decode(bytes, bytes.count, $0, buffer.baseAddress, message)
                    }
                }
            }
            initialized = samples * Int(header.channels) * Int(header.sample_bytes)
        }
        return Image(pixels: pixels, header: header)
    }

    /// The shape `[height, width, channels]` of the image in a file, of which only the beginning is read.
    ///
    /// - Throws: as `read`, except for damage behind the header.
    public static func shape(_ path: String) throws -> [Int] {
        try shape(of: FileSource(path: path), path: path)
    }

    private static func shape(of file: FileSource, path: String) throws -> [Int] {
        let header = try header(of: file, path: path)
        return [Int(header.height), Int(header.width), Int(header.channels)]
    }

    /// Shape and bytes of an image file, of which only the beginning and the end are read. A file without the mark of its
    /// format's end is decoded, to see whether it is whole all the same.
    ///
    /// - Throws: as `read`, except for damage between header and end.
    static func inspect(_ path: String) throws -> (shape: [Int], size: Int) {
        let file = try FileSource(path: path)
        let size = file.remainingAtMost
        let tail = try file.readTail(12)
        let shape = try shape(of: file, path: path)
        let isWhole = tail.suffix(2) == [0xFF, 0xD9] || tail.dropFirst(4).starts(with: "IEND".utf8)
        if !isWhole { _ = try read(path) }
        return (shape, size)
    }

    /// Bytes in which nearly every header ends; a longer one takes the whole file.
    private static let headBytes = 1 << 13

    private static func header(of file: FileSource, path: String) throws -> nnx_image_header {
        let size = file.remainingAtMost
        let head = try file.readBytes(min(size, headBytes))
        do { return try header(of: head, path: path).header } catch let error as DatasetError {
            guard size > head.count, format(of: head) != nil else { throw error }
            return try header(of: head + file.readBytes(size - head.count), path: path).header
        }
    }

    private static func header(
        of bytes: [UInt8], path: String
    ) throws -> (format: Format, header: nnx_image_header) {
        guard let format = format(of: bytes) else { throw noImage(bytes, path: path) }
        var header = nnx_image_header()
        try calling(path) { message in
            switch format {
            case .png: nnx_png_read_header(bytes, bytes.count, &header, message)
            case .jpeg: nnx_jpeg_read_header(bytes, bytes.count, &header, message)
            }
        }
        guard header.width > 0, header.height > 0, Int(header.width) * Int(header.height) <= largestPixelCount else {
            throw DatasetError(
                "the header promises \(header.width) × \(header.height) pixels, more than the "
                    + "\(largestPixelCount >> 20) million that an image may have", path: path,
                hint: "the file is damaged; make an image that is really this large smaller with another program")
        }
        return (format, header)
    }

    private static func format(of bytes: [UInt8]) -> Format? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        return bytes.starts(with: [0xFF, 0xD8, 0xFF]) ? .jpeg : nil
    }

    /// Says what a file is instead of a PNG or a JPEG.
    private static func noImage(_ bytes: [UInt8], path: String) -> DatasetError {
        if bytes.isEmpty { return DatasetError("the file is empty", path: path) }
        let others: [(format: String, at: Int, bytes: String)] = [
            ("a GIF", 0, "GIF8"), ("a BMP", 0, "BM"), ("a WebP", 8, "WEBP"), ("a TIFF", 0, "II*\0"),
            ("a TIFF", 0, "MM\0*"), ("a HEIC or AVIF", 4, "ftyp"),
        ]
        if let other = others.first(where: { bytes.dropFirst($0.at).starts(with: $0.bytes.utf8) }) {
            return DatasetError(
                "this is \(other.format) image; PNG and JPEG can be read", path: path,
                hint: "convert it to PNG or JPEG with another program")
        }
        let head = bytes.prefix(16)
        let isText = head.allSatisfy { (0x20..<0x7F).contains($0) || [9, 10, 13].contains($0) }
        let found =
            isText
            ? "the text \"\(String(decoding: head.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self))\""
            : "the bytes " + head.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
        return DatasetError("this is no PNG or JPEG image: it begins with \(found)", path: path)
    }

    /// Runs a function of the codecs; its message becomes an error.
    private static func calling(_ path: String, _ body: (UnsafeMutablePointer<CChar>) -> Bool) throws {
        var message = [CChar](repeating: 0, count: Int(NNX_IMAGE_MESSAGE))
        if body(&message) { return }
        let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw DatasetError(
            "the image is damaged or truncated: \(reason)", path: path, hint: "copy the file again, or remove it")
    }
}
