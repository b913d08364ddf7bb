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

    /// A household with a fault in any of its rows is left out entirely, since persons are a divisor.
    package struct Form: SheetForm {
        package let kind: Kind
        /// Nothing outside belongs into the campaign's books.
        package let subdistrict: DivisionCode

        package init(_ kind: Kind, within subdistrict: DivisionCode) { (self.kind, self.subdistrict) = (kind, subdistrict) }

        package var columns: [Column] { kind.columns }
        package var required: Set<Column> { Set(columns.filter(\.isRequired)) }
        package var key: [Column] { [.household] }
        package var hasManyRows: Bool { true }
        package var twice: SheetRow.Unusable {
            .init("household.apart", "rows of this household stand further up; the rows of one household stand one below the other")
        }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> HouseholdEntry? {
            RegisterSheet.household(rows, header, kind, subdistrict, &faults)
        }
    }

    /// The household of these rows, with every fault of theirs. Nothing if it cannot be told where the household is; whether
    /// it may be taken the faults say.
    static func household(
        _ rows: [SheetRow], _ header: SheetHeader<Column>, _ kind: Kind, _ subdistrict: DivisionCode, _ faults: inout [SheetFault]
    ) -> HouseholdEntry? {
        guard let first = rows.first else { return nil }
        var own = RowReader(first, header, isAgain: true)
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
        faults += own.faults + memberFaults
        checkTogether(rows, header, &faults)
        return entry
    }

    private static func compare(
        _ record: SheetRow, with first: SheetRow, _ header: SheetHeader<Column>, _ kind: Kind, _ row: inout RowReader<Column>
    ) {
        for column in kind.householdColumns where header.text(column, of: record) != header.text(column, of: first) {
            row.fault(column, "household.differs", "the rows of one household must agree; its first is line \(first.line)")
        }
    }

    /// What only the household's rows together can break. Rows that are themselves faulty are counted by their cells.
    private static func checkTogether(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) {
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
