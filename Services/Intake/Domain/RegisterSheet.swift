import Contracts
import Registry

/// The two electronic tables of households (R11): one row for each person, the household's own columns repeated on each.
package enum RegisterSheet {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case registered
        case notRegistered = "not_registered"

        package var columns: [Column] {
            switch self {
            case .registered: Column.allCases
            case .notRegistered: Self.columnsForAll
            }
        }

        /// Those that are repeated on every row of a household.
        var householdColumns: [Column] {
            switch self {
            case .registered: Self.repeated
            case .notRegistered: Self.repeatedForAll
            }
        }

        private static let columnsForAll = Column.allCases.filter { !$0.isForRegistered }
        private static let repeated = Column.allCases.filter(\.isHouseholds)
        private static let repeatedForAll = columnsForAll.filter(\.isHouseholds)
    }

    /// Reads the sheet whole. A household with a fault in any of its rows is left out entirely, since persons are a divisor;
    /// the others are taken. Throws ``Contracts/Invalid`` where the sheet as such cannot be read.
    package static func read(_ bytes: [UInt8], _ kind: Kind, within subdistrict: DivisionCode) throws(Invalid) -> SheetReading<HouseholdEntry> {
        var reading = SheetReading<HouseholdEntry>()
        let (header, records) = try sheetRecords(bytes, requiring: Set<Column>(kind.columns.filter(\.isRequired)))
        reading.ignoredColumns = header.ignored
        reading.rows = records.count
        for rows in households(records, header, &reading) {
            var faults: [SheetFault] = []
            let entry = household(rows, header, kind, subdistrict, &faults)
            reading.faults += faults
            if let entry, faults.isEmpty {
                reading.entries.append(.init(lines: rows.map(\.line), entry: entry))
            } else {
                reading.refused += 1
            }
        }
        reading.faults.sort { $0.line < $1.line }
        return reading
    }

    /// The rows of each household, in the order of the sheet; rows that name none are faults of their own.
    private static func households(
        _ records: [CSVReader.Record], _ header: SheetHeader<Column>, _ reading: inout SheetReading<HouseholdEntry>
    ) -> [[CSVReader.Record]] {
        var places: [String: Int] = [:]
        var households: [[CSVReader.Record]] = []
        for record in records {
            let number = header.text(.household, of: record)
            if number.isEmpty {
                var row = RowReader(record, header)
                _ = row.required(.household)
                reading.faults += row.faults
            } else if let place = places[number] {
                households[place].append(record)
            } else {
                places[number] = households.count
                households.append([record])
            }
        }
        return households
    }

    /// The household of these rows, with every fault of theirs. Nothing if it cannot be told where the household is; whether
    /// it may be taken the faults say.
    static func household(
        _ rows: [CSVReader.Record], _ header: SheetHeader<Column>, _ kind: Kind, _ subdistrict: DivisionCode, _ faults: inout [SheetFault]
    ) -> HouseholdEntry? {
        guard let first = rows.first else { return nil }
        var own = RowReader(first, header)
        var entry = household(&own, number: header.text(.household, of: first), kind, within: subdistrict)
        var members: [MemberEntry] = []
        var memberFaults: [SheetFault] = []
        for record in rows {
            var row = RowReader(record, header)
            if record.line != first.line { compare(record, with: first, header, kind, &row) }
            if let member = member(&row, kind) { members.append(member) }
            memberFaults += row.faults
        }
        entry?.members = members
        // What is derived from the persons is compared once all of them could be read.
        if let entry, members.count == rows.count { compare(&own, with: entry) }
        // A row of the wrong width is one fault, not one for each reading of it.
        faults += own.faults.filter { $0.code != "row.width" } + memberFaults
        checkTogether(rows, header, &faults)
        return entry
    }

    private static func compare(
        _ record: CSVReader.Record, with first: CSVReader.Record, _ header: SheetHeader<Column>, _ kind: Kind, _ row: inout RowReader<Column>
    ) {
        for column in kind.householdColumns where header.text(column, of: record) != header.text(column, of: first) {
            row.fault(column, "household.differs", "the rows of one household must agree; its first is line \(first.line)")
        }
    }

    /// What only the household's rows together can break. Rows that are themselves faulty are counted by their cells.
    private static func checkTogether(_ rows: [CSVReader.Record], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) {
        let relations = rows.map { record in
            let text = header.text(.relation, of: record)
            return (Codes.relations[text] ?? Codes.relations.labelled(text))?.code
        }
        let numbers = rows.map { record in
            let text = header.text(.person, of: record)
            return text.isEmpty ? nil : text
        }
        for breach in DataRule.breaches(relations: relations, numbers: numbers) {
            faults.append(SheetFault(rows[breach.member ?? 0].line, breach.column.rawValue, breach.rule.rawValue, breach.rule.reason))
        }
    }
}

extension ExitStatus {
    /// Off help, or only kept on policies.
    package var isExited: Bool {
        switch self {
        case .exited, .stablyExited: true
        case .notExited, .exitPlanned, .returned: false
        }
    }
}

/// The header and the rows below it.
func sheetRecords<Column>(_ bytes: [UInt8], requiring required: Set<Column>) throws(Invalid) -> (SheetHeader<Column>, [CSVReader.Record]) {
    let records = try CSVReader.records(in: bytes)
    guard let first = records.first else { throw Invalid("1", "sheet.empty", "the file has no rows") }
    return (try SheetHeader(first, requiring: required), Array(records.dropFirst()))
}
