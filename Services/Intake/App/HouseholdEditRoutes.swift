import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// One household to be read, and corrected by hand.
struct HouseholdEditRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/households/:household", show)
        api.get("/v1/households/:household/history", showHistory)
        api.patch("/v1/households/:household", edit)
    }

    /// `?at=<day>` shows it as it stood at the end of that day.
    func show(_ call: Call, _ work: Work) throws -> Reply {
        let household: HouseholdID = try call.id("household")
        guard let day = try call.day("at") else {
            let onFile = try work.onFile(household, vault)
            return try .json(HouseholdView(onFile, measures: work.measures(of: household, vault))).tagged(onFile.version)
        }
        let midnight = (day + 1).start
        return try .json(HouseholdView(work.onFile(household, before: midnight, vault), measures: work.measures(of: household, at: midnight, vault)))
    }

    func showHistory(_ call: Call, _ work: Work) throws -> Reply {
        try .json(HouseholdHistory(of: call.id("household"), in: work, vault))
    }

    // MARK: Editing

    /// Fields in their written form, as the tables have them; `null` clears. Another head is named by changing the relations of
    /// all whom it concerns at once.
    private struct Edit: Decodable {
        let reason: String
        let household: [String: JSONValue]?
        /// By person's identifier.
        let members: [String: [String: JSONValue]]?
    }

    private struct Edited: Encodable {
        let version: Int
        /// By name only.
        let fields: [String]
    }

    func edit(_ call: Call, _ work: Work) throws -> Reply {
        let wanted = try call.body(Edit.self)
        let household: HouseholdID = try call.id("household")
        _ = try call.namedActor()
        work.deed.reason = try call.reason(wanted.reason)
        let before = try work.get(HouseholdRecord.self, household)
        let version = try work.version(HouseholdRecord.self, household) ?? 0
        try call.requireMatch(of: version)
        guard before.isOpen, !before.active.isEmpty else { throw HouseholdRecord.Refusal.archived }
        let onFile = try work.onFile(before, version: version, vault)
        let old = onFile.entry
        let new = try edited(old, as: wanted, before, within: work.campaign(before.campaign).plan.subdistrict)
        if new == old { return try .json(Edited(version: version, fields: [])).tagged(version) }
        let renumbered = zip(old.members, new.members).filter { $0.residentID != $1.residentID }.map(\.1)
        if !renumbered.isEmpty { try check(new.members, of: before, in: work) }
        let ids = Dictionary(before.members.map { ($0.number, $0.id) }, uniquingKeysWith: { first, _ in first })
        let hashes = Dictionary(new.members.map { ($0.number, vault.hash($0.residentID)) }, uniquingKeysWith: { first, _ in first })
        let moment = try work.now
        try work.decide(HouseholdRecord.self, household) { $0.correcting(from: old, to: new, hashes: hashes, at: moment) }
        try work.revise(household, new.remembering(onFile.kept), vault)
        try work.keep(renumbered.compactMap { member in ids[member.number].map { ($0, household, member.residentID) } }, vault)
        let now = try work.version(HouseholdRecord.self, household) ?? version
        return try .json(Edited(version: now, fields: old.fields(changedIn: new))).tagged(now)
    }

    private func edited(_ old: HouseholdEntry, as wanted: Edit, _ record: HouseholdRecord, within subdistrict: DivisionCode) throws -> HouseholdEntry {
        var edit = HouseholdEdit()
        var faults: [Invalid.Fault] = []
        func cells(_ fields: [String: JSONValue], _ pointer: String, ofHousehold: Bool) -> [RegisterSheet.Column: String] {
            var cells: [RegisterSheet.Column: String] = [:]
            for (name, value) in fields {
                guard let column = RegisterSheet.Column.allCases.first(where: { $0.field == name && $0.isHouseholds == ofHousehold }) else {
                    faults.append(.init(pointer, "field.unknown", "there is no field of one of these names"))
                    continue
                }
                cells[column] = column.text(of: value)
                if cells[column] == nil { faults.append(.init("\(pointer)/\(name)", "field.form", "a text, as in the tables; an amount in yuan")) }
            }
            return cells
        }
        edit.household = cells(wanted.household ?? [:], "/household", ofHousehold: true)
        let numbers = Dictionary(record.members.map { ($0.id.description, $0.number) }, uniquingKeysWith: { first, _ in first })
        for (member, fields) in wanted.members ?? [:] {
            guard let number = numbers[member.lowercased()] else {
                faults.append(.init("/members", "person.unknown", "no such person is in the household"))
                continue
            }
            edit.members[number] = cells(fields, "/members/\(member.lowercased())", ofHousehold: false)
        }
        guard faults.isEmpty else { throw Invalid(faults) }
        let result = try old.edited(edit, within: subdistrict)
        guard let entry = result.entry, result.faults.isEmpty else {
            throw Invalid(
                result.faults.map { fault -> Invalid.Fault in
                    let place = fault.person.map { "/members\(record.pointer(to: $0))" } ?? "/household"
                    return .init(fault.column.map { "\(place)/\($0.field)" } ?? place, fault.code, fault.reason)
                })
        }
        return entry
    }

    /// A person stands once in all the books, under a corrected number too.
    private func check(_ persons: [MemberEntry], of record: HouseholdRecord, in work: Work) throws {
        let hashes = persons.map { vault.hash($0.residentID) }
        var register = PersonRegister(owners: try work.owners(of: hashes))
        let faults = register.admit(hashes, to: record.number, lines: Array(persons.indices))
        guard faults.isEmpty else {
            throw Invalid(faults.map { .init("/members\(record.pointer(to: persons[$0.line].number))/idNumber", $0.code, $0.reason) })
        }
    }
}

extension HouseholdRecord {
    fileprivate func pointer(to person: String) -> String { members.first { $0.number == person }.map { "/\($0.id)" } ?? "" }
}

extension RegisterSheet.Column {
    /// A field's written form from how a client writes it: a text, yes or no, a whole number, several codes, or nothing.
    /// An amount is a text in yuan, as in the tables: a number would mean fen elsewhere.
    fileprivate func text(of value: JSONValue) -> String? {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool(let flag): flag ? "是" : "否"
        case .integer(let number): self == .income ? nil : "\(number)"
        case .array(let codes): codes.compactMap { if case .string(let code) = $0 { code } else { nil } }.joined(separator: "、")
        case .number, .object: nil
        }
    }
}
