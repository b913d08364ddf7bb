import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Visits as surveyors record them, one or many, also long after they were made (R5 to R8).
struct SurveyRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/surveys", recordVisit)
        api.post("/v1/surveys/batches", upTo: Bodies.large, recordBatch)
        api.get("/v1/households/:household/visits", listVisits)
        api.post("/v1/households/:household/visit-choice", chooseVisit)
    }

    // MARK: Recording

    /// What became of one record.
    private struct Received: Encodable {
        let key: String
        let outcome: Outcome
        /// Of the household's visit that it is.
        var visit: Int?
        var conflict: UUID?
        /// Of a conflict: the version it was made on, the version on file, and what differs between the two.
        var base: Int?
        var found: Int?
        var fields: [String]?
        var faults: [Invalid.Fault]?

        enum Outcome: String, Encodable { case accepted, known, conflict, invalid }
    }

    private struct One: Decodable {
        let campaign: CampaignID
        let record: VisitRecord
    }

    /// 201 for the household's next visit, 200 for one that is on file, 202 for a conflict that waits for a person.
    func recordVisit(_ call: Call, _ work: Work) throws -> Reply {
        let body = try call.body(One.self)
        let received = try receive([.success(body.record)], in: work.campaign(body.campaign), work)[0]
        switch received.outcome {
        case .accepted: return try .json(received, status: .created)
        case .known: return try .json(received)
        case .conflict: return try .json(received, status: .accepted)
        case .invalid:
            throw Invalid((received.faults ?? []).map { .init("/record\($0.pointer)", $0.code, $0.reason) })
        }
    }

    private struct Many: Decodable {
        let campaign: CampaignID
        let records: [JSONValue]
    }

    /// A device that was offline hands over what it has. Each record is taken, or not, for itself.
    func recordBatch(_ call: Call, _ work: Work) throws -> Reply {
        let body = try call.body(Many.self)
        guard (1...500).contains(body.records.count) else { throw Invalid("/records", "out-of-range", "1 to 500 records at a time") }
        let received = try receive(body.records.map { try $0.read() }, in: work.campaign(body.campaign), work)
        return try .json(["records": received], status: .created)
    }

    private func receive(_ records: [Result<VisitRecord, Invalid>], in campaign: IssuedCampaign, _ work: Work) throws -> [Received] {
        let readable = records.compactMap(\.record)
        let kept = try work.keptEntries(readable.map(\.household)).filter { $0.value.campaign == campaign.id }
        // Locked, so that two devices do not both become the same next visit.
        try work.prefetch(HouseholdRecord.self, kept.values.map(\.household))
        var known = try work.knownVisits(of: kept.values.map(\.household), in: campaign.id)
        var earlier = try work.receivedRecords(readable.map(\.key))
        let today = try work.today
        var visits: [NewVisit] = []
        var received: [Received] = []
        for record in records {
            guard let record = record.record else {
                received.append(Received(key: "", outcome: .invalid, faults: record.faults))
                continue
            }
            var faults = record.faults(on: today)
            let household = kept[record.household]?.household
            if household == nil { faults.append(.init("/household", "household.unknown", "this household is not in the campaign's books")) }
            let fingerprint = try vault.fingerprint(record.facts)
            if let earlier = earlier[record.key], earlier.fingerprint != fingerprint {
                faults.append(.init("/key", "record.key-reused", "this name was given to another record"))
            }
            guard faults.isEmpty, let household else {
                received.append(Received(key: record.key, outcome: .invalid, faults: faults))
                continue
            }
            if let earlier = earlier[record.key] {
                received.append(Received(key: record.key, outcome: .known, visit: earlier.visit, conflict: earlier.conflict))
                continue
            }
            let before = known[household] ?? Work.KnownVisits()
            switch Reception(fingerprint, base: record.base, known: before.numbers, last: before.last) {
            case .known(let number):
                received.append(Received(key: record.key, outcome: .known, visit: number))
            case .accepted(let number):
                visits.append(NewVisit(record, of: household, number: number))
                known[household, default: before].numbers[fingerprint] = number
                known[household, default: before].last = number
                earlier[record.key] = ReceivedRecord(fingerprint: fingerprint, visit: number, conflict: nil)
                received.append(Received(key: record.key, outcome: .accepted, visit: number))
            case .conflict(let base, let found):
                // The other version may have come in this same batch.
                try work.keep(visits, in: campaign.id, vault)
                visits = []
                let id = try work.keepConflict(record, of: household, base: base, found: found, in: campaign.id, vault)
                earlier[record.key] = ReceivedRecord(fingerprint: fingerprint, visit: nil, conflict: id)
                let last = try work.facts(ofVisit: found, to: household, in: campaign.id, vault)
                received.append(
                    Received(key: record.key, outcome: .conflict, conflict: id, base: base, found: found, fields: last?.fields(differingIn: record.facts)))
            }
        }
        try work.keep(visits, in: campaign.id, vault)
        try work.judgeAgain(kept.values.map(\.household), in: campaign.id, vault)
        return received
    }

    // MARK: Visits

    private struct Listed: Encodable {
        let number: Int
        let visitedOn: LocalDate
        let surveyor: String
        let complete: Bool
        let counts: Bool
        let evidence: [Evidence]
        let recordedAt: Instant
    }

    /// Without any facts: these are in the explanation.
    func listVisits(_ call: Call, _ work: Work) throws -> Reply {
        let household: HouseholdID = try call.id("household")
        let campaign = try work.campaign(of: household)
        let counting = try work.countingVisits(of: [household], in: campaign, vault)[household]?.number
        let visits = try work.query(
            """
            SELECT number, visited_on, surveyor, complete, evidence, recorded_at FROM visits
            WHERE campaign_id = \(campaign) AND household_id = \(household) ORDER BY number
            """
        ).map { row in
            let number: Int = try row["number"]
            return Listed(
                number: number, visitedOn: try row["visited_on"], surveyor: try row["surveyor"], complete: try row["complete"],
                counts: number == counting, evidence: try JSON.decode([Evidence].self, from: try row["evidence", as: JSONB.self].text),
                recordedAt: try row["recorded_at"])
        }
        return try .json(visits).tagged(work.visitsVersion(of: household, in: campaign))
    }

    private struct Choice: Decodable {
        let visit: Int
        let reason: String
    }

    /// A person who has seen all visits says which one counts; the next complete one counts again.
    func chooseVisit(_ call: Call, _ work: Work) throws -> Reply {
        let household: HouseholdID = try call.id("household")
        let choice = try call.body(Choice.self)
        let reason = try call.reason(choice.reason)
        let actor = try call.namedActor()
        let campaign = try work.get(HouseholdRecord.self, household).campaign
        let version = try work.visitsVersion(of: household, in: campaign)
        try call.requireMatch(of: version)
        let chosen = try work.change(
            """
            INSERT INTO visit_choices (campaign_id, household_id, visit_id, over, actor, reason)
            SELECT campaign_id, household_id, id,
                (SELECT max(number) FROM visits v WHERE v.campaign_id = c.campaign_id AND v.household_id = c.household_id),
                \(actor.description), \(reason)
            FROM visits c WHERE campaign_id = \(campaign) AND household_id = \(household) AND number = \(choice.visit)
            """)
        guard chosen == 1 else { throw NotFound("visit \(choice.visit)") }
        try work.judgeAgain([household], in: campaign, vault)
        return .noContent.tagged(version + 1)
    }
}

extension NewVisit {
    fileprivate init(_ record: VisitRecord, of household: HouseholdID, number: Int) {
        self.init(
            household: household, number: number, surveyor: record.surveyor, origin: .record, complete: record.complete, key: record.key,
            evidence: record.evidence, facts: record.facts)
    }
}

extension Result<VisitRecord, Invalid> {
    fileprivate var record: VisitRecord? {
        switch self {
        case .success(let record): record
        case .failure: nil
        }
    }

    fileprivate var faults: [Invalid.Fault] {
        switch self {
        case .success: []
        case .failure(let invalid): invalid.faults
        }
    }
}
