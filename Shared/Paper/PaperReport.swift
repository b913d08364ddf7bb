/// Tables on as many pages as they take, between a head and a foot that each page has: what posted lists and reports are.
package struct PaperReport {
    package struct Table {
        let title: String
        let headings: [String]
        /// The columns, as parts of the width that add up to 1.
        let columns: [Double]
        let rows: [[String]]

        package init(_ title: String, headings: [String], columns: [Double], rows: [[String]]) {
            (self.title, self.headings, self.columns, self.rows) = (title, headings, columns, rows)
        }
    }

    private let title: String
    /// Below the title, in small letters, on each page.
    private let subtitle: String
    /// On the first page only.
    private let introduction: String
    private let tables: [Table]
    /// Lines of the foot; the page's number comes below them.
    private let footer: [String]
    private let code: QRCode?

    package init(title: String, subtitle: String, introduction: String, tables: [Table], footer: [String], code: QRCode? = nil) {
        (self.title, self.subtitle, self.introduction, self.tables, self.footer, self.code) = (title, subtitle, introduction, tables, footer, code)
    }

    /// What stands one below the other in the body.
    private enum Item {
        case title(String)
        case row([String], columns: [Double])
    }

    private struct Measures {
        let scale, margin, width, bottom: Double
        let text, small, heading: PDFCanvas.Font

        init(_ paper: PDFCanvas.Paper) {
            scale = paper == .a3 ? 1.414 : 1
            margin = 46 * scale
            width = paper.size.width - 2 * margin
            bottom = paper.size.height - margin - 92 * scale
            (text, small, heading) = (.init(size: 12 * scale), .init(size: 8.5 * scale), .init(size: 13.8 * scale, isBold: true))
        }
    }

    package func write(on paper: PDFCanvas.Paper) throws -> [UInt8] {
        let canvas = try PDFCanvas(paper)
        let measures = Measures(paper)
        let first = head(on: canvas, measures, isFirst: true, draws: false)
        let later = head(on: canvas, measures, isFirst: false, draws: false)
        let pages = pages(on: canvas, measures, first: first, later: later)
        for (number, items) in pages.enumerated() {
            var y = head(on: canvas, measures, isFirst: number == 0, draws: true)
            for item in items { y += draw(item, on: canvas, measures, y: y) }
            foot(on: canvas, measures, page: number + 1, of: pages.count)
            canvas.endPage()
        }
        return try canvas.finish()
    }

    // MARK: Head and foot

    /// Draws it, or only tells where the body begins.
    private func head(on canvas: PDFCanvas, _ measures: Measures, isFirst: Bool, draws: Bool) -> Double {
        let scale = measures.scale
        var parts: [(text: String, font: PDFCanvas.Font, isCentred: Bool)] = [
            (title, .init(size: (isFirst ? 22 : 13) * scale, isBold: true), true), (subtitle, measures.small, true),
        ]
        if isFirst { parts.append((introduction, measures.text, false)) }
        var y = measures.margin
        for part in parts where !part.text.isEmpty {
            y += draws
                ? canvas.write(part.text, part.font, x: measures.margin, y: y, width: measures.width, isCentred: part.isCentred)
                : canvas.height(of: part.text, part.font, width: measures.width)
            y += 6 * scale
        }
        return y + 4 * scale
    }

    private func foot(on canvas: PDFCanvas, _ measures: Measures, page: Int, of pages: Int) {
        let scale = measures.scale
        let (y, side) = (measures.bottom + 10 * scale, 76 * scale)
        canvas.line(x: measures.margin, y: measures.bottom + 4 * scale, width: measures.width)
        if let code { canvas.draw(code, x: measures.margin + measures.width - side, y: y, side: side) }
        var line = y
        for text in footer + ["第 \(page) 页　共 \(pages) 页"] {
            line += canvas.write(text, measures.small, x: measures.margin, y: line, width: measures.width - side - 12 * scale) + 3 * scale
        }
    }

    // MARK: Body

    /// A title and its headings never stand alone at the end of a page.
    private func pages(on canvas: PDFCanvas, _ measures: Measures, first: Double, later: Double) -> [[Item]] {
        let items = tables.flatMap { table in
            [Item.title(table.title), .row(table.headings, columns: table.columns)] + table.rows.map { .row($0, columns: table.columns) }
        }
        var pages: [[Item]] = [[]]
        var y = first
        for (place, item) in items.enumerated() {
            let own = height(of: item, on: canvas, measures)
            var needed = own
            if case .title = item { needed += items[place + 1..<min(place + 3, items.count)].reduce(0) { $0 + height(of: $1, on: canvas, measures) } }
            if y + needed > measures.bottom, !pages[pages.count - 1].isEmpty {
                pages.append([])
                y = later
            }
            pages[pages.count - 1].append(item)
            y += own
        }
        return pages
    }

    private func height(of item: Item, on canvas: PDFCanvas, _ measures: Measures) -> Double {
        switch item {
        case .title(let name): canvas.height(of: name, measures.heading, width: measures.width) + 10
        case .row(let cells, let columns):
            zip(cells, columns).map { canvas.height(of: $0, measures.text, width: $1 * measures.width - 6) }.reduce(0, max) + 5
        }
    }

    private func draw(_ item: Item, on canvas: PDFCanvas, _ measures: Measures, y: Double) -> Double {
        let height = height(of: item, on: canvas, measures)
        switch item {
        case .title(let name): canvas.write(name, measures.heading, x: measures.margin, y: y + 8, width: measures.width)
        case .row(let cells, let columns):
            var x = measures.margin
            for (cell, part) in zip(cells, columns) {
                canvas.write(cell, measures.text, x: x + 3, y: y + 2, width: part * measures.width - 6)
                x += part * measures.width
            }
            canvas.line(x: measures.margin, y: y + height, width: measures.width)
        }
        return height
    }
}
