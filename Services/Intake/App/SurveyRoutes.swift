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
        api.post("/v1/surveys/batches", recordBatch)
        api.get("/v1/households/:household/visits", listVisits)
        api.post("/v1/households/:household/visit-choice", chooseVisit)
        api.get("/v1/survey-conflicts", listConflicts)
        api.get("/v1/survey-conflicts/:conflict", showConflict)
        api.post("/v1/survey-conflicts/:conflict/resolution", resolveConflict)
    }

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

    func recordVisit(_ call: Call, _ work: Work) throws -> Reply {
        let body = try call.body(One.self)
        let received = try receive([.success(body.record)], in: work.campaign(body.campaign), work)[0]
        switch received.outcome {
        case .accepted: return try .json(received, status: .created)
        case .known: return try .json(received)
        case .conflict: return try .json(received, status: .conflict)
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
        let records = body.records.map { record in Result { try JSON.decode(VisitRecord.self, from: JSON.encode(record)) } }
        let received = try receive(records, in: work.campaign(body.campaign), work)
        return try .json(["records": received], status: .created)
    }

    private func receive(_ records: [Result<VisitRecord, any Error>], in campaign: IssuedCampaign, _ work: Work) throws -> [Received] {
        let kept = try work.keptEntries(records.compactMap(\.record?.household)).filter { $0.value.campaign == campaign.id }
        // Locked, so that two devices do not both become the same next visit.
        try work.prefetch(HouseholdRecord.self, kept.values.map(\.household))
        var known = try work.knownVisits(of: kept.values.map(\.household), in: campaign.id)
        var keys = try receivedKeys(records.compactMap(\.record?.key), work)
        let today = try work.today
        var visits: [NewVisit] = []
        var received: [Received] = []
        for record in records {
            switch record {
            case .failure(let error):
                let failure = error as? JSON.Failure
                let fault = Invalid.Fault(failure?.pointer ?? "", failure?.code.rawValue ?? "unreadable", failure?.description ?? "not of the form of a record")
                received.append(Received(key: "", outcome: .invalid, faults: [fault]))
            case .success(let record):
                var faults = record.faults(on: today)
                let household = kept[record.household]?.household
                if household == nil { faults.append(.init("/household", "household.unknown", "this household is not in the campaign's books")) }
                let fingerprint = try vault.fingerprint(record.facts)
                if let earlier = keys[record.key], earlier.fingerprint != fingerprint {
                    faults.append(.init("/key", "record.key-reused", "this name was given to another record"))
                }
                guard faults.isEmpty, let household else {
                    received.append(Received(key: record.key, outcome: .invalid, faults: faults))
                    continue
                }
                if let earlier = keys[record.key] {
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
                    keys[record.key] = Earlier(fingerprint: fingerprint, visit: number, conflict: nil)
                    received.append(Received(key: record.key, outcome: .accepted, visit: number))
                case .conflict(let base, let found):
                    try work.keep(visits, in: campaign.id, vault)
                    visits = []
                    let id = try keepConflict(record, of: household, base: base, found: found, in: campaign.id, work)
                    keys[record.key] = Earlier(fingerprint: fingerprint, visit: nil, conflict: id)
                    let last = try facts(of: household, visit: found, in: campaign.id, work)
                    received.append(
                        Received(
                            key: record.key, outcome: .conflict, conflict: id, base: base, found: found,
                            fields: last?.fields(differingIn: record.facts)))
                }
            }
        }
        try work.keep(visits, in: campaign.id, vault)
        return received
    }

    private struct Earlier {
        let fingerprint: String
        let visit: Int?
        let conflict: UUID?
    }

    private func receivedKeys(_ keys: [String], _ work: Work) throws -> [String: Earlier] {
        let rows = try work.query(
            """
            SELECT record_key, fingerprint, number, NULL::uuid AS conflict FROM visits WHERE record_key = ANY(\(keys))
            UNION ALL SELECT record_key, fingerprint, NULL, id FROM survey_conflicts WHERE record_key = ANY(\(keys))
            """)
        return try Dictionary(
            rows.map { (try $0["record_key"], Earlier(fingerprint: try $0["fingerprint"], visit: try $0["number"], conflict: try $0["conflict"])) },
            uniquingKeysWith: { first, _ in first })
    }

    private func facts(of household: HouseholdID, visit number: Int, in campaign: CampaignID, _ work: Work) throws -> SurveyFacts? {
        try work.first(
            "SELECT sealed FROM visits WHERE campaign_id = \(campaign) AND household_id = \(household) AND number = \(number)"
        ).map { try vault.open($0["sealed"], in: .survey(campaign, household)) }
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
        let record = try work.get(HouseholdRecord.self, household)
        let counting = try work.countingVisits(of: [household], in: record.campaign, vault)[household]?.number
        let visits = try work.query(
            """
            SELECT number, visited_on, surveyor, complete, evidence, recorded_at FROM visits
            WHERE campaign_id = \(record.campaign) AND household_id = \(household) ORDER BY number
            """
        ).map { row in
            let number: Int = try row["number"]
            return Listed(
                number: number, visitedOn: try row["visited_on"], surveyor: try row["surveyor"], complete: try row["complete"],
                counts: number == counting, evidence: try JSON.decode([Evidence].self, from: try row["evidence", as: JSONB.self].text),
                recordedAt: try row["recorded_at"])
        }
        return try .json(visits)
    }

    private struct Choice: Decodable {
        let visit: Int
        let by: String
        let reason: String
    }

    /// A person says which visit counts; the next complete one counts again.
    func chooseVisit(_ call: Call, _ work: Work) throws -> Reply {
        let household: HouseholdID = try call.id("household")
        let choice = try call.body(Choice.self)
        try call.check(by: choice.by, reason: choice.reason)
        let record = try work.get(HouseholdRecord.self, household)
        let last = try work.knownVisits(of: [household], in: record.campaign)[household]?.last ?? 0
        let chosen = try work.change(
            """
            INSERT INTO visit_choices (campaign_id, household_id, visit_id, over, chosen_by, reason)
            SELECT campaign_id, household_id, id, \(last), \(choice.by), \(choice.reason) FROM visits
            WHERE campaign_id = \(record.campaign) AND household_id = \(household) AND number = \(choice.visit)
            """)
        guard chosen == 1 else { throw NotFound("visit \(choice.visit)") }
        return .noContent
    }

    // MARK: Conflicts

    private func keepConflict(
        _ record: VisitRecord, of household: HouseholdID, base: Int, found: Int, in campaign: CampaignID, _ work: Work
    ) throws -> UUID {
        let id = work.newID()
        try work.execute(
            """
            INSERT INTO survey_conflicts (id, campaign_id, household_id, base, found, record_key, surveyor, fingerprint, sealed)
            VALUES (\(id), \(campaign), \(household), \(base), \(found), \(record.key), \(record.surveyor), \(try vault.fingerprint(record.facts)),
                \(try vault.seal(record, in: .surveyConflict(id))))
            """)
        return id
    }

    private struct Conflict: Encodable {
        let conflict: UUID
        let household: HouseholdID
        let number: String
        let base: Int
        let found: Int
        let surveyor: String
        let recordedAt: Instant
        let resolution: String?
        var kept: SurveyFacts?
        var offered: SurveyFacts?
    }

    func listConflicts(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        return try .json(conflicts(in: campaign, work))
    }

    /// Both versions; with `?purpose=` their facts too.
    func showConflict(_ call: Call, _ work: Work) throws -> Reply {
        let id = try call.id("conflict", ID<SurveyConflict>.self).rawValue
        guard var found = try conflicts(only: id, work).first else { throw NotFound("conflict \(id.lowercased)") }
        guard let purpose = try call.purpose else { return try .json(found) }
        guard let row = try work.first("SELECT campaign_id, sealed FROM survey_conflicts WHERE id = \(id)") else { throw NotFound("conflict") }
        let offered: VisitRecord = try vault.open(row["sealed"], in: .surveyConflict(id))
        found.offered = offered.facts
        found.kept = try facts(of: found.household, visit: found.found, in: row["campaign_id"], work)
        try work.noteDisclosure(of: [found.household], for: purpose)
        return try .json(found)
    }

    private enum SurveyConflict {}

    /// One of them, or those of a campaign that are open.
    private func conflicts(in campaign: CampaignID? = nil, only id: UUID? = nil, _ work: Work) throws -> [Conflict] {
        try work.query(
            """
            SELECT c.id, c.household_id, h.number, c.base, c.found, c.surveyor, c.recorded_at, c.resolution
            FROM survey_conflicts c JOIN households h ON h.id = c.household_id
            WHERE c.id = \(id) OR c.campaign_id = \(campaign) AND c.resolution IS NULL ORDER BY c.id LIMIT 500
            """
        ).map { row in
            Conflict(
                conflict: try row["id"], household: try row["household_id"], number: try row["number"], base: try row["base"],
                found: try row["found"], surveyor: try row["surveyor"], recordedAt: try row["recorded_at"], resolution: try row["resolution"])
        }
    }

    private struct Resolution: Decodable {
        let take: Bool
        let by: String
        let reason: String
    }

    private enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadyResolved = "intake.survey-conflict-resolved"
    }

    /// A person takes the offered version, as the household's next visit, or leaves what is on file.
    func resolveConflict(_ call: Call, _ work: Work) throws -> Reply {
        let id = try call.id("conflict", ID<SurveyConflict>.self).rawValue
        let resolution = try call.body(Resolution.self)
        try call.check(by: resolution.by, reason: resolution.reason)
        guard let row = try work.first("SELECT campaign_id, household_id, sealed, resolution FROM survey_conflicts WHERE id = \(id) FOR UPDATE") else {
            throw NotFound("conflict \(id.lowercased)")
        }
        if try row["resolution", as: String?.self] != nil { throw Refusal.alreadyResolved }
        let (campaign, household): (CampaignID, HouseholdID) = (try row["campaign_id"], try row["household_id"])
        var visit: Int?
        if resolution.take {
            _ = try work.get(HouseholdRecord.self, household)
            let record: VisitRecord = try vault.open(row["sealed"], in: .surveyConflict(id))
            let number = (try work.knownVisits(of: [household], in: campaign)[household]?.last ?? 0) + 1
            try work.keep([NewVisit(record, of: household, number: number, isNamed: false)], in: campaign, vault)
            visit = number
        }
        try work.execute(
            """
            UPDATE survey_conflicts SET resolution = \(resolution.take ? "taken" : "discarded"), resolved_by = \(resolution.by),
                reason = \(resolution.reason), resolved_at = lika_now() WHERE id = \(id)
            """)
        return try .json(["visit": visit])
    }
}

extension NewVisit {
    /// - Parameter isNamed: Whether it keeps its key; a conflict that is resolved has it already.
    fileprivate init(_ record: VisitRecord, of household: HouseholdID, number: Int, isNamed: Bool = true) {
        self.init(
            household: household, number: number, surveyor: record.surveyor, origin: .record, complete: record.complete,
            key: isNamed ? record.key : nil, evidence: record.evidence, facts: record.facts)
    }
}

extension Result<VisitRecord, any Error> {
    fileprivate var record: VisitRecord? {
        switch self {
        case .success(let record): record
        case .failure: nil
        }
    }
}
