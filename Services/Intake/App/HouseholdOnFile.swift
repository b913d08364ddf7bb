import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A household with everything said of it, as it stands now or stood at the end of a day.
struct HouseholdOnFile {
    let record: HouseholdRecord
    /// Of the household as it stands now.
    let version: Int
    /// As it lies in the table, with those whom cases have ended since.
    let kept: HouseholdEntry
    let entry: HouseholdEntry
    /// Who said it last.
    let deed: Deed
    let at: Instant
}

extension Work {
    /// - Parameter moment: Midnight that ends the day in question; nothing for what stands now.
    func onFile(_ household: HouseholdID, before moment: Instant? = nil, _ vault: Vault) throws -> HouseholdOnFile {
        guard let now = try HouseholdRecord.read([household], locking: false, in: self).first else { throw NotFound("household \(household)") }
        guard let moment else { return try onFile(now.value, version: now.version, before: nil, vault) }
        guard let state = try state(of: household, before: moment) else { throw NotFound("household \(household) on that day") }
        return try onFile(now.value.put(back: state), version: now.version, before: moment, vault)
    }

    func onFile(_ record: HouseholdRecord, version: Int, before moment: Instant? = nil, _ vault: Vault) throws -> HouseholdOnFile {
        let row = try first(
            """
            SELECT e.version, e.sealed, e.actor, e.reason, e.at, \(unsafe: SQL.wrappedKey)
            FROM entries e LEFT JOIN household_keys k USING (household_id)
            WHERE household_id = \(record.id) AND (\(moment) IS NULL AND superseded_at IS NULL
                OR at < \(moment) AND (superseded_at IS NULL OR superseded_at >= \(moment)))
            ORDER BY e.version DESC LIMIT 1
            """)
        guard let row else { throw NotFound("household \(record.id) on that day") }
        let entry = try openedEntry(row, of: record.id, vault)
        let joined = try joined([(record, entry)], vault)[record.id] ?? []
        return HouseholdOnFile(
            record: record, version: version, kept: entry, entry: entry.brought(upTo: record, joined: joined),
            deed: Deed(Actor(account: try row["actor"]), reason: try row["reason"]), at: try row["at"])
    }

    /// Every household in the campaign's books as it stands now, with what is on file of it.
    func householdsOnFile(in campaign: CampaignID, _ vault: Vault) throws -> [(record: HouseholdRecord, entry: HouseholdEntry)] {
        let kept = try entries(in: campaign, vault)
        let records = try Dictionary(
            HouseholdRecord.read(kept.map(\.household), locking: false, in: self).map { ($0.value.id, $0.value) }, uniquingKeysWith: { first, _ in first })
        let pairs = kept.compactMap { kept in records[kept.household].map { (record: $0, entry: kept.entry) } }
        let joined = try joined(pairs, vault)
        return pairs.map { ($0.record, $0.entry.brought(upTo: $0.record, joined: joined[$0.record.id] ?? [])) }
    }

    /// Persons who have joined since the last sheet: of them no more is known than who they are.
    func joined(_ households: [(record: HouseholdRecord, entry: HouseholdEntry)], _ vault: Vault) throws -> [HouseholdID: [MemberEntry]] {
        let joined = households.map { record, entry in
            let known = Set(entry.members.map(\.number))
            return (household: record.id, newcomers: record.active.filter { !known.contains($0.number) })
        }.filter { !$0.newcomers.isEmpty }
        if joined.isEmpty { return [:] }
        let numbers: [MemberID: ResidentID] = try Dictionary(
            query(
                """
                SELECT i.member_id, i.sealed, \(unsafe: SQL.wrappedKey) FROM identifiers i JOIN household_keys k USING (household_id)
                WHERE i.member_id = ANY(\(joined.flatMap { $0.newcomers.map(\.id) }))
                """
            ).map { row in
                let member: MemberID = try row["member_id"]
                return (member, try vault.key(row).open(row["sealed"], in: .identifier(member)))
            }, uniquingKeysWith: { first, _ in first })
        return Dictionary(
            joined.map { household, newcomers in
                (household, newcomers.compactMap { person in
                    numbers[person.id].map {
                        MemberEntry(number: person.number, name: person.name, residentID: $0, relation: person.relation, particulars: Particulars())
                    }
                })
            }, uniquingKeysWith: { first, _ in first })
    }

    private func state(of household: HouseholdID, before moment: Instant) throws -> RegisterState? {
        try first("SELECT state FROM household_states WHERE household_id = \(household) AND at < \(moment) ORDER BY id DESC LIMIT 1").map {
            try JSON.decode(RegisterState.self, from: $0["state", as: JSONB.self].text)
        }
    }
}

/// Where a household and its persons stood on the register, as it is kept whenever it changes: nothing in it tells who they
/// are.
struct RegisterState: Codable, Equatable {
    let standing: String
    let exitStatus: ExitStatus?
    let standingYear: Int?
    let registeredOn: LocalDate?
    let division: DivisionCode
    let members: [Member]

    struct Member: Codable, Equatable {
        let number: String
        let relation: String
        let state: String
        let reason: String?
        let on: LocalDate?
    }

    init(_ record: HouseholdRecord) {
        standing = record.standing.name
        exitStatus = record.standing.status
        (standingYear, registeredOn, division) = (record.standingYear, record.registeredOn, record.division)
        members = record.members.map {
            Member(number: $0.number, relation: $0.relation, state: $0.state.name, reason: $0.state.reason, on: $0.state.on)
        }
    }
}

extension HouseholdRecord {
    /// The household as `state` shows it; persons who came later are left out.
    fileprivate func put(back state: RegisterState) throws -> HouseholdRecord {
        let then = Dictionary(state.members.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        return HouseholdRecord(
            id: id, number: number, campaign: campaign, division: state.division, standing: try Standing(state.standing, state.exitStatus),
            standingYear: state.standingYear, registeredOn: state.registeredOn,
            members: try members.compactMap { member in
                guard let then = then[member.number] else { return nil }
                return MemberRecord(
                    id: member.id, number: member.number, name: member.name, relation: then.relation, bornOn: member.bornOn, hash: member.hash,
                    state: try MemberRecord.State(then.state, then.reason, then.on))
            })
    }
}
