import Contracts
import Foundation
import Registry

/// One fault of one cell, named so that a clerk finds it: never with a value from the sheet.
package struct SheetFault: Codable, Equatable, Sendable {
    package let line: Int
    /// The heading of the column, or nothing if the fault is the whole row's.
    package let column: String?
    package let code: String
    package let reason: String

    package init(_ line: Int, _ column: String?, _ code: String, _ reason: String) {
        (self.line, self.column, self.code, self.reason) = (line, column, code, reason)
    }
}

/// The columns of one kind of sheet; the raw value is the Chinese heading.
package protocol SheetColumn: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The national system's name of the field, which is accepted as heading too.
    var element: String? { get }
    /// What the cell may hold where it is one of a list, by its Chinese label.
    var choices: [String] { get }
    /// What belongs into the column, where its heading does not say.
    var note: String? { get }
}

extension SheetColumn {
    package var choices: [String] { [] }
    package var note: String? { nil }
}

/// Which cell of a row is which column.
package struct SheetHeader<Column: SheetColumn>: Sendable {
    private let positions: [Column: Int]
    private let columns: [Int: Column]
    let width: Int
    package let ignored: [String]

    /// Refuses, naming every one, headings that are missing or stand twice.
    package init(_ record: SheetRow, requiring required: Set<Column>) throws(Invalid) {
        var positions: [Column: Int] = [:]
        var ignored: [String] = []
        var faults = record.unusable.sorted { $0.key < $1.key }.map { position, why in
            Invalid.Fault("\(record.line)/\(position + 1)", why.code, why.reason)
        }
        let known = Dictionary(
            Column.allCases.flatMap { column in [(Self.plain(column.rawValue), column)] + (column.element.map { [($0, column)] } ?? []) },
            uniquingKeysWith: { first, _ in first })
        for (position, heading) in record.cells.enumerated() {
            guard let column = known[Self.plain(heading)] else {
                if !heading.isEmpty { ignored.append(heading) }
                continue
            }
            if positions.updateValue(position, forKey: column) != nil {
                faults.append(.init("\(record.line)/\(column.rawValue)", "sheet.column-twice", "the column \(column.rawValue) stands twice"))
            }
        }
        for column in Column.allCases where required.contains(column) && positions[column] == nil {
            faults.append(.init("\(record.line)/\(column.rawValue)", "sheet.column-missing", "the column \(column.rawValue) is missing"))
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        (self.positions, self.ignored, width) = (positions, ignored, record.cells.count)
        columns = Dictionary(positions.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    func column(at position: Int) -> Column? { columns[position] }

    func text(_ column: Column, of record: SheetRow) -> String {
        guard let position = positions[column], position < record.cells.count else { return "" }
        let text = record.cells[position]
        // Almost no cell begins or ends with a blank.
        guard let first = text.utf8.first, let last = text.utf8.last, !(0x21...0x7E).contains(first) || !(0x21...0x7E).contains(last) else { return text }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Headings differ in the width of their brackets and in blanks, not in meaning.
    private static func plain(_ heading: String) -> String {
        heading.precomposedStringWithCompatibilityMapping.filter { !$0.isWhitespace }
    }
}

/// Takes the cells of one row as what they should be, and notes every fault instead of stopping at the first.
package struct RowReader<Column: SheetColumn> {
    private let header: SheetHeader<Column>
    private let record: SheetRow
    private(set) var faults: [SheetFault] = []
    /// Columns whose cell cannot be taken: that is its fault, and being empty is none beside it.
    private var unusable: Set<Column> = []

    var line: Int { record.line }

    /// - Parameter isAgain: The row is read a second time, for other columns: what is wrong with it as such was told.
    init(_ record: SheetRow, _ header: SheetHeader<Column>, isAgain: Bool = false) {
        (self.header, self.record) = (header, record)
        for (position, why) in record.unusable.sorted(by: { $0.key < $1.key }) {
            guard let column = header.column(at: position) else { continue }
            unusable.insert(column)
            if !isAgain { faults.append(SheetFault(record.line, column.rawValue, why.code, why.reason)) }
        }
        if record.cells.count != header.width, !isAgain {
            faults.append(SheetFault(record.line, nil, "row.width", "\(record.cells.count) cells under \(header.width) headings"))
        }
    }

    mutating func fault(_ column: Column?, _ code: String, _ reason: String) {
        if let column, unusable.contains(column) { return }
        faults.append(SheetFault(record.line, column?.rawValue, code, reason))
    }

    func isEmpty(_ column: Column) -> Bool { header.text(column, of: record).isEmpty }

    func text(_ column: Column) -> String? {
        let text = header.text(column, of: record)
        return text.isEmpty ? nil : text
    }

    mutating func required(_ column: Column) -> String {
        guard let text = text(column) else {
            fault(column, "cell.empty", "this cell must be filled")
            return ""
        }
        return text
    }

    /// What `parse` makes of the cell; nothing if it is empty, or faulty.
    mutating func parsed<Value>(_ column: Column, _ code: String, _ reason: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(column) else { return nil }
        guard let value = parse(text) else {
            fault(column, code, reason)
            return nil
        }
        return value
    }

    mutating func date(_ column: Column) -> LocalDate? {
        parsed(column, "date.format", "a day is written yyyy-mm-dd and must exist", LocalDate.init(_:))
    }

    mutating func money(_ column: Column) -> Money? {
        parsed(column, "money.format", "an amount is yuan with at most two decimals, without separators", Money.init(_:))
    }

    mutating func whole(_ column: Column, in range: ClosedRange<Int>) -> Int? {
        parsed(column, "number.range", "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func yesNo(_ column: Column) -> Bool? {
        parsed(column, "code.unknown", "是 or 否") { text in
            switch text {
            case "是", "1", "Y", "TRUE": true
            case "否", "0", "N", "FALSE": false
            default: nil
            }
        }
    }

    /// The entry's code, whether the cell has the code or the label.
    mutating func code(_ column: Column, in list: CodeList) -> String? {
        parsed(column, "code.unknown", "not in the code list \(list.name)") { text in (list[text] ?? list.labelled(text))?.code }
    }

    /// Several codes in one cell, separated by `、`, `|` or `;`.
    mutating func codes(_ column: Column, in list: CodeList) -> [String] {
        let found = parsed(column, "code.unknown", "not in the code list \(list.name)") { text in
            let parts = text.split { "、|;；".contains($0) }.map { (list[String($0)] ?? list.labelled(String($0)))?.code }
            return parts.contains(nil) ? nil : parts.compactMap(\.self)
        }
        return found ?? []
    }

    mutating func vocabulary<Value: RawRepresentable<String> & CaseIterable>(_ column: Column, _ label: (Value) -> String) -> Value? {
        parsed(column, "code.unknown", "not one of the codes of this column") { text in
            Value.allCases.first { $0.rawValue == text || label($0) == text }
        }
    }
}
