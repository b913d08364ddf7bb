import CPango

/// Paper to write on, in points (1/72 inch), origin at the top left. The only holder of cairo's and pango's pointers.
///
/// Fonts are embedded, a glyph only if it is used; a character that the first font lacks comes from another.
package final class PDFCanvas {
    package enum Paper: String, CaseIterable, Sendable {
        case a3, a4

        package var size: (width: Double, height: Double) {
            switch self {
            case .a3: (841.89, 1190.55)
            case .a4: (595.28, 841.89)
            }
        }
    }

    package struct Font: Sendable {
        let size: Double
        let isBold: Bool

        package init(size: Double, isBold: Bool = false) { (self.size, self.isBold) = (size, isBold) }
    }

    /// The library could not write; there is no memory, or no font at all.
    package struct Failed: Error {
        let status: UInt32
    }

    package let paper: Paper
    private let bytes = Bytes()
    private let surface: OpaquePointer
    private let cairo: OpaquePointer

    private final class Bytes { var written: [UInt8] = [] }

    package init(_ paper: Paper) throws {
        self.paper = paper
        let (width, height) = paper.size
        let opened = cairo_pdf_surface_create_for_stream(
            { closure, data, length in
                guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
                Unmanaged<Bytes>.fromOpaque(closure).takeUnretainedValue().written.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
                return CAIRO_STATUS_SUCCESS
            }, Unmanaged.passUnretained(bytes).toOpaque(), width, height)
        guard let opened, cairo_surface_status(opened) == CAIRO_STATUS_SUCCESS, let context = cairo_create(opened) else {
            throw Failed(status: opened.map { cairo_surface_status($0).rawValue } ?? 0)
        }
        (surface, cairo) = (opened, context)
    }

    deinit {
        cairo_destroy(cairo)
        cairo_surface_destroy(surface)
    }

    /// Writes text into a column, in as many lines as it takes, and tells its height.
    @discardableResult
    package func write(_ text: String, _ font: Font, x: Double, y: Double, width: Double, isCentred: Bool = false) -> Double {
        lay(text, font, width, isCentred) { layout in
            cairo_move_to(cairo, x, y)
            pango_cairo_show_layout(cairo, layout)
        }
    }

    package func height(of text: String, _ font: Font, width: Double) -> Double { lay(text, font, width, false) { _ in } }

    private func lay(_ text: String, _ font: Font, _ width: Double, _ isCentred: Bool, _ use: (OpaquePointer) -> Void) -> Double {
        guard let layout = pango_cairo_create_layout(cairo) else { return 0 }
        defer { lika_unref(UnsafeMutableRawPointer(layout)) }
        let description = pango_font_description_new()
        defer { pango_font_description_free(description) }
        pango_font_description_set_family(description, "Noto Sans CJK SC, Noto Sans, sans-serif")
        pango_font_description_set_absolute_size(description, font.size * Double(PANGO_SCALE))
        if font.isBold { pango_font_description_set_weight(description, PANGO_WEIGHT_BOLD) }
        pango_layout_set_font_description(layout, description)
        pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        if isCentred { pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER) }
        pango_layout_set_text(layout, text, -1)
        use(layout)
        var (lineWidth, lineHeight): (Int32, Int32) = (0, 0)
        pango_layout_get_size(layout, &lineWidth, &lineHeight)
        return Double(lineHeight) / Double(PANGO_SCALE)
    }

    package func line(x: Double, y: Double, width: Double) {
        cairo_set_line_width(cairo, 0.6)
        cairo_move_to(cairo, x, y)
        cairo_line_to(cairo, x + width, y)
        cairo_stroke(cairo)
    }

    package func draw(_ code: QRCode, x: Double, y: Double, side: Double) {
        let square = side / Double(code.width)
        for row in 0..<code.width {
            for column in 0..<code.width where code.isBlack(column, row) {
                cairo_rectangle(cairo, x + Double(column) * square, y + Double(row) * square, square, square)
            }
        }
        cairo_fill(cairo)
    }

    package func endPage() { cairo_show_page(cairo) }

    /// The document; nothing more can be written.
    package func finish() throws -> [UInt8] {
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else { throw Failed(status: status.rawValue) }
        return bytes.written
    }
}
