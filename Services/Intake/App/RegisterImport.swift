import Contracts
import IntakeDomain
import Registry
import ServiceKit

/// Brings the two tables of households into the books.
struct RegisterImport {
    let campaign: IssuedCampaign
    let vault: Vault
    let work: Work

    private struct Candidate {
        let lines: [Int]
        let entry: HouseholdEntry
        let hashes: [PersonHash]
    }

    func take(_ bytes: [UInt8], _ kind: RegisterSheet.Kind) throws -> ImportReport {
        let reading = try RegisterSheet.read(bytes, kind, within: campaign.plan.subdistrict)
        var report = ImportReport(reading)
        let candidates = reading.entries.map { located in
            Candidate(lines: located.lines, entry: located.entry, hashes: located.entry.members.map { vault.hash($0.residentID) })
        }
        let kept = try work.keptEntries(candidates.map(\.entry.number))
        var persons = PersonRegister(owners: try work.owners(of: candidates.flatMap(\.hashes)))
        var changed: [Candidate] = []
        for candidate in candidates {
            let faults = persons.admit(candidate.hashes, to: candidate.entry.number, lines: candidate.lines)
            if !faults.isEmpty {
                report.refuse(faults)
            } else if let known = kept[candidate.entry.number], known.campaign == campaign.id,
                try known.fingerprint == vault.fingerprint(candidate.entry)
            {
                report.unchanged += 1
            } else {
                changed.append(candidate)
            }
        }
        try work.prefetch(HouseholdRecord.self, changed.compactMap { kept[$0.entry.number]?.household })
        try write(changed, kept, &report)
        return report
    }

    private func write(_ changed: [Candidate], _ kept: [String: Work.KeptEntry], _ report: inout ImportReport) throws {
        var entries: [(household: HouseholdID, entry: HouseholdEntry)] = []
        var numbers: [(member: MemberID, household: HouseholdID, residentID: ResidentID)] = []
        var openings: [(Movement, HouseholdID, CaseID?)] = []
        for candidate in changed {
            let before = kept[candidate.entry.number]
            let record: HouseholdRecord
            if let before {
                guard let corrected = try correct(before, candidate, &report) else { continue }
                record = corrected
            } else {
                record = try enter(candidate)
                report.entered += 1
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

    private func enter(_ candidate: Candidate) throws -> HouseholdRecord {
        let persons = candidate.hashes.map { Enrolled(MemberID(work.newID()), $0) }
        let decision = HouseholdRecord.entering(
            candidate.entry, as: HouseholdID(work.newID()), persons: persons, in: campaign.id, at: try work.now)
        try work.insert(decision.state, telling: decision.events)
        return decision.state
    }

    /// Nothing if the sheet says what a sheet may not say.
    private func correct(_ known: Work.KeptEntry, _ candidate: Candidate, _ report: inout ImportReport) throws -> HouseholdRecord? {
        let old = try work.entry(of: known.household, vault)
        let record = try work.get(HouseholdRecord.self, known.household)
        let faults = record.faults(correcting: old, to: candidate.entry)
        guard faults.isEmpty else {
            report.refuse(faults.map { SheetFault(candidate.lines[0], nil, $0.rawValue, $0.reason) })
            return nil
        }
        let now = try work.now
        if known.campaign != campaign.id {
            try work.decide(HouseholdRecord.self, record.id) { $0.entering(campaign.id, at: now) }
            report.entered += 1
        } else {
            report.corrected += 1
        }
        let hashes = Dictionary(zip(candidate.entry.members.map(\.number), candidate.hashes), uniquingKeysWith: { first, _ in first })
        return try work.decide(HouseholdRecord.self, record.id) { $0.correcting(from: old, to: candidate.entry, hashes: hashes, at: now) }
    }
}
