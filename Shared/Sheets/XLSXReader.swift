import Foundation
import Registry

/// Reads one sheet of a workbook (ECMA-376), some rows at a time: it inflates as it goes and holds of the sheet only the row
/// that it is in.
///
/// A cell is taken as the text that a person sees, a day as `yyyy-mm-dd`. What cannot be vouched for (a formula's remembered
/// value, a number whose digits are lost, part of a merged cell) is the row's own fault and stops no other. Rows and cells
/// without content are none, however many there are.
package final class XLSXReader {
    private let sheet: SheetHandler
    private let xml: XMLReader
    private let source: Archive.Part
    private var isAtEnd = false

    /// - Parameters:
    ///   - name: Of the sheet; the first unless given.
    ///   - merges: The ranges that an earlier reading found, which a workbook only names behind its rows.
    package init(
        _ bytes: [UInt8], sheet name: String? = nil, merges: [CellRange] = [], _ limits: SheetLimits = SheetLimits()
    ) throws(SheetRefusal) {
        let workbook = try Workbook(bytes, limits)
        sheet = SheetHandler(workbook, merges, limits)
        xml = try XMLReader(sheet)
        source = try workbook.archive.open(workbook.part(of: name))
    }

    /// Some rows, possibly none as yet; nothing at the end.
    package func next() throws(SheetRefusal) -> [SheetRow]? {
        if isAtEnd { return nil }
        let bytes = try source.read()
        isAtEnd = bytes.isEmpty
        try xml.read(bytes, isLast: isAtEnd)
        return sheet.takeRows()
    }

    /// Complete once ``next()`` gave nothing.
    package var merges: [CellRange] { sheet.mergesFound }

    /// All rows of a sheet that is small enough.
    package static func rows(in bytes: [UInt8], sheet: String? = nil, _ limits: SheetLimits = SheetLimits()) throws(SheetRefusal) -> [SheetRow] {
        let merges = try outline(of: bytes, sheet: sheet, limits).merges
        let reader = try XLSXReader(bytes, sheet: sheet, merges: merges, limits)
        var rows: [SheetRow] = []
        while let some = try reader.next() { rows += some }
        return rows
    }

    package static func outline(of bytes: [UInt8], sheet: String? = nil, _ limits: SheetLimits = SheetLimits()) throws(SheetRefusal) -> SheetOutline {
        let reader = try XLSXReader(bytes, sheet: sheet, limits)
        var rows = 0
        while let some = try reader.next() { rows += some.count }
        return SheetOutline(encoding: nil, rows: rows, merges: reader.merges)
    }
}

/// What reading a file through once shows, before anything in it is used: that it can be read, how it is written, how long
/// it is.
package struct SheetOutline: Codable, Equatable, Sendable {
    /// Of a text file.
    package let encoding: SheetEncoding?
    /// Those with content, the headings included.
    package let rows: Int
    package let merges: [CellRange]

    package init(encoding: SheetEncoding?, rows: Int, merges: [CellRange] = []) {
        (self.encoding, self.rows, self.merges) = (encoding, rows, merges)
    }
}

/// `sheet1.xml`: rows of cells, then the ranges that are merged.
private final class SheetHandler: XMLHandler {
    private enum Content { case number, shared, text, inline, truth, failure, day }

    private let workbook: Workbook
    private let limits: SheetLimits
    private var rows: [SheetRow] = []
    private(set) var mergesFound: [CellRange] = []
    private(set) var refusal: SheetRefusal?
    /// Those not passed yet, the next last.
    private var merges: [CellRange]
    private var activeMerges: [CellRange] = []

    // The row and the cell that reading is in.
    private var line = 0
    private var count = 0
    /// As wide as the headings: a row may leave out what is empty.
    private var width = 0
    private var cells: [String] = []
    private var unusable: [Int: SheetRow.Unusable] = [:]
    private var column = -1
    private var content = Content.number
    private var style = 0
    private var hasFormula = false
    private var isInValue = false
    private var isInPhonetics = false
    private var value: [UInt8] = []

    init(_ workbook: Workbook, _ merges: [CellRange], _ limits: SheetLimits) {
        (self.workbook, self.limits) = (workbook, limits)
        self.merges = merges.sorted { $0.lines.lowerBound > $1.lines.lowerBound }
    }

    func takeRows() -> [SheetRow] {
        defer { rows = [] }
        return rows
    }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        switch name {
        case "c": beginCell(attributes)
        case "v": isInValue = true
        case "row": beginRow(attributes)
        case "f": hasFormula = true
        case "t": isInValue = !isInPhonetics
        case "rPh": isInPhonetics = true
        case "mergeCell":
            guard let range = attributes["ref"].flatMap(CellRange.init), mergesFound.count < limits.mergedRanges else {
                return refusal = SheetRefusal("sheet.merged", "the sheet has more than \(limits.mergedRanges) merged cells; unmerge them")
            }
            mergesFound.append(range)
        default: break
        }
    }

    func end(_ name: XMLName) {
        switch name {
        case "c": endCell()
        case "v", "t": isInValue = false
        case "row": endRow()
        case "rPh": isInPhonetics = false
        default: break
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isInValue else { return }
        value.append(contentsOf: bytes)
        if value.count > limits.cellBytes {
            refusal = SheetRefusal("sheet.cell-too-long", at: CellAddress.text(column, line), "a cell is longer than \(limits.cellBytes) bytes")
        }
    }

    private func beginRow(_ attributes: XMLAttributes) {
        let number = attributes.bytes("r").map(Self.number) ?? line + 1
        guard let number, number > line else { return refusal = Archive.damaged }
        line = number
        column = -1
        while let next = merges.last, next.lines.lowerBound <= line {
            activeMerges.append(next)
            merges.removeLast()
        }
        if !activeMerges.isEmpty { activeMerges.removeAll { $0.lines.upperBound < line } }
    }

    private func beginCell(_ attributes: XMLAttributes) {
        if let reference = attributes.bytes("r") {
            guard let address = CellAddress(reference), address.line == line, address.column > column else { return refusal = Archive.damaged }
            column = address.column
        } else {
            column += 1
        }
        style = attributes.bytes("s").flatMap(Self.number) ?? 0
        content = Self.content(attributes.bytes("t"))
        (hasFormula, isInValue) = (false, false)
        value.removeAll(keepingCapacity: true)
    }

    private static func content(_ type: UnsafeBufferPointer<UInt8>?) -> Content {
        guard let type, let first = type.first else { return .number }
        switch (first, type.count) {
        case (UInt8(ascii: "s"), 1): return .shared
        case (UInt8(ascii: "s"), _): return .text
        case (UInt8(ascii: "i"), _): return .inline
        case (UInt8(ascii: "b"), _): return .truth
        case (UInt8(ascii: "e"), _): return .failure
        case (UInt8(ascii: "d"), _): return .day
        default: return .number
        }
    }

    private func endCell() {
        if hasFormula { return put(.failure(.formula)) }
        if value.isEmpty { return }
        switch content {
        case .number: put(workbook.formats.text(of: String(decoding: value, as: UTF8.self), style: style))
        case .shared:
            let text = value.withUnsafeBufferPointer(Self.number).flatMap { workbook.texts[$0] }
            put(text.map(Result.success) ?? .failure(.unreadable))
        case .text, .inline: put(.success(String(decoding: value, as: UTF8.self)))
        case .truth: put(.success(value.first == UInt8(ascii: "1") ? "TRUE" : "FALSE"))
        case .failure: put(.failure(.failed))
        case .day:
            let text = String(decoding: value, as: UTF8.self)
            let isDay = text.utf8.count == 10 || text.dropFirst(10).allSatisfy { "T0:.Z".contains($0) }
            put(isDay ? .success(String(text.prefix(10))) : .failure(.timeOfDay))
        }
    }

    private func put(_ found: Result<String, CellProblem>) {
        if case .success(let text) = found, text.allSatisfy(\.isWhitespace) { return }
        guard column < limits.columns else {
            return refusal = SheetRefusal("sheet.too-wide", at: CellAddress.text(column, line), "more than \(limits.columns) columns")
        }
        while cells.count <= column { cells.append("") }
        switch found {
        case .success(let text): cells[column] = text
        case .failure(let problem): unusable[column] = problem.unusable
        }
    }

    private func endRow() {
        // Nothing at all is in it, and so no part of a merged cell either: it is no row.
        if cells.isEmpty { return }
        for merge in activeMerges {
            for column in merge.columns.clamped(to: 0...(limits.columns - 1)) { unusable[column] = CellProblem.merged.unusable }
        }
        if count == 0 { width = cells.count }
        while cells.count < width { cells.append("") }
        count += 1
        if count > limits.rows { return refusal = SheetRefusal("sheet.too-long", at: "\(line)", "more than \(limits.rows) rows") }
        rows.append(SheetRow(line: line, cells: cells, unusable: unusable))
        cells.removeAll(keepingCapacity: true)
        if !unusable.isEmpty { unusable.removeAll() }
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard (1...9).contains(bytes.count) else { return nil }
        var number = 0
        for byte in bytes {
            guard byte >= 48, byte <= 57 else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }
}
