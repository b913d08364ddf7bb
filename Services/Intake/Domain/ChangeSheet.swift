import Contracts
import Registry

/// A member who came or went by nature: born, married in, died, moved out (section 5).
package struct MemberChange: Equatable, Sendable {
    package let household: String
    /// The person number: of the one who went, or the one given to who came.
    package let person: String
    /// `A01` … or `D01` …
    package let reason: String
    package let on: LocalDate
    /// The file number of the paper that shows it.
    package let evidence: String
    package let newcomer: Newcomer?

    package struct Newcomer: Equatable, Sendable {
        package let name: String
        package let residentID: ResidentID
        package let relation: String

        package init(name: String, residentID: ResidentID, relation: String) {
            (self.name, self.residentID, self.relation) = (name, residentID, relation)
        }
    }

    package init(household: String, person: String, reason: String, on: LocalDate, evidence: String, newcomer: Newcomer?) {
        (self.household, self.person, self.reason, self.on) = (household, person, reason, on)
        (self.evidence, self.newcomer) = (evidence, newcomer)
    }
}

/// The table of natural changes: one row for each person.
package enum ChangeSheet {
    package enum Column: String, SheetColumn {
        case household = "户编号"
        case person = "人口编号"
        case reason = "变更原因"
        case on = "变更日期"
        case evidence = "证明材料编号"
        case name = "姓名"
        case residentID = "证件号码"
        case relation = "与户主关系"

        package var element: String? {
            switch self {
            case .household: "AAC001"
            case .person, .reason, .on, .evidence, .name, .residentID, .relation: nil
            }
        }
    }

    package struct Form: SheetForm {
        package init() {}

        package var columns: [Column] { Column.allCases }
        package var key: [Column] { [.household, .person] }
        package var hasManyRows: Bool { false }
        package var twice: SheetRow.Unusable { .init("change.twice", "a change of this person already stands in the sheet") }

        package func read(_ rows: [SheetRow], _ header: SheetHeader<Column>, _ faults: inout [SheetFault]) -> MemberChange? {
            var row = RowReader(rows[0], header)
            let read = ChangeSheet.change(&row)
            faults += row.faults
            return read
        }
    }

    private static func change(_ row: inout RowReader<Column>) -> MemberChange? {
        let household = row.required(.household)
        let person = row.required(.person)
        let evidence = row.required(.evidence)
        let reason = row.parsed(.reason, "code.unknown", "not a reason of natural increase or decrease") { text in
            (Codes.naturalIncrease[text] ?? Codes.naturalDecrease[text] ?? Codes.naturalIncrease.labelled(text)
                ?? Codes.naturalDecrease.labelled(text))?.code
        }
        if row.isEmpty(.reason) { _ = row.required(.reason) }
        let on = row.date(.on)
        if row.isEmpty(.on) { _ = row.required(.on) }
        var newcomer: MemberChange.Newcomer?
        if let reason, Codes.naturalIncrease[reason] != nil {
            let name = row.required(.name)
            let residentID = row.residentID(.residentID)
            let relation = row.code(.relation, in: Codes.relations)
            if row.isEmpty(.relation) { _ = row.required(.relation) }
            if relation == Relation.head { row.fault(.relation, "change.newcomer-head", "who joins a household is not its head") }
            guard let residentID, let relation else { return nil }
            newcomer = .init(name: name, residentID: residentID, relation: relation)
        }
        guard let reason, let on else { return nil }
        return MemberChange(household: household, person: person, reason: reason, on: on, evidence: evidence, newcomer: newcomer)
    }
}
