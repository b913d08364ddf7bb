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
        try execute(
            """
            INSERT INTO visits (id, campaign_id, household_id, number, visited_on, surveyor, origin, complete, record_key, evidence, fingerprint, sealed)
            SELECT u.id, \(campaign), u.household_id, u.number, u.visited_on, u.surveyor, u.origin, u.complete, u.record_key, u.evidence, u.fingerprint, u.sealed
            FROM unnest(\(visits.map { _ in newID() }), \(visits.map(\.household)), \(visits.map(\.number)), \(visits.map(\.facts.surveyedOn)),
                \(visits.map(\.surveyor)), \(visits.map(\.origin.rawValue)), \(visits.map(\.complete)), \(visits.map(\.key)),
                \(try visits.map { JSONB(try JSON.encode($0.evidence)) }), \(try visits.map { try vault.fingerprint($0.facts) }),
                \(try visits.map { try vault.seal($0.facts, in: .survey(campaign, $0.household)) }))
                AS u (id, household_id, number, visited_on, surveyor, origin, complete, record_key, evidence, fingerprint, sealed)
            """)
    }

    /// Keeps rows of the survey's sheet, each as a visit; how many were not on file yet. A row that is on file, even one that
    /// another visit has overtaken, changes nothing.
    func keep(_ surveys: [(household: HouseholdID, facts: SurveyFacts)], in campaign: CampaignID, _ vault: Vault) throws -> Int {
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
        return visits.count
    }

    /// The newest complete visit of each, or the one that a person has chosen since.
    func countingVisits(of households: [HouseholdID], in campaign: CampaignID, _ vault: Vault) throws -> [HouseholdID: CountingVisit] {
        let rows = try query(
            """
            SELECT DISTINCT ON (v.household_id) v.household_id, v.id, v.number, v.sealed
            FROM visits v LEFT JOIN LATERAL (
                SELECT visit_id, over FROM visit_choices c WHERE c.campaign_id = v.campaign_id AND c.household_id = v.household_id
                ORDER BY c.id DESC LIMIT 1) chosen ON true
            WHERE v.campaign_id = \(campaign) AND v.household_id = ANY(\(households)) AND (v.complete OR v.id = chosen.visit_id)
            ORDER BY v.household_id, v.complete AND v.number > coalesce(chosen.over, 0) DESC, (v.id = chosen.visit_id) IS TRUE DESC, v.number DESC
            """)
        return try Dictionary(
            rows.map { row in
                let household: HouseholdID = try row["household_id"]
                let facts: SurveyFacts = try vault.open(row["sealed"], in: .survey(campaign, household))
                return (household, CountingVisit(id: try row["id"], number: try row["number"], facts: facts))
            }, uniquingKeysWith: { first, _ in first })
    }
}
