import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// The steps of the register, and what stands on it.
extension Work {
    func note(_ movements: [(Movement, HouseholdID, CaseID?)], in campaign: CampaignID) throws {
        if movements.isEmpty { return }
        try execute(
            """
            INSERT INTO movements (id, campaign_id, household_id, case_id, cause, households, persons)
            SELECT u.id, \(campaign), u.household_id, u.case_id, u.cause, u.households, u.persons
            FROM unnest(\(movements.map { _ in newID() }), \(movements.map(\.1)), \(movements.map(\.2)), \(movements.map(\.0.cause)),
                \(movements.map(\.0.households)), \(movements.map(\.0.persons))) AS u (id, household_id, case_id, cause, households, persons)
            """)
    }

    func balance(of campaign: CampaignID) throws -> RegisterBalance {
        let movements = try query(
            """
            SELECT cause, sum(households)::bigint AS households, sum(persons)::bigint AS persons
            FROM movements WHERE campaign_id = \(campaign) GROUP BY cause
            """
        ).map { Movement(try $0["cause"], households: try $0["households"], persons: try $0["persons"]) }
        let counted = try first(
            """
            SELECT count(DISTINCT h.id) AS households, count(m.id) AS persons
            FROM households h LEFT JOIN members m ON m.household_id = h.id AND m.state = 'active'
            WHERE h.campaign_id = \(campaign) AND h.standing = 'registered'
            """)
        return RegisterBalance(
            movements, counted: .init(households: try counted?["households"] ?? 0, persons: try counted?["persons"] ?? 0))
    }

    /// How many cases of each kind stand where.
    func caseCounts(of campaign: CampaignID) throws -> [String: [String: Int]] {
        var counts: [String: [String: Int]] = [:]
        for row in try query("SELECT kind, status, count(*) AS cases FROM cases WHERE campaign_id = \(campaign) GROUP BY kind, status") {
            counts[try row["kind"], default: [:]][try row["status"]] = try row["cases"]
        }
        return counts
    }
}
