import Contracts
import Registry

/// One kind of sheet: its columns, which of its rows belong together, and what they say.
package protocol SheetForm: Sendable {
    associatedtype Column: SheetColumn
    associatedtype Entry: Sendable

    /// Those that the sheet may have, in the order in which a template offers them.
    var columns: [Column] { get }
    /// Without these it is not read.
    var required: Set<Column> { get }
    /// What tells one entry of the sheet from another; the first column names the entry.
    var key: [Column] { get }
    /// Whether an entry may have several rows, one below the other.
    var hasManyRows: Bool { get }
    /// The fault of a row whose entry stood in the sheet before.
    var twice: SheetRow.Unusable { get }

    /// The entry, unless there is a fault in any of its rows.
    func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> Entry?
}

extension SheetForm {
    package var required: Set<Column> { Set(columns) }

    /// All entries of a small sheet, which is in memory whole.
    package func items(of rows: [SheetRow]) throws(Invalid) -> [SheetItem<Entry>] {
        guard let headings = rows.first else { throw Invalid("1", "sheet.empty", "the file has no rows") }
        var stream = try SheetStream(self, headings: headings)
        var groups: [SheetGroup] = []
        for row in rows.dropFirst() { if let group = stream.take(row) { groups.append(group) } }
        if let last = stream.finish() { groups.append(last) }
        return groups.map(stream.item)
    }
}

/// The rows of one entry of a sheet.
package struct SheetGroup: Sendable {
    package let rows: [SheetRow]
    package let key: String
    /// The same entry stood further up already, apart from these rows.
    package let isAgain: Bool

    /// The lines of its rows: of a household one for each person, in order.
    package var lines: [Int] { rows.map(\.line) }
}

/// What the rows of one entry come to: the entry, or the faults for which it is left out.
package struct SheetItem<Entry: Sendable>: Sendable {
    package let lines: [Int]
    package let entry: Entry?
    package let faults: [SheetFault]

    package var line: Int { lines.first ?? 0 }
}

/// Reads a sheet row by row: gives each entry's rows as soon as the next entry begins, and holds no others. Of what it
/// passed it remembers only the entries' keys.
package struct SheetStream<Form: SheetForm>: Sendable {
    private let form: Form
    package let header: SheetHeader<Form.Column>
    private var open: [SheetRow] = []
    private var openKey = ""
    private var isAgain = false
    private var seen: Set<String> = []

    /// - Parameter headings: The first row.
    package init(_ form: Form, headings: SheetRow) throws(Invalid) {
        self.form = form
        header = try SheetHeader(headings, requiring: form.required)
    }

    /// The entry that ended before this row.
    package mutating func take(_ row: SheetRow) -> SheetGroup? {
        let key = form.key.map { header.text($0, of: row) }
        // A row that names no entry stands for itself.
        let text = key.first?.isEmpty == false ? key.joined(separator: "\u{1F}") : ""
        if form.hasManyRows, !text.isEmpty, text == openKey {
            open.append(row)
            return nil
        }
        let ended = finish()
        (open, openKey) = ([row], text)
        isAgain = !text.isEmpty && !seen.insert(text).inserted
        return ended
    }

    /// The last entry.
    package mutating func finish() -> SheetGroup? {
        guard !open.isEmpty else { return nil }
        defer { open = [] }
        return SheetGroup(rows: open, key: openKey, isAgain: isAgain)
    }

    package func item(_ group: SheetGroup) -> SheetItem<Form.Entry> {
        var faults: [SheetFault] = []
        var entry: Form.Entry?
        if form.hasManyRows, group.key.isEmpty, let named = form.key.first {
            var row = RowReader(group.rows[0], header)
            _ = row.required(named)
            faults = row.faults
        } else {
            entry = form.read(group.rows, header, &faults)
        }
        if group.isAgain { faults.append(SheetFault(group.lines[0], form.key[0].rawValue, form.twice.code, form.twice.reason)) }
        faults.sort { $0.line < $1.line }
        return SheetItem(lines: group.lines, entry: faults.isEmpty ? entry : nil, faults: faults)
    }
}
