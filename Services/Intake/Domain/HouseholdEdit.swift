import Contracts
import Registry

/// What a clerk changes of what is on file: fields in their written form, as a table's cells. An empty text clears.
package struct HouseholdEdit: Equatable, Sendable {
    package var household: [RegisterSheet.Column: String]
    /// By person number.
    package var members: [String: [RegisterSheet.Column: String]]

    package init(household: [RegisterSheet.Column: String] = [:], members: [String: [RegisterSheet.Column: String]] = [:]) {
        (self.household, self.members) = (household, members)
    }

    package struct Fault: Equatable, Sendable {
        /// The person number, if the fault is a person's.
        package let person: String?
        package let column: RegisterSheet.Column?
        package let code: String
        package let reason: String

        package init(_ person: String?, _ column: RegisterSheet.Column?, _ code: String, _ reason: String) {
            (self.person, self.column, self.code, self.reason) = (person, column, code, reason)
        }
    }

    /// Fields that an edit may not touch.
    fileprivate var untouchable: [Fault] {
        let own = household.keys.map { (person: String?.none, column: $0, isThere: $0.isHouseholds) }
        let persons = members.flatMap { person, cells in cells.keys.map { (person: Optional(person), column: $0, isThere: !$0.isHouseholds) } }
        return (own + persons).compactMap { person, column, isThere in
            if !isThere { return Fault(person, column, "field.unknown", "there is no such field here") }
            if column.isDerived { return Fault(person, column, "field.derived", "this follows from other fields") }
            return column.isOpen ? nil : Fault(person, column, "field.fixed", "this changes by a case, or never")
        }
    }
}

extension HouseholdEntry {
    /// The entry as the edit leaves it, or every fault that the edit would bring in. Read by the rules of the tables, as a row
    /// would be; what was at fault before and is not touched stands in nobody's way.
    package func edited(_ edit: HouseholdEdit, within subdistrict: DivisionCode) throws(Invalid) -> (entry: HouseholdEntry?, faults: [HouseholdEdit.Fault]) {
        var faults = edit.untouchable
        for person in edit.members.keys where !members.contains(where: { $0.number == person }) {
            faults.append(.init(person, nil, "person.unknown", "no such person is in the household"))
        }
        guard faults.isEmpty else { return (nil, faults) }
        let known = try read(HouseholdEdit(), within: subdistrict).faults
        let reading = try read(edit, within: subdistrict)
        faults = reading.faults.filter { !known.contains($0) }
        return (faults.isEmpty ? reading.entry : nil, faults)
    }

    private func read(_ edit: HouseholdEdit, within subdistrict: DivisionCode) throws(Invalid) -> (entry: HouseholdEntry?, faults: [HouseholdEdit.Fault]) {
        let kind = status == nil ? RegisterSheet.Kind.notRegistered : .registered
        let columns = kind.columns.filter { !$0.isDerived }
        let header = try SheetHeader<RegisterSheet.Column>(.init(line: 0, cells: columns.map(\.rawValue)), requiring: [])
        let rows = members.enumerated().map { place, member in
            SheetRow(
                line: place,
                cells: columns.map { column in
                    let changed = column.isHouseholds ? edit.household[column] : edit.members[member.number]?[column]
                    return changed ?? RegisterSheet.cell(column, self, member)
                })
        }
        var faults: [SheetFault] = []
        let entry = RegisterSheet.household(rows, header, kind, subdistrict, &faults)
        return (
            entry,
            faults.map { fault -> HouseholdEdit.Fault in
                let column = fault.column.flatMap(RegisterSheet.Column.init(rawValue:))
                return .init(column?.isHouseholds == true ? nil : members[fault.line].number, column, fault.code, fault.reason)
            }
        )
    }

    /// With those of `kept` who no longer belong to the household: a sheet that still names them is not wrong.
    package func remembering(_ kept: HouseholdEntry) -> HouseholdEntry {
        var entry = self
        let known = Set(members.map(\.number))
        entry.members += kept.members.filter { !known.contains($0.number) }
        return entry
    }

    /// What is on file of who belongs to the household now: whom cases have ended is left out, who has joined since the last
    /// sheet is added, and relations and standing are those of the register.
    package func brought(upTo record: HouseholdRecord, joined: [MemberEntry] = []) -> HouseholdEntry {
        var entry = self
        // Whoever is off the register is shown as they last stood on it.
        guard record.isOpen else { return entry }
        let active = Dictionary(record.active.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(members.map(\.number))
        entry.members = (members + joined.filter { !known.contains($0.number) }).compactMap { member in
            guard let now = active[member.number] else { return nil }
            var member = member
            (member.name, member.relation) = (now.name, now.relation)
            return member
        }
        (entry.division, entry.registeredOn) = (record.division, record.registeredOn)
        switch record.standing {
        case .registered(let status):
            entry.status = status
            if status.isExited { entry.exitYear = record.standingYear ?? exitYear }
            if status == .notExited || status == .exitPlanned { entry.exitYear = nil }
        case .outside: entry.status = nil
        case .struckOff, .closed: break
        }
        return entry
    }
}
