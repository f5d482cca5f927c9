import CCairo
import Figures
import Testing

@Suite struct PNGTests {
    @Test func isAPNGOfTheSize() throws {
        let png = try Samples.parabola.png(width: 320, height: 200)
        #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(png[16..<24]) == [0, 0, 1, 64, 0, 0, 0, 200])
        let image = try DecodedPNG(png)
        #expect(image.width == 320)
        #expect(image.height == 200)
        #expect(image.color(x: 0, y: 0) == Color(red: 255, green: 255, blue: 255))
        // The line's colour is somewhere in it.
        #expect(image.contains(Color.series(0)))
    }

    @Test func showsImagesUpright() throws {
        let corners = Raster(
            width: 2, height: 2,
            pixels: [
                Color(red: 255, green: 0, blue: 0), Color(red: 0, green: 255, blue: 0),
                Color(red: 0, green: 0, blue: 255),
                Color(red: 0, green: 0, blue: 0),
            ])
        let image = try DecodedPNG(Figure(corners).png(width: 200, height: 200))
        #expect(image.color(x: 50, y: 50) == corners[0, 0])
        #expect(image.color(x: 150, y: 50) == corners[0, 1])
        #expect(image.color(x: 50, y: 150) == corners[1, 0])
        #expect(image.color(x: 150, y: 150) == corners[1, 1])
    }

    @Test func drawsEverySample() throws {
        for figure in Samples.all {
            #expect(try figure.png(width: 200, height: 120).count > 100)
        }
    }

    @Test func isAPDFOfOnePageThatIsTheSameEachTime() throws {
        for figure in [Samples.parabola, Samples.filters, Samples.flow] {
            let pdf = try figure.pdf()
            #expect(String(decoding: pdf.prefix(5), as: UTF8.self) == "%PDF-")
            #expect(String(decoding: pdf.suffix(6), as: UTF8.self) == "%%EOF\n")
            #expect(try figure.pdf() == pdf)
        }
        #expect(throws: FigureError.self) { try Samples.parabola.pdf(width: 5, height: 100) }
    }

    @Test(arguments: [(0, 100), (100, -1), (100_000, 100)]) func refusesSizes(_ width: Int, _ height: Int) {
        #expect(throws: FigureError.self) { try Samples.parabola.png(width: width, height: height) }
    }
}

/// A PNG file read back by cairo.
private struct DecodedPNG {
    let width: Int
    let height: Int
    private let pixels: [UInt32]

    init(_ bytes: [UInt8]) throws {
        let reader = Reader(bytes)
        let surface = cairo_image_surface_create_from_png_stream(
            { reader, destination, count in
                guard let reader, let destination else { return CAIRO_STATUS_READ_ERROR }
                return Unmanaged<Reader>.fromOpaque(reader).takeUnretainedValue().read(into: destination, Int(count))
            }, Unmanaged.passUnretained(reader).toOpaque())
        defer { cairo_surface_destroy(surface) }
        try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        let data = try #require(cairo_image_surface_get_data(surface))
        var pixels: [UInt32] = []
        for row in 0..<height {
            for column in 0..<width {
                pixels.append(UnsafeRawPointer(data + row * stride + column * 4).loadUnaligned(as: UInt32.self))
            }
        }
        self.pixels = pixels
    }

    func color(x: Int, y: Int) -> Color { Self.color(pixels[y * width + x]) }

    func contains(_ color: Color) -> Bool { pixels.contains { Self.color($0) == color } }

    private static func color(_ pixel: UInt32) -> Color {
        Color(
            red: UInt8(truncatingIfNeeded: pixel >> 16), green: UInt8(truncatingIfNeeded: pixel >> 8),
            blue: UInt8(truncatingIfNeeded: pixel))
    }

    private final class Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        func read(into destination: UnsafeMutablePointer<UInt8>, _ count: Int) -> cairo_status_t {
            guard rest.count >= count else { return CAIRO_STATUS_READ_ERROR }
            for (index, byte) in rest.prefix(count).enumerated() { destination[index] = byte }
            rest = rest.dropFirst(count)
            return CAIRO_STATUS_SUCCESS
        }
    }
}
