import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Records that were made offline while somebody else recorded a visit: shown with what is on file, for a person to decide.
struct SurveyConflictRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/survey-conflicts", list)
        api.get("/v1/survey-conflicts/:conflict", show)
        api.ask("/v1/survey-conflicts/:conflict/reveal", reveal)
        api.post("/v1/survey-conflicts/:conflict/resolution", resolve)
    }

    private enum SurveyConflict {}

    struct Shown: Encodable {
        let conflict: UUID
        let household: HouseholdID
        let number: String
        /// The version that the record was made on, and the one on file when it came.
        let base: Int
        let found: Int
        let surveyor: String
        let recordedAt: Instant
        let resolution: String?

        init(_ row: Row) throws {
            (conflict, household, number) = (try row["id"], try row["household_id"], try row["number"])
            (base, found, surveyor) = (try row["base"], try row["found"], try row["surveyor"])
            (recordedAt, resolution) = (try row["recorded_at"], try row["resolution"])
        }
    }

    /// Those of `?campaign=` that wait for a person.
    func list(_ call: Call, _ work: Work) throws -> Reply {
        let after: ID<SurveyConflict>? = call.query("after") == nil ? nil : try call.queryID("after")
        let limit = try call.limit()
        let conflicts = try open(in: call.queryID("campaign"), after: after?.rawValue, limit: limit, work)
        return try .page(conflicts, next: conflicts.count == limit ? conflicts.last?.conflict.lowercased : nil, call: call)
    }

    func open(in campaign: CampaignID, after: UUID? = nil, limit: Int, _ work: Work) throws -> [Shown] {
        try work.query(
            """
            SELECT c.id, c.household_id, h.number, c.base, c.found, c.surveyor, c.recorded_at, c.resolution
            FROM survey_conflicts c JOIN households h ON h.id = c.household_id
            WHERE c.campaign_id = \(campaign) AND c.resolution IS NULL AND (\(after) IS NULL OR c.id > \(after)) ORDER BY c.id LIMIT \(limit)
            """
        ).map(Shown.init)
    }

    /// The version is that of the household's visits, which a resolution names.
    func show(_ call: Call, _ work: Work) throws -> Reply {
        let (_, row) = try row(call, work, locking: false)
        let shown = try Shown(row)
        return try .json(shown).tagged(work.visitsVersion(of: shown.household, in: row["campaign_id"]))
    }

    private struct Revealed: Encodable {
        let conflict: UUID
        /// By field name.
        let fields: [String]
        let kept: SurveyFacts
        let offered: SurveyFacts
    }

    /// Both versions.
    func reveal(_ call: Call, _ work: Work) throws -> Reply {
        let purpose = try call.namedPurpose
        let (id, row) = try row(call, work, locking: false)
        let household: HouseholdID = try row["household_id"]
        let offered = try record(row, id).facts
        guard let kept = try work.facts(ofVisit: row["found"], to: household, in: row["campaign_id"], vault) else { throw NotFound("visit") }
        try work.noteExplanation(of: [household], for: purpose)
        return try .json(Revealed(conflict: id, fields: kept.fields(differingIn: offered), kept: kept, offered: offered))
    }

    private struct Resolution: Decodable {
        let take: Bool
        let reason: String
    }

    private enum Refusal: String, Contracts.Refusal, CaseIterable {
        case alreadyResolved = "intake.survey-conflict-resolved"
    }

    /// A person takes the offered version, as the household's next visit, or leaves what is on file.
    func resolve(_ call: Call, _ work: Work) throws -> Reply {
        let resolution = try call.body(Resolution.self)
        return try .json(["visit": resolve(taking: resolution.take, because: resolution.reason, call, work)])
    }

    /// The number of the new visit, if the offered version was taken.
    func resolve(taking isTaken: Bool, because text: String, _ call: Call, _ work: Work) throws -> Int? {
        let reason = try call.reason(text)
        let actor = try call.namedActor()
        let (id, row) = try row(call, work, locking: true)
        if try row["resolution", as: String?.self] != nil { throw Refusal.alreadyResolved }
        let (campaign, household): (CampaignID, HouseholdID) = (try row["campaign_id"], try row["household_id"])
        try work.prefetch(HouseholdRecord.self, [household])
        try call.requireMatch(of: work.visitsVersion(of: household, in: campaign))
        var visit: Int?
        if isTaken {
            let number = (try work.knownVisits(of: [household], in: campaign)[household]?.last ?? 0) + 1
            try work.keep([NewVisit(resolving: record(row, id), of: household, number: number)], in: campaign, vault)
            try work.judgeAgain([household], in: campaign, vault)
            visit = number
        }
        try work.execute(
            """
            UPDATE survey_conflicts SET resolution = \(isTaken ? "taken" : "discarded"), resolved_by = \(actor.description),
                reason = \(reason), resolved_at = lika_now() WHERE id = \(id)
            """)
        return visit
    }

    private func row(_ call: Call, _ work: Work, locking: Bool) throws -> (UUID, Row) {
        let id = try call.id("conflict", ID<SurveyConflict>.self).rawValue
        let row = try work.first(
            """
            SELECT c.id, c.campaign_id, c.household_id, h.number, c.base, c.found, c.surveyor, c.recorded_at, c.resolution, c.sealed,
                \(unsafe: SQL.wrappedKey)
            FROM survey_conflicts c JOIN households h ON h.id = c.household_id LEFT JOIN household_keys k ON k.household_id = c.household_id
            WHERE c.id = \(id) \(unsafe: locking ? "FOR UPDATE OF c" : "")
            """)
        guard let row else { throw NotFound("conflict \(id.lowercased)") }
        return (id, row)
    }

    private func record(_ row: Row, _ id: UUID) throws -> VisitRecord {
        guard try row["key_id", as: UUID?.self] != nil else { throw Vault.Unopenable() }
        return try vault.key(row).open(row["sealed"], in: .surveyConflict(id))
    }
}

extension NewVisit {
    /// The conflict has the record's own name already.
    fileprivate init(resolving record: VisitRecord, of household: HouseholdID, number: Int) {
        self.init(
            household: household, number: number, surveyor: record.surveyor, origin: .record, complete: record.complete, key: nil,
            evidence: record.evidence, facts: record.facts)
    }
}
