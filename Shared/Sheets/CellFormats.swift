import Foundation
import Registry

/// Which numbers of a workbook are days, and which days they are.
struct CellFormats {
    enum Kind { case number, day, time }

    private let kinds: [Kind]
    private let counts1904: Bool

    init(_ kinds: [Kind], counts1904: Bool) { (self.kinds, self.counts1904) = (kinds, counts1904) }

    /// The formats that every workbook has, those of Chinese programs included (ECMA-376 part 1, 18.8.30).
    static func kind(builtIn id: Int) -> Kind {
        switch id {
        case 14...17, 22, 27...31, 36, 50...54, 57, 58: .day
        case 18...21, 32...35, 45...47, 55, 56: .time
        default: .number
        }
    }

    /// A format of the workbook's own: a day if it shows year or day, a time if only hours, minutes or seconds.
    static func kind(of code: String) -> Kind {
        var isQuoted = false
        var isEscaped = false
        var isBracketed = false
        var letters: Set<Character> = []
        for character in code.lowercased() {
            if isEscaped { isEscaped = false } else if isQuoted { isQuoted = character != "\"" } else if isBracketed {
                isBracketed = character != "]"
            } else {
                switch character {
                case "\"": isQuoted = true
                case "\\", "_", "*": isEscaped = true
                case "[": isBracketed = true
                case ";": return kind(letters)
                default: letters.insert(character)
                }
            }
        }
        return kind(letters)
    }

    private static func kind(_ letters: Set<Character>) -> Kind {
        if letters.contains("y") || letters.contains("d") || letters.contains("e") && letters.contains("m") { return .day }
        if letters.contains("h") || letters.contains("s") { return .time }
        return letters.contains("m") ? .day : .number
    }

    /// The text of a cell that holds a number, or why it cannot be taken.
    func text(of number: String, style: Int) -> Result<String, CellProblem> {
        guard let value = Double(number), value.isFinite else { return .failure(.unreadable) }
        switch kinds.indices.contains(style) ? kinds[style] : .number {
        case .number: return Self.text(value)
        case .time: return .failure(.timeOfDay)
        case .day:
            guard value == value.rounded() else { return .failure(.timeOfDay) }
            return day(value).map { .success($0.description) } ?? .failure(.noDay)
        }
    }

    /// A workbook keeps 15 digits of a number; of a longer one the last are lost.
    private static func text(_ value: Double) -> Result<String, CellProblem> {
        guard abs(value) < 1e15 else { return .failure(.digitsLost) }
        if value == value.rounded() { return .success(String(Int(value))) }
        var text = String(format: "%.15g", value)
        if text.contains("e") { text = String(format: "%.15f", value) }
        return .success(text)
    }

    /// Days are counted from 1900 as if that year had been a leap year, or from 1904.
    private func day(_ serial: Double) -> LocalDate? {
        guard (0..<2_958_466).contains(serial) else { return nil }
        let days = Int(serial)
        if counts1904 { return LocalDate(daysSinceEpoch: days - 24_107) }
        guard days > 0, days != 60 else { return nil }
        return LocalDate(daysSinceEpoch: days - (days < 60 ? 25_568 : 25_569))
    }
}

/// Why a cell cannot be taken. The mend is in its reason.
enum CellProblem: Error {
    case formula, failed, digitsLost, noDay, timeOfDay, merged, unreadable

    var unusable: SheetRow.Unusable {
        switch self {
        case .formula: .init("cell.formula", "the cell holds a formula; copy the column and paste it as values")
        case .failed: .init("cell.error", "the cell shows an error; enter its value")
        case .digitsLost:
            .init("cell.digits-lost", "a number of more than 15 digits has lost its last ones; format the column as text and enter it again")
        case .noDay: .init("date.format", "the number of this cell is no day; enter it as yyyy-mm-dd")
        case .timeOfDay: .init("cell.time-of-day", "the cell holds a time of day; enter a day as yyyy-mm-dd, or text")
        case .merged: .init("cell.merged", "the cell is part of a merged one; unmerge it and fill every row")
        case .unreadable: .init("cell.unreadable", "the cell cannot be read; enter its value again")
        }
    }
}
