import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// A visit on its way into the books.
struct NewVisit {
    let household: HouseholdID
    let number: Int
    let surveyor: String
    let origin: Origin
    let complete: Bool
    /// The device's own name of the record.
    let key: String?
    let evidence: [Evidence]
    let facts: SurveyFacts

    enum Origin: String { case sheet, record }
}

/// The visit whose facts count.
struct CountingVisit {
    let id: UUID
    let number: Int
    let facts: SurveyFacts
    let recorder: Actor
    /// The household's, for what is made of the facts.
    let key: HouseholdKey
}

extension Work {
    /// What is on file of each household's visits: their numbers by what they say, and the last number.
    struct KnownVisits {
        var numbers: [String: Int] = [:]
        var last = 0
    }

    func knownVisits(of households: [HouseholdID], in campaign: CampaignID) throws -> [HouseholdID: KnownVisits] {
        var known: [HouseholdID: KnownVisits] = [:]
        for row in try query(
            "SELECT household_id, number, fingerprint FROM visits WHERE campaign_id = \(campaign) AND household_id = ANY(\(households)) ORDER BY number")
        {
            let (household, number) = (try row["household_id", as: HouseholdID.self], try row["number", as: Int.self])
            known[household, default: KnownVisits()].numbers[try row["fingerprint"]] = number
            known[household, default: KnownVisits()].last = number
        }
        return known
    }

    func keep(_ visits: [NewVisit], in campaign: CampaignID, _ vault: Vault) throws {
        if visits.isEmpty { return }
        let keys = try keys(of: visits.map(\.household), vault)
        try execute(
            """
            INSERT INTO visits (id, campaign_id, household_id, number, visited_on, surveyor, origin, complete, record_key, evidence, fingerprint, sealed, actor)
            SELECT u.id, \(campaign), u.household_id, u.number, u.visited_on, u.surveyor, u.origin, u.complete, u.record_key, u.evidence, u.fingerprint,
                u.sealed, \(deed.actor.description)
            FROM unnest(\(visits.map { _ in newID() }), \(visits.map(\.household)), \(visits.map(\.number)), \(visits.map(\.facts.surveyedOn)),
                \(visits.map(\.surveyor)), \(visits.map(\.origin)), \(visits.map(\.complete)), \(visits.map(\.key)),
                \(try visits.map { JSONB(try JSON.encode($0.evidence)) }), \(try visits.map { try vault.fingerprint($0.facts) }),
                \(try visits.map { try keys[$0.household].seal($0.facts, in: .visit($0.number, of: $0.household, in: campaign)) }))
                AS u (id, household_id, number, visited_on, surveyor, origin, complete, record_key, evidence, fingerprint, sealed)
            """)
    }

    /// Keeps rows of the survey's sheet, each as a visit; whose were not on file yet. A row that is on file, even one that
    /// another visit has overtaken, changes nothing.
    func keep(_ surveys: [(household: HouseholdID, facts: SurveyFacts)], in campaign: CampaignID, _ vault: Vault) throws -> Set<HouseholdID> {
        if surveys.isEmpty { return [] }
        // Locked, so that a device does not bring the same next visit meanwhile.
        try prefetch(HouseholdRecord.self, surveys.map(\.household))
        let known = try knownVisits(of: surveys.map(\.household), in: campaign)
        var visits: [NewVisit] = []
        for survey in surveys {
            let last = known[survey.household]?.last ?? 0
            switch Reception(try vault.fingerprint(survey.facts), base: last, known: known[survey.household]?.numbers ?? [:], last: last) {
            case .accepted(let number):
                visits.append(
                    NewVisit(
                        household: survey.household, number: number, surveyor: "", origin: .sheet, complete: true, key: nil, evidence: [],
                        facts: survey.facts))
            case .known, .conflict: continue
            }
        }
        try keep(visits, in: campaign, vault)
        try judgeAgain(visits.map(\.household), in: campaign, vault)
        return Set(visits.map(\.household))
    }

    /// The newest complete visit of each, or the one that a person has chosen since. A household whose key is gone has none.
    func countingVisits(of households: [HouseholdID], in campaign: CampaignID, _ vault: Vault) throws -> [HouseholdID: CountingVisit] {
        let rows = try query(
            """
            SELECT DISTINCT ON (v.household_id) v.household_id, v.id AS visit_id, v.number, v.sealed, v.actor, \(unsafe: SQL.wrappedKey)
            FROM visits v JOIN household_keys k USING (household_id) LEFT JOIN LATERAL (
                SELECT visit_id, over FROM visit_choices c WHERE c.campaign_id = v.campaign_id AND c.household_id = v.household_id
                ORDER BY c.id DESC LIMIT 1) chosen ON true
            WHERE v.campaign_id = \(campaign) AND v.household_id = ANY(\(households)) AND (v.complete OR v.id = chosen.visit_id)
            ORDER BY v.household_id, v.complete AND v.number > coalesce(chosen.over, 0) DESC, (v.id = chosen.visit_id) IS TRUE DESC, v.number DESC
            """)
        return try Dictionary(
            rows.map { row in
                let (household, number): (HouseholdID, Int) = (try row["household_id"], try row["number"])
                let key = try vault.key(row)
                let facts: SurveyFacts = try key.open(row["sealed"], in: .visit(number, of: household, in: campaign))
                return (household, CountingVisit(id: try row["visit_id"], number: number, facts: facts, recorder: Actor(account: try row["actor"]), key: key))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The accounts that have recorded visits to a household.
    func surveyors(of household: HouseholdID) throws -> Set<String> {
        try Set(query("SELECT DISTINCT actor FROM visits WHERE household_id = \(household)").map { try $0["actor"] })
    }

    func facts(ofVisit number: Int, to household: HouseholdID, in campaign: CampaignID, _ vault: Vault) throws -> SurveyFacts? {
        let row = try first(
            """
            SELECT v.sealed, \(unsafe: SQL.wrappedKey) FROM visits v JOIN household_keys k USING (household_id)
            WHERE v.campaign_id = \(campaign) AND v.household_id = \(household) AND v.number = \(number)
            """)
        return try row.map { try vault.key($0).open($0["sealed"], in: .visit(number, of: household, in: campaign)) }
    }
}
