import Registry

/// Reads a sheet as RFC 4180 writes one, a piece at a time, and hands over each row as soon as it is whole.
///
/// UTF-8 with or without a byte order mark, or GB18030; lines may end in CRLF, LF or CR. Whatever is no such sheet (another
/// encoding, a quotation mark out of place, a cell without end) is a ``SheetRefusal`` of the whole: after a misread quotation
/// mark every later cell would be a guess. Holds one row at most, never the sheet.
package struct CSVReader {
    private enum State { case cellStart, bare, quoted, quoteInQuoted }

    private let limits: SheetLimits
    private let transcoder: Transcoder?
    private var state = State.cellStart
    private var afterReturn = false
    private var line = 1
    private var rowLine = 1
    private var rows = 0
    private var cells: [String] = []
    private var cell: [UInt8] = []

    package init(_ encoding: SheetEncoding = .utf8, _ limits: SheetLimits = SheetLimits()) throws(SheetRefusal) {
        self.limits = limits
        transcoder = encoding == .gb18030 ? try Transcoder() : nil
    }

    /// All rows of a sheet that is in memory already.
    package static func rows(
        in bytes: [UInt8], _ encoding: SheetEncoding = .utf8, _ limits: SheetLimits = SheetLimits()
    ) throws(SheetRefusal) -> [SheetRow] {
        var reader = try CSVReader(encoding, limits)
        return try reader.read(bytes) + reader.finish()
    }

    /// The rows that end in this piece.
    package mutating func read(_ piece: [UInt8]) throws(SheetRefusal) -> [SheetRow] {
        guard let transcoder else { return try take(piece) }
        guard let converted = transcoder.convert(piece) else { throw notText(.gb18030) }
        return try take(converted)
    }

    /// The last row needs no line end.
    package mutating func finish() throws(SheetRefusal) -> [SheetRow] {
        if transcoder?.isAtEnd == false { throw notText(.gb18030) }
        if state == .quoted { throw refusal("sheet.open-quote", "a quoted cell that begins in this row never ends", at: rowLine) }
        var ended: [SheetRow] = []
        if state != .cellStart || !cells.isEmpty { try endRow(&ended) }
        return ended
    }

    private mutating func take(_ bytes: [UInt8]) throws(SheetRefusal) -> [SheetRow] {
        var ended: [SheetRow] = []
        var place = 0
        while place < bytes.count {
            // Most bytes are plain content: they go over in runs.
            if state == .bare || state == .quoted {
                var end = place
                while end < bytes.count, Self.isPlain(bytes[end], state) { end += 1 }
                if end > place {
                    guard cell.count + end - place <= limits.cellBytes else { throw tooLong }
                    cell.append(contentsOf: bytes[place..<end])
                    (place, afterReturn) = (end, false)
                    continue
                }
            }
            try take(bytes[place], &ended)
            place += 1
        }
        return ended
    }

    private static func isPlain(_ byte: UInt8, _ state: State) -> Bool {
        if state == .quoted { return byte != quote && byte != lineFeed && byte != 0 }
        return byte != comma && byte != quote && byte != lineFeed && byte != carriageReturn && byte != 0
    }

    private mutating func take(_ byte: UInt8, _ ended: inout [SheetRow]) throws(SheetRefusal) {
        let followsReturn = afterReturn
        afterReturn = byte == Self.carriageReturn && state != .quoted
        if followsReturn, byte == Self.lineFeed { return }
        switch (state, byte) {
        case (_, 0):
            throw refusal("sheet.not-text", "the file is not text; save the sheet as CSV in UTF-8 or GB18030, or as XLSX", at: line)

        case (.cellStart, Self.quote):
            state = .quoted
        case (.bare, Self.quote) where isByteOrderMark:
            cell.removeAll(keepingCapacity: true)
            state = .quoted
        case (.bare, Self.quote):
            throw refusal("sheet.stray-quote", "a quotation mark inside a cell must be doubled and the cell quoted", at: line)

        case (.quoted, Self.quote):
            state = .quoteInQuoted
        case (.quoted, _):
            if byte == Self.lineFeed { line += 1 }
            try append(byte)

        case (.quoteInQuoted, Self.quote):
            try append(byte)
            state = .quoted

        case (.cellStart, Self.comma), (.bare, Self.comma), (.quoteInQuoted, Self.comma):
            try endCell()
            state = .cellStart

        case (.cellStart, Self.lineFeed), (.cellStart, Self.carriageReturn), (.bare, Self.lineFeed), (.bare, Self.carriageReturn),
            (.quoteInQuoted, Self.lineFeed), (.quoteInQuoted, Self.carriageReturn):
            try endRow(&ended)
            line += 1
            rowLine = line

        case (.cellStart, _), (.bare, _):
            try append(byte)
            state = .bare
        case (.quoteInQuoted, _):
            throw refusal("sheet.stray-quote", "text follows the closing quotation mark of a cell", at: line)
        }
    }

    private mutating func append(_ byte: UInt8) throws(SheetRefusal) {
        guard cell.count < limits.cellBytes else { throw tooLong }
        cell.append(byte)
    }

    private mutating func endCell() throws(SheetRefusal) {
        guard cells.count < limits.columns else { throw refusal("sheet.too-wide", "more than \(limits.columns) columns", at: line) }
        let content = isByteOrderMark || startsWithByteOrderMark ? cell.dropFirst(3) : cell[...]
        guard let text = String(validating: content, as: UTF8.self) else { throw notText(.utf8) }
        cells.append(text)
        cell.removeAll(keepingCapacity: true)
    }

    /// A line without any text separates rows and is none.
    private mutating func endRow(_ ended: inout [SheetRow]) throws(SheetRefusal) {
        try endCell()
        let row = SheetRow(line: rowLine, cells: cells)
        cells.removeAll(keepingCapacity: true)
        state = .cellStart
        guard row.cells.contains(where: { !$0.isEmpty }) else { return }
        rows += 1
        guard rows <= limits.rows else { throw refusal("sheet.too-long", "more than \(limits.rows) rows", at: rowLine) }
        ended.append(row)
    }

    private var startsWithByteOrderMark: Bool { rowLine == 1 && cells.isEmpty && cell.starts(with: Self.byteOrderMark) }
    private var isByteOrderMark: Bool { startsWithByteOrderMark && cell.count == 3 }

    private var tooLong: SheetRefusal { refusal("sheet.cell-too-long", "a cell is longer than \(limits.cellBytes) bytes", at: line) }

    private func notText(_ encoding: SheetEncoding) -> SheetRefusal {
        refusal("sheet.encoding", "the file is not \(encoding.rawValue) throughout; save the sheet as CSV in UTF-8", at: line)
    }

    private func refusal(_ code: String, _ reason: String, at line: Int) -> SheetRefusal { SheetRefusal(code, at: "\(line)", reason) }

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
