import Foundation

/// A fresh folder with sets and weights that are damaged in one way each, and a snippet with a net.
///
/// `digits` is whole: 20 + 10 images of 6 × 6 in the form of MNIST. Every other folder differs from it in one file.
struct DamagedFiles {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-messages-\(UUID().uuidString)")
        path = url.path
        let images = Self.idx([20, 6, 6])
        let name = "train-images-idx3-ubyte"
        try folder("digits")
        try folder("incomplete", without: "t10k-labels-idx1-ubyte")
        try folder("truncated", [name: images.prefix(300)])
        try folder("short_header", [name: images.prefix(9)])
        try folder("not_gzip", [name + ".gz": Data("hello, this is text".utf8)], without: name)
        try folder("broken_gzip", [name + ".gz": Self.gzipHead], without: name)
        try folder("not_idx", [name: Data([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10])])
        try folder("uneven", ["train-labels-idx1-ubyte": Self.idx([19])])
        let snippets = url.appendingPathComponent("snippets")
        try FileManager.default.createDirectory(at: snippets, withIntermediateDirectories: true)
        try Data("net Mine(classes: 10) {\n    conv(4, 9); relu\n    flatten; dense(classes)\n}\n".utf8).write(
            to: snippets.appendingPathComponent("nets.nnx"))
        var truncated = Data([0xF4, 1, 0, 0, 0, 0, 0, 0])
        truncated += Data(#"{"dense1.W":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#.utf8)
        try truncated.write(to: url.appendingPathComponent("truncated.safetensors"))
        try writeImages()
        try writeSets()
        try Data("these are no weights, only a text of some length".utf8).write(
            to: url.appendingPathComponent("text.safetensors"))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// `images`: two good ones, of 11 × 13 pixels, and some that are damaged.
    private func writeImages() throws {
        let folder = URL(fileURLWithPath: path).appendingPathComponent("images")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func file(_ name: String) throws -> Data { try Data(contentsOf: Self.reference.appendingPathComponent(name)) }
        func write(_ data: Data, _ name: String) throws { try data.write(to: folder.appendingPathComponent(name)) }
        let (png, jpeg) = (try file("rgb8.png"), try file("rgb.jpg"))
        try write(png, "good.png")
        try write(jpeg, "good.jpg")
        try write(png.dropLast(40), "truncated.png")
        // A wrong code in the middle of the compressed data.
        try write(jpeg.prefix(680) + Data([0xFF, 0xFF, 0xFF, 0xD9]), "broken.jpg")
        try write(Data("Remember: buy milk, train the net\n".utf8), "notes.png")
        // 60 000 × 60 000 pixels; the checksum of the header is right.
        let header: [UInt8] = [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0, 0x0F, 0xB0, 0xE2, 0x15]
        try write(png.prefix(16) + Data(header) + png.dropFirst(33), "huge.png")
    }

    /// Folders of images, one sub-folder a class, each wrong in one way, and tables and arrays that are damaged.
    private func writeSets() throws {
        let root = URL(fileURLWithPath: path)
        func file(_ name: String) throws -> Data { try Data(contentsOf: Self.reference.appendingPathComponent(name)) }
        func write(_ data: Data, _ name: String) throws {
            let url = root.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
        let (png, jpeg, gray) = (try file("rgb8.png"), try file("rgb.jpg"), try file("gray8.png"))
        try write(png, "pets_broken/cats/1.png")
        try write(jpeg.dropLast(40), "pets_broken/dogs/1.jpg")
        try write(png, "pets_text/cats/1.png")
        try write(Data("no picture of a dog".utf8), "pets_text/dogs/1.png")
        try write(Data(), "images_of_all/cats/1.png")
        try write(Data("GIF89a".utf8), "images_of_all/cats/2.gif")
        try write(png.dropLast(60), "images_of_all/dogs/3.png")
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent("empty"), withIntermediateDirectories: true)
        try write(png, "pets_sizes/cats/1.png")
        try write(file("gray16.png"), "pets_sizes/dogs/1.png")
        // A wrong byte in the compressed data, which only decoding finds.
        var damaged = png
        damaged[damaged.count / 2] ^= 0xFF
        try write(png, "pets_damaged/cats/1.png")
        try write(damaged, "pets_damaged/dogs/1.png")
        for name in ["train/cats", "train/dogs", "test/cats"] { try write(gray, "pets_split/\(name)/1.png") }
        try write(Data("a,b,y\n1,2,3\n4,,6\n".utf8), "hole.csv")
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976,), }"
        text += String(repeating: " ", count: 117 - text.count) + "\n"
        try write(Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data((text + "0123").utf8), "huge.npy")
    }

    /// Files that other programs made.
    private static let reference = Folders.project.appendingPathComponent("Tests/DatasetTests/Files")

    private func folder(_ name: String, _ changed: [String: Data] = [:], without missing: String? = nil) throws {
        var files = [
            "train-images-idx3-ubyte": Self.idx([20, 6, 6]), "train-labels-idx1-ubyte": Self.idx([20]),
            "t10k-images-idx3-ubyte": Self.idx([10, 6, 6]), "t10k-labels-idx1-ubyte": Self.idx([10]),
        ]
        if let missing { files[missing] = nil }
        files.merge(changed) { $1 }
        let folder = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in files { try bytes.write(to: folder.appendingPathComponent(name)) }
    }

    /// An idx file of bytes 0, 1, …, 9, 0, …
    private static func idx(_ shape: [Int]) -> Data {
        var data = Data([0, 0, 8, UInt8(shape.count)])
        for extent in shape { data += Data([0, 0, UInt8(extent >> 8), UInt8(extent & 255)]) }
        return data + Data((0..<shape.reduce(1, *)).map { UInt8($0 % 10) })
    }

    /// A gzip header and the beginning of a stored block that is longer than what follows.
    private static let gzipHead = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0, 100, 0, 155, 255, 0, 0, 8, 3])
}
