import Contracts

/// Reads a sheet as RFC 4180 writes one, a chunk at a time, and hands over each record as soon as it is whole.
///
/// UTF-8 with or without a byte order mark; lines may end in CRLF, LF or CR. Whatever is no such sheet (another encoding,
/// a quotation mark out of place, a cell without end) is ``Contracts/Invalid`` as a whole: after a misread quotation mark
/// every later cell would be a guess. Holds one record at most, never the sheet.
package struct CSVReader {
    package struct Record: Equatable, Sendable {
        /// Where it begins, counted from 1 as editors do.
        package let line: Int
        package let cells: [String]

        package init(line: Int, cells: [String]) { (self.line, self.cells) = (line, cells) }
    }

    /// Refused above these, before memory is spent on them.
    package struct Limits: Sendable {
        package let columns: Int
        package let cellBytes: Int
        package let records: Int

        package init(columns: Int = 256, cellBytes: Int = 32_768, records: Int = 50_000) {
            (self.columns, self.cellBytes, self.records) = (columns, cellBytes, records)
        }
    }

    private enum State { case cellStart, bare, quoted, quoteInQuoted }

    private let limits: Limits
    private var state = State.cellStart
    private var afterReturn = false
    private var line = 1
    private var recordLine = 1
    private var records = 0
    private var cells: [String] = []
    private var cell: [UInt8] = []

    package init(_ limits: Limits = Limits()) { self.limits = limits }

    package static func records(in bytes: [UInt8], _ limits: Limits = Limits()) throws(Invalid) -> [Record] {
        var reader = CSVReader(limits)
        var records: [Record] = []
        try reader.feed(bytes) { record throws(Invalid) in records.append(record) }
        try reader.finish { record throws(Invalid) in records.append(record) }
        return records
    }

    package mutating func feed(_ bytes: [UInt8], each: (Record) throws(Invalid) -> Void) throws(Invalid) {
        for byte in bytes { try take(byte, each) }
    }

    /// The last record needs no line end.
    package mutating func finish(each: (Record) throws(Invalid) -> Void) throws(Invalid) {
        if state == .quoted { throw unreadable("sheet.open-quote", "a quoted cell that begins in this record never ends", at: recordLine) }
        if state != .cellStart || !cells.isEmpty { try endRecord(each) }
    }

    private mutating func take(_ byte: UInt8, _ each: (Record) throws(Invalid) -> Void) throws(Invalid) {
        let followsReturn = afterReturn
        afterReturn = byte == Self.carriageReturn && state != .quoted
        if followsReturn, byte == Self.lineFeed { return }
        switch (state, byte) {
        case (_, 0):
            throw unreadable("sheet.not-text", "the file is not text; save the sheet as CSV in UTF-8", at: line)

        case (.cellStart, Self.quote):
            state = .quoted
        case (.bare, Self.quote) where isByteOrderMark:
            cell.removeAll(keepingCapacity: true)
            state = .quoted
        case (.bare, Self.quote):
            throw unreadable("sheet.stray-quote", "a quotation mark inside a cell must be doubled and the cell quoted", at: line)

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
            try endRecord(each)
            line += 1
            recordLine = line

        case (.cellStart, _), (.bare, _):
            try append(byte)
            state = .bare
        case (.quoteInQuoted, _):
            throw unreadable("sheet.stray-quote", "text follows the closing quotation mark of a cell", at: line)
        }
    }

    private mutating func append(_ byte: UInt8) throws(Invalid) {
        guard cell.count < limits.cellBytes else { throw unreadable("sheet.cell-too-long", "a cell is longer than \(limits.cellBytes) bytes", at: line) }
        cell.append(byte)
    }

    private mutating func endCell() throws(Invalid) {
        guard cells.count < limits.columns else { throw unreadable("sheet.too-wide", "more than \(limits.columns) columns", at: line) }
        let content = isByteOrderMark || startsWithByteOrderMark ? cell.dropFirst(3) : cell[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw unreadable("sheet.encoding", "the file is not UTF-8; save the sheet as CSV in UTF-8", at: line)
        }
        cells.append(text)
        cell.removeAll(keepingCapacity: true)
    }

    /// A line without any text separates records and is none.
    private mutating func endRecord(_ each: (Record) throws(Invalid) -> Void) throws(Invalid) {
        try endCell()
        let record = Record(line: recordLine, cells: cells)
        cells.removeAll(keepingCapacity: true)
        state = .cellStart
        guard record.cells.contains(where: { !$0.isEmpty }) else { return }
        records += 1
        guard records <= limits.records else { throw unreadable("sheet.too-long", "more than \(limits.records) rows", at: recordLine) }
        try each(record)
    }

    private var startsWithByteOrderMark: Bool { recordLine == 1 && cells.isEmpty && cell.starts(with: Self.byteOrderMark) }
    private var isByteOrderMark: Bool { startsWithByteOrderMark && cell.count == 3 }

    private func unreadable(_ code: String, _ reason: String, at line: Int) -> Invalid { Invalid("\(line)", code, reason) }

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
