import CCairo

/// Paints on an image in memory, or on a page of a PDF, by cairo.
final class CairoCanvas: Canvas {
    private let surface: OpaquePointer
    private let context: OpaquePointer
    /// What was written of the file so far.
    private let file: ByteCollector

    /// Makes an empty image.
    ///
    /// - Throws: `FigureError` where cairo has no memory for it or refuses the size.
    convenience init(width: Int, height: Int) throws {
        try self.init(
            cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)), width: width, height: height)
    }

    /// Makes an empty page of a PDF; a unit is a point.
    ///
    /// - Throws: As the other.
    convenience init(pdfWidth width: Int, height: Int, title: String) throws {
        let file = ByteCollector()
        try self.init(
            cairo_pdf_surface_create_for_stream(
                ByteCollector.write, Unmanaged.passUnretained(file).toOpaque(), Double(width), Double(height)),
            width: width, height: height, file: file)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title.withoutControls)
        // The same figure gives the same bytes whenever it is saved.
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
    }

    private init(
        _ surface: OpaquePointer?, width: Int, height: Int, file: ByteCollector = ByteCollector()
    ) throws {
        guard let surface else {
            throw FigureError(message: "cairo cannot make an image of \(width) × \(height) pixels")
        }
        guard let context = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            throw FigureError(message: "cairo cannot draw on an image of \(width) × \(height) pixels")
        }
        self.surface = surface
        self.context = context
        self.file = file
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        try check(cairo_surface_status(surface))
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    /// The image as a PNG file.
    func png() throws -> [UInt8] {
        try check(cairo_status(context))
        cairo_surface_flush(surface)
        try check(
            cairo_surface_write_to_png_stream(
                surface, ByteCollector.write, Unmanaged.passUnretained(file).toOpaque()))
        return file.bytes
    }

    /// The page as a PDF file; nothing can be painted afterwards.
    func pdf() throws -> [UInt8] {
        cairo_show_page(context)
        try check(cairo_status(context))
        cairo_surface_finish(surface)
        try check(cairo_surface_status(surface))
        return file.bytes
    }

    func fill(_ rectangle: Rectangle, color: Color) {
        set(color, opacity: 1)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_fill(context)
    }

    func fill(polygon points: [Point], color: Color, opacity: Double) {
        trace(points)
        cairo_close_path(context)
        set(color, opacity: opacity)
        cairo_fill(context)
    }

    func stroke(_ points: [Point], _ stroke: Stroke) {
        trace(points)
        set(stroke.color, opacity: stroke.opacity)
        cairo_set_line_width(context, stroke.width)
        cairo_stroke(context)
    }

    func circle(center: Point, radius: Double, fill: Color, outline: Stroke) {
        cairo_new_path(context)
        cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
        set(fill, opacity: 1)
        cairo_fill_preserve(context)
        set(outline.color, opacity: outline.opacity)
        cairo_set_line_width(context, outline.width)
        cairo_stroke(context)
    }

    func text(_ text: String, at point: Point, _ style: TextStyle) {
        cairo_select_font_face(
            context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
            style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, style.size)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        let offset =
            switch style.anchor {
            case .start: 0.0
            case .middle: -extents.x_advance / 2
            case .end: -extents.x_advance
            }
        cairo_save(context)
        cairo_translate(context, point.x, point.y)
        cairo_rotate(context, style.angle * .pi / 180)
        cairo_move_to(context, offset, 0)
        set(style.color, opacity: 1)
        cairo_show_text(context, text)
        cairo_restore(context)
    }

    func image(_ image: Raster, in rectangle: Rectangle) {
        guard image.width > 0, image.height > 0 else { return }
        guard
            let pixels = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(image.width), Int32(image.height))
        else { return }
        defer { cairo_surface_destroy(pixels) }
        cairo_surface_flush(pixels)
        if let data = cairo_image_surface_get_data(pixels) {
            let stride = Int(cairo_image_surface_get_stride(pixels))
            for row in 0..<image.height {
                for column in 0..<image.width {
                    let color = image[row, column]
                    let value = UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
                    UnsafeMutableRawPointer(data + row * stride + column * 4).storeBytes(of: value, as: UInt32.self)
                }
            }
        }
        cairo_surface_mark_dirty(pixels)
        cairo_save(context)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_clip(context)
        cairo_translate(context, rectangle.x, rectangle.y)
        cairo_scale(
            context, rectangle.width / Double(image.width), rectangle.height / Double(image.height))
        cairo_set_source_surface(context, pixels, 0, 0)
        let pattern = cairo_get_source(context)
        cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST)
        // Without padding the outermost pixels would fade into the background.
        cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
        cairo_paint(context)
        cairo_restore(context)
    }

    private func trace(_ points: [Point]) {
        cairo_new_path(context)
        for point in points { cairo_line_to(context, point.x, point.y) }
    }

    private func set(_ color: Color, opacity: Double) {
        cairo_set_source_rgba(
            context, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255, opacity)
    }

    private func check(_ status: cairo_status_t) throws {
        guard status == CAIRO_STATUS_SUCCESS else {
            throw FigureError(message: "cairo: \(String(cString: cairo_status_to_string(status)))")
        }
    }

    /// Where cairo's writer puts the file.
    private final class ByteCollector {
        var bytes: [UInt8] = []

        static let write: cairo_write_func_t = { collector, data, count in
            guard let collector, let data else { return CAIRO_STATUS_WRITE_ERROR }
            Unmanaged<ByteCollector>.fromOpaque(collector).takeUnretainedValue().bytes
                .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
            return CAIRO_STATUS_SUCCESS
        }
    }
}
