import Contracts
import Registry

/// A place of the campaign: county, subdistrict, community or residents' group, and what people call it.
package struct Division: Codable, Equatable, Sendable {
    package let code: DivisionCode
    package let name: String

    package init(code: DivisionCode, name: String) { (self.code, self.name) = (code, name) }

    /// Every fault of a list that is to be taken over, beside what is known already.
    package static func faults(_ divisions: [Division], known: Set<DivisionCode>) -> [(place: Int, code: String, reason: String)] {
        var faults: [(Int, String, String)] = []
        let listed = known.union(divisions.map(\.code))
        var seen: Set<DivisionCode> = []
        for (place, division) in divisions.enumerated() {
            if !seen.insert(division.code).inserted { faults.append((place, "division.twice", "this division stands twice in the list")) }
            if !(1...50).contains(division.name.count) { faults.append((place, "division.name", "a name of 1 to 50 characters")) }
            if let parent = division.code.parent, !listed.contains(parent) {
                faults.append((place, "division.parent-unknown", "the division around it is neither known nor in the list"))
            }
        }
        return faults
    }
}

/// A division in the books, which tells the others what it is called.
package struct DivisionOnFile: Equatable, Sendable {
    package let id: DivisionID
    package let code: DivisionCode
    package let name: String

    package init(id: DivisionID, code: DivisionCode, name: String) { (self.id, self.code, self.name) = (id, code, name) }

    package static func named(_ division: Division, as id: DivisionID, at now: Instant) -> Decision<DivisionOnFile> {
        DivisionOnFile(id: id, code: division.code, name: division.name).telling(at: now)
    }

    package func renaming(to name: String, at now: Instant) -> Decision<DivisionOnFile> {
        DivisionOnFile(id: id, code: code, name: name).telling(at: now)
    }

    private func telling(at now: Instant) -> Decision<DivisionOnFile> {
        Decision(self, [DivisionNamed(id: id, division: code, name: name, namedAt: now)])
    }
}

/// The table of divisions: one row for each.
package enum DivisionSheet {
    package enum Column: String, SheetColumn {
        case code = "区划代码"
        case name = "名称"

        package var element: String? { nil }
    }

    package struct Form: SheetForm {
        package init() {}

        package var columns: [Column] { Column.allCases }
        package var key: [Column] { [.code] }
        package var hasManyRows: Bool { false }
        package var twice: SheetRow.Unusable { .init("division.twice", "this division already stands in the list") }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> Division? {
            var row = RowReader(rows[0], header)
            let code = row.parsed(.code, "division.format", "6, 9 or 12 digits, or 12 and a group's number, as 530427001001-01", DivisionCode.init(_:))
            if row.isEmpty(.code) { _ = row.required(.code) }
            let name = row.required(.name)
            faults += row.faults
            return code.map { Division(code: $0, name: name) }
        }
    }
}
