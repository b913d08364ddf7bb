import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Why is this household on the list?
struct ExplanationRoutes {
    let vault: Vault

    func add(to api: API) {
        api.get("/v1/cases/:case/explanation") { call, work in try explainCase(call, work, nil) }
        api.ask("/v1/cases/:case/explanation/reveal") { call, work in try explainCase(call, work, call.namedPurpose) }
        api.get("/v1/households/:household/explanation") { call, work in try explain(call.id("household"), call, work, nil) }
        api.ask("/v1/households/:household/explanation/reveal") { call, work in try explain(call.id("household"), call, work, call.namedPurpose) }
    }

    private func explainCase(_ call: Call, _ work: Work, _ purpose: String?) throws -> Reply {
        let id: CaseID = try call.id("case")
        guard let row = try work.first("SELECT household_id FROM cases WHERE id = \(id)") else { throw NotFound("case \(id)") }
        return try explain(row["household_id"], only: id, call, work, purpose)
    }

    /// `?at=` shows it as it stood at the end of that day. For a purpose figures, causes and reasons are shown, and that they
    /// were is noted.
    private func explain(_ household: HouseholdID, only wanted: CaseID? = nil, _ call: Call, _ work: Work, _ purpose: String?) throws -> Reply {
        try .json(explanation(of: household, only: wanted, at: call.day("at") ?? work.today, work, for: purpose))
    }

    func explanation(
        of household: HouseholdID, only wanted: CaseID? = nil, at: LocalDate, _ work: Work, for purpose: String? = nil
    ) throws -> Explanation {
        guard let found = try work.first(
            """
            SELECT number, division,
                (SELECT name FROM members m WHERE m.household_id = h.id AND m.relation = \(Relation.head) ORDER BY m.state, m.position LIMIT 1) AS head
            FROM households h WHERE id = \(household)
            """)
        else { throw NotFound("household \(household)") }
        let reading = try Reading(work: work, keys: work.keys(of: [household], vault), end: (at + 1).start, isDisclosed: purpose != nil)
        let cases = try work.query(
            """
            SELECT c.id, c.campaign_id, c.household_id, c.kind, c.proposed_at, m.number AS person, p.sealed FROM cases c
            LEFT JOIN members m ON m.id = c.member_id LEFT JOIN proposals p ON p.case_id = c.id
            WHERE c.household_id = \(household) AND c.proposed_at < \(reading.end) AND (\(wanted)::uuid IS NULL OR c.id = \(wanted)) ORDER BY c.id
            """
        ).map { try reading.explanation($0) }
        if let purpose { try work.noteExplanation(of: [household], for: purpose) }
        let head = try found["head", as: String?.self] ?? ""
        return Explanation(
            household: household, number: try found["number"], headName: purpose == nil ? Masked.name(head).description : head,
            division: try found["division"], at: at, disclosed: purpose != nil, cases: cases)
    }
}

/// Reads what is kept of a case, up to a moment.
private struct Reading {
    let work: Work
    /// The one household's.
    let keys: HouseholdKeys
    let end: Instant
    let isDisclosed: Bool

    func explanation(_ row: Row) throws -> CaseExplanation {
        let (id, campaign, household): (CaseID, CampaignID, HouseholdID) = (try row["id"], try row["campaign_id"], try row["household_id"])
        let basis: ProposalBasis = try row["sealed", as: Bytes?.self].map { try keys[household].open($0, in: .proposal(id)) } ?? .unknown
        let steps = try steps(of: id)
        return CaseExplanation(
            case: id, campaign: campaign, kind: try row["kind"], person: try row["person"],
            status: steps.last { $0.teller == "intake" }?.place ?? CampaignCase.Status.proposed.rawValue,
            proposal: isDisclosed ? basis : basis.withheld, proposedAt: try row["proposed_at"], visits: try visits(of: household, in: campaign),
            assessments: try assessments(of: id, household), judgements: try judgements(of: id, household), departments: try answers(about: household, in: campaign),
            steps: steps)
    }

    private func visits(of household: HouseholdID, in campaign: CampaignID) throws -> [CaseExplanation.Visit] {
        let rows = try work.query(
            """
            SELECT v.id, v.number, v.surveyor, v.visited_on, v.complete, v.evidence, v.sealed, chosen.visit_id, coalesce(chosen.over, 0) AS over
            FROM visits v LEFT JOIN LATERAL (
                SELECT visit_id, over FROM visit_choices c
                WHERE c.campaign_id = v.campaign_id AND c.household_id = v.household_id AND c.at < \(end) ORDER BY c.id DESC LIMIT 1) chosen ON true
            WHERE v.campaign_id = \(campaign) AND v.household_id = \(household) AND v.recorded_at < \(end) ORDER BY v.number
            """)
        let counting = try Self.counting(rows)
        return try rows.map { row in
            let number: Int = try row["number"]
            let facts: SurveyFacts? = isDisclosed ? try keys[household].open(row["sealed"], in: .visit(number, of: household, in: campaign)) : nil
            return CaseExplanation.Visit(
                number: number, surveyor: try row["surveyor"], visitedOn: try row["visited_on"], complete: try row["complete"],
                counts: number == counting, evidence: try JSON.decode([Evidence].self, from: try row["evidence", as: JSONB.self].text), facts: facts)
        }
    }

    /// As ``Work/countingVisits(of:in:_:)`` says, at that moment.
    private static func counting(_ rows: [Row]) throws -> Int? {
        let newer = try rows.last { try $0["complete"] && $0["number", as: Int.self] > $0["over", as: Int.self] }
        let chosen = try rows.first { try $0["id", as: UUID.self] == $0["visit_id", as: UUID?.self] }
        return try (newer ?? chosen)?["number"]
    }

    private func assessments(of id: CaseID, _ household: HouseholdID) throws -> [CaseExplanation.Assessed] {
        try work.query(
            """
            SELECT a.id, a.at, a.occasion, v.number, a.sealed FROM assessments a JOIN visits v ON v.id = a.visit_id
            WHERE a.case_id = \(id) AND a.at < \(end) ORDER BY a.id
            """
        ).map { row in
            let record: AssessmentRecord = try keys[household].open(row["sealed"], in: .assessment(row["id"]))
            return CaseExplanation.Assessed(
                at: try row["at"], occasion: try row["occasion"], visit: try row["number"], record: isDisclosed ? record : record.withheld)
        }
    }

    private func judgements(of id: CaseID, _ household: HouseholdID) throws -> [CaseExplanation.Judgement] {
        try work.query("SELECT id, eligible, actor, sealed, at FROM judgements WHERE case_id = \(id) AND at < \(end) ORDER BY id").map { row in
            CaseExplanation.Judgement(
                at: try row["at"], eligible: try row["eligible"], by: try row["actor"],
                reason: isDisclosed ? try keys[household].open(row["sealed"], in: .judgement(row["id"]), as: String.self) : nil)
        }
    }

    private func answers(about household: HouseholdID, in campaign: CampaignID) throws -> [CaseExplanation.Answer] {
        try work.query(
            """
            SELECT department, topic, outcome, accepted_at FROM department_answers
            WHERE household_id = \(household) AND campaign_id = \(campaign) AND accepted_at < \(end) ORDER BY accepted_at, department, topic
            """
        ).map { row in
            CaseExplanation.Answer(
                department: try row["department"], topic: try row["topic"], outcome: try row["outcome"], acceptedAt: try row["accepted_at"])
        }
    }

    private func steps(of id: CaseID) throws -> [CaseExplanation.Step] {
        try work.query("SELECT teller, place, reasons, actor, at FROM case_steps WHERE case_id = \(id) AND at < \(end) ORDER BY at, id").map { row in
            CaseExplanation.Step(
                at: try row["at"], teller: try row["teller"], place: try row["place"],
                reasons: try row["reasons", as: String.self].split(separator: " ").map(String.init), by: try row["actor"])
        }
    }
}
