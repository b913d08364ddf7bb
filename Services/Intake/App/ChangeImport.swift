import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Proposes natural changes: a case for each person who came or went.
struct ChangeImport: SheetImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let form = ChangeSheet.Form()

    func take(_ items: [SheetItem<MemberChange>], into piece: inout ImportPiece, in work: Work) throws {
        let usable = piece.usable(items)
        let kept = try work.keptEntries(usable.map(\.entry.household))
        let households = kept.values.filter { $0.campaign == campaign.id }.map(\.household)
        let verified = try Set(
            work.query("SELECT household_id FROM residence_checks WHERE campaign_id = \(campaign.id) AND completed_at IS NOT NULL")
                .map { try $0["household_id", as: HouseholdID.self] })
        let proposed = try proposedChanges(work)
        let newcomers = usable.compactMap { $0.entry.newcomer.map { vault.hash($0.residentID) } }
        var persons = PersonRegister(owners: try work.owners(of: newcomers, also: piece.importing))
        var numbers: [(member: MemberID, household: HouseholdID, residentID: ResidentID)] = []
        try work.prefetch(HouseholdRecord.self, households)
        for (lines, change) in usable {
            guard let known = kept[change.household], known.campaign == campaign.id else {
                piece.refuse(lines, [
                    SheetFault(lines[0], ChangeSheet.Column.household.rawValue, "household.unknown", "this household is not in the campaign's books")
                ])
                continue
            }
            let record = try work.get(HouseholdRecord.self, known.household)
            if let member = record.members.first(where: { $0.number == change.person }),
                proposed.contains(Proposed(member: member.id, reason: change.reason, on: change.on))
            {
                piece.note(.unchanged, lines)
                continue
            }
            var faults = record.faults(proposing: change, isVerified: verified.contains(record.id)).map { column, code, reason in
                SheetFault(lines[0], column.rawValue, code, reason)
            }
            if let newcomer = change.newcomer {
                let hash = vault.hash(newcomer.residentID)
                // A newcomer must be new to every household, this one included.
                faults += persons.admit([hash], to: "\(change.household) \(change.person)", lines: lines)
                piece.admitted[hash] = "\(change.household) \(change.person)"
            }
            guard faults.isEmpty else {
                piece.refuse(lines, faults)
                continue
            }
            let proposed = try propose(change, of: record, work)
            if let newcomer = change.newcomer, let member = proposed.member { numbers.append((member, record.id, newcomer.residentID)) }
            piece.note(.entered, lines)
        }
        try work.keep(numbers, vault)
    }

    private struct Proposed: Hashable {
        let member: MemberID
        let reason: String
        let on: LocalDate?
    }

    private func proposedChanges(_ work: Work) throws -> Set<Proposed> {
        try Set(
            work.query(
                "SELECT member_id, change_reason, change_on FROM cases WHERE campaign_id = \(campaign.id) AND kind = \(CaseKind.naturalChange)"
            ).map { Proposed(member: try $0["member_id"], reason: try $0["change_reason"], on: try $0["change_on"]) })
    }

    func propose(_ change: MemberChange, of record: HouseholdRecord, _ work: Work) throws -> CampaignCase {
        let now = try work.now
        var record = record
        var member = record.members.first { $0.number == change.person }?.id ?? MemberID(work.newID())
        if let newcomer = change.newcomer {
            member = MemberID(work.newID())
            let person = MemberRecord(
                id: member, number: change.person, name: newcomer.name, relation: newcomer.relation, bornOn: newcomer.residentID.birthDate,
                hash: vault.hash(newcomer.residentID), state: .proposed)
            record = try work.decide(HouseholdRecord.self, record.id) { Decision($0.proposing(person)) }
        }
        let decision = CampaignCase.proposing(
            .naturalChange, of: record, member: member, change: .init(reason: change.reason, on: change.on, evidence: change.evidence),
            as: CaseID(work.newID()), at: now)
        try work.insert(decision.state, telling: decision.events)
        return decision.state
    }
}
