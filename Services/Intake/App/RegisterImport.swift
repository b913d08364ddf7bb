import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Brings the two tables of households into the books.
struct RegisterImport: SheetImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let form: RegisterSheet.Form

    init(_ kind: RegisterSheet.Kind, _ campaign: IssuedCampaign, _ vault: Vault) {
        (self.campaign, self.vault) = (campaign, vault)
        form = RegisterSheet.Form(kind, within: campaign.plan.subdistrict)
    }

    private struct Candidate {
        let lines: [Int]
        let entry: HouseholdEntry
        let hashes: [PersonHash]
    }

    func take(_ items: [SheetItem<HouseholdEntry>], into piece: inout ImportPiece, in work: Work) throws {
        let candidates = try piece.admissible(items, in: work).map { lines, entry in
            Candidate(lines: lines, entry: entry, hashes: entry.members.map { vault.hash($0.residentID) })
        }
        let kept = try work.keptEntries(candidates.map(\.entry.number))
        var persons = PersonRegister(owners: try work.owners(of: candidates.flatMap(\.hashes), also: piece.importing))
        var changed: [Candidate] = []
        for candidate in candidates {
            let faults = persons.admit(candidate.hashes, to: candidate.entry.number, lines: candidate.lines)
            if !faults.isEmpty {
                piece.refuse(candidate.lines, faults)
                continue
            }
            for hash in candidate.hashes { piece.admitted[hash] = candidate.entry.number }
            if let known = kept[candidate.entry.number], known.campaign == campaign.id,
                try known.fingerprint == vault.fingerprint(candidate.entry)
            {
                piece.note(.unchanged, candidate.lines)
            } else {
                changed.append(candidate)
            }
        }
        try work.prefetch(HouseholdRecord.self, changed.compactMap { kept[$0.entry.number]?.household })
        try write(changed, kept, &piece, work)
    }

    private func write(_ changed: [Candidate], _ kept: [String: Work.KeptEntry], _ piece: inout ImportPiece, _ work: Work) throws {
        var entries: [(household: HouseholdID, entry: HouseholdEntry)] = []
        var numbers: [(member: MemberID, household: HouseholdID, residentID: ResidentID)] = []
        var openings: [(Movement, HouseholdID, CaseID?)] = []
        for candidate in changed {
            let before = kept[candidate.entry.number]
            let record: HouseholdRecord
            if let before {
                guard let corrected = try correct(before, candidate, &piece, work) else { continue }
                record = corrected
            } else {
                record = try enter(candidate, work)
                piece.note(.entered, candidate.lines)
            }
            entries.append((record.id, candidate.entry))
            let ids = Dictionary(record.members.map { ($0.number, $0.id) }, uniquingKeysWith: { first, _ in first })
            numbers += candidate.entry.members.compactMap { member in ids[member.number].map { ($0, record.id, member.residentID) } }
            if record.isOnRegister, before?.campaign != campaign.id {
                openings.append((Movement(.opening, households: 1, persons: record.registeredPersons), record.id, nil))
            }
        }
        try work.keep(entries, vault)
        try work.keep(numbers, vault)
        try work.note(openings, in: campaign.id)
    }

    private func enter(_ candidate: Candidate, _ work: Work) throws -> HouseholdRecord {
        let persons = candidate.hashes.map { Enrolled(MemberID(work.newID()), $0) }
        let decision = HouseholdRecord.entering(
            candidate.entry, as: HouseholdID(work.newID()), persons: persons, in: campaign.id, at: try work.now)
        try work.insert(decision.state, telling: decision.events)
        return decision.state
    }

    /// Nothing if the sheet says what a sheet may not say.
    private func correct(_ known: Work.KeptEntry, _ candidate: Candidate, _ piece: inout ImportPiece, _ work: Work) throws -> HouseholdRecord? {
        let old = try work.entry(of: known.household, vault)
        let record = try work.get(HouseholdRecord.self, known.household)
        let faults = record.faults(correcting: old, to: candidate.entry)
        guard faults.isEmpty else {
            piece.refuse(candidate.lines, faults.map { SheetFault(candidate.lines[0], nil, $0.rawValue, $0.reason) })
            return nil
        }
        let now = try work.now
        if known.campaign != campaign.id {
            try work.decide(HouseholdRecord.self, record.id) { $0.entering(campaign.id, at: now) }
            piece.note(.entered, candidate.lines)
        } else {
            piece.note(.corrected, candidate.lines)
        }
        let hashes = Dictionary(zip(candidate.entry.members.map(\.number), candidate.hashes), uniquingKeysWith: { first, _ in first })
        return try work.decide(HouseholdRecord.self, record.id) { $0.correcting(from: old, to: candidate.entry, hashes: hashes, at: now) }
    }
}

extension ImportPiece {
    /// The households without faults that lie where whoever sent the sheet may enter some, lay there before, and were not purged; the
    /// others are noted.
    fileprivate mutating func admissible(_ items: [SheetItem<HouseholdEntry>], in work: Work) throws -> [(lines: [Int], entry: HouseholdEntry)] {
        let usable = usable(items)
        let places = try work.everywhere { try work.placesOfHouseholds(usable.map(\.entry.number)) }
        return usable.filter { lines, entry in
            let before = places[entry.number]
            if before?.isPurged == true {
                refuse(lines, [SheetFault(lines[0], nil, "household.purged", "what was personal about this household was destroyed; its number is not given again")])
                return false
            }
            if work.reach.covers(entry.division), before.map({ work.reach.covers($0.division) }) ?? true { return true }
            refuse(lines, [SheetFault(lines[0], nil, "outside-jurisdiction", "this household lies outside the places of your account")])
            return false
        }
    }
}

extension Work {
    /// Where the households with these numbers lie, as far as there are any.
    fileprivate func placesOfHouseholds(_ numbers: [String]) throws -> [String: (division: DivisionCode, isPurged: Bool)] {
        let rows = try query(
            """
            SELECT number, division, EXISTS (SELECT FROM purges p WHERE p.household_id = h.id) AS purged FROM households h WHERE number = ANY(\(numbers))
            """)
        return try Dictionary(rows.map { (try $0["number"], (try $0["division"], try $0["purged"])) }, uniquingKeysWith: { first, _ in first })
    }
}
