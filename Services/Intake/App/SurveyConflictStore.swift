import Contracts
import Foundation
import IntakeDomain
import Postgres
import ServiceKit

/// A record that has come before, under the device's own name of it.
struct ReceivedRecord {
    let fingerprint: String
    let visit: Int?
    let conflict: UUID?
}

/// Records made on a version of the visits that was no longer the last.
extension Work {
    func receivedRecords(_ keys: [String]) throws -> [String: ReceivedRecord] {
        let rows = try query(
            """
            SELECT record_key, fingerprint, number, NULL::uuid AS conflict FROM visits WHERE record_key = ANY(\(keys))
            UNION ALL SELECT record_key, fingerprint, NULL, id FROM survey_conflicts WHERE record_key = ANY(\(keys))
            """)
        return try Dictionary(
            rows.map {
                (try $0["record_key"], ReceivedRecord(fingerprint: try $0["fingerprint"], visit: try $0["number"], conflict: try $0["conflict"]))
            }, uniquingKeysWith: { first, _ in first })
    }

    func keepConflict(
        _ record: VisitRecord, of household: HouseholdID, base: Int, found: Int, in campaign: CampaignID, _ vault: Vault
    ) throws -> UUID {
        let id = newID()
        try execute(
            """
            INSERT INTO survey_conflicts (id, campaign_id, household_id, base, found, record_key, surveyor, fingerprint, sealed, actor)
            VALUES (\(id), \(campaign), \(household), \(base), \(found), \(record.key), \(record.surveyor), \(try vault.fingerprint(record.facts)),
                \(try keys(of: [household], vault)[household].seal(record, in: .surveyConflict(id))), \(deed.actor.description))
            """)
        return id
    }

    func campaign(of household: HouseholdID) throws -> CampaignID {
        guard let row = try first("SELECT campaign_id FROM households WHERE id = \(household)") else { throw NotFound("household \(household)") }
        return try row["campaign_id"]
    }

    /// How often a visit was recorded or chosen: whoever decides between visits names it, so that none is overlooked.
    func visitsVersion(of household: HouseholdID, in campaign: CampaignID) throws -> Int {
        let row = try first(
            """
            SELECT (SELECT count(*) FROM visits WHERE campaign_id = \(campaign) AND household_id = \(household))
                + (SELECT count(*) FROM visit_choices WHERE campaign_id = \(campaign) AND household_id = \(household)) AS version
            """)
        return try row?["version"] ?? 0
    }
}
