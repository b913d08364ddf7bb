import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// What intake and verification say of households. Their topics have no order between them, so each says only its own
/// words, and makes the row if the other has not.
extension Work {
    /// Intake's words, unless newer ones are known. Takes the household's lock.
    func quote(
        _ household: HouseholdID, in campaign: CampaignID, population: Population? = nil, headName: String, memberCount: Int, saidAt: Instant
    ) throws {
        try sql.execute(
            """
            INSERT INTO households AS h (id, campaign, population, head_name, member_count, said_at)
            VALUES (\(household), \(campaign), \(population), \(headName), \(memberCount), \(saidAt))
            ON CONFLICT (id, campaign) DO UPDATE SET
                population = COALESCE(h.population, excluded.population),
                head_name = CASE WHEN h.said_at > excluded.said_at THEN h.head_name ELSE excluded.head_name END,
                member_count = CASE WHEN h.said_at > excluded.said_at THEN h.member_count ELSE excluded.member_count END,
                said_at = GREATEST(h.said_at, excluded.said_at)
            """)
    }

    /// Every required result is accepted. Takes the household's lock.
    func verified(_ household: HouseholdID, in campaign: CampaignID, discrepant: Int, at moment: Instant) throws {
        try sql.execute(
            """
            INSERT INTO households (id, campaign, verified_at, discrepant) VALUES (\(household), \(campaign), \(moment), \(discrepant))
            ON CONFLICT (id, campaign) DO UPDATE SET verified_at = excluded.verified_at, discrepant = excluded.discrepant
            """)
    }

    /// Questions are open again. Takes the household's lock.
    func unverified(_ household: HouseholdID, in campaign: CampaignID) throws {
        try sql.execute("UPDATE households SET verified_at = NULL, discrepant = 0 WHERE id = \(household) AND campaign = \(campaign)")
    }

    /// A result that differs from what was declared. Takes the household's lock, so that a case that is being opened is
    /// seen here, or sees this.
    func noteDiscrepancy(_ result: ResultAccepted) throws {
        try sql.execute(
            """
            INSERT INTO households (id, campaign) VALUES (\(result.household), \(result.campaign))
            ON CONFLICT (id, campaign) DO UPDATE SET id = excluded.id
            """)
        try sql.execute(
            """
            INSERT INTO discrepancies (household, campaign, request, department, topic, accepted_at)
            VALUES (\(result.household), \(result.campaign), \(result.request), \(result.department), \(result.topic), \(result.acceptedAt))
            ON CONFLICT DO NOTHING
            """)
    }

    func forgetDiscrepancies(_ requests: [RequestID]) throws {
        try sql.execute("DELETE FROM discrepancies WHERE request = ANY(\(requests))")
    }

    /// A tip of the register. Takes the household's lock, so that a case that is being opened is seen here, or sees this.
    func note(_ tip: HouseholdTipRaised) throws {
        try sql.execute(
            """
            INSERT INTO households (id, campaign) VALUES (\(tip.household), \(tip.campaign))
            ON CONFLICT (id, campaign) DO UPDATE SET id = excluded.id
            """)
        try sql.execute(
            """
            INSERT INTO household_tips (tip, household, campaign, raised_at, due_on, number)
            VALUES (\(tip.tip), \(tip.household), \(tip.campaign), \(tip.raisedAt), \(tip.dueOn), \(tip.number))
            ON CONFLICT (tip) DO UPDATE SET household = excluded.household, campaign = excluded.campaign, raised_at = excluded.raised_at,
                due_on = excluded.due_on, number = excluded.number, settled_at = NULL, outcome = NULL
            """)
    }

    /// It is answered or went elsewhere. Takes the household's lock.
    func settle(_ tip: HouseholdTipSettled) throws {
        try sql.execute("SELECT FROM households WHERE id = \(tip.household) AND campaign = \(tip.campaign) FOR UPDATE")
        try sql.execute("UPDATE household_tips SET settled_at = \(tip.settledAt), outcome = \(tip.outcome) WHERE tip = \(tip.tip)")
    }

    func household(_ id: HouseholdID, in campaign: CampaignID) throws -> (CaseHousehold, discrepancies: [RequestID], openTips: [TipID]) {
        let row = try sql.first(
            """
            SELECT \(unsafe: CaseHousehold.columns),
                ARRAY(SELECT request FROM discrepancies d WHERE d.household = h.id AND d.campaign = h.campaign) AS found,
                ARRAY(SELECT tip FROM household_tips t WHERE t.household = h.id AND t.campaign = h.campaign AND t.settled_at IS NULL) AS tips
            FROM households h WHERE h.id = \(id) AND h.campaign = \(campaign)
            """)
        guard let row else { throw NotFound("household \(id)") }
        return (try CaseHousehold(row), try row.array("found"), try row.array("tips"))
    }

    /// Cases of a household that are not over.
    func liveCases(of household: HouseholdID, in campaign: CampaignID) throws -> [CaseID] {
        try query(
            """
            SELECT id FROM cases
            WHERE household = \(household) AND campaign = \(campaign) AND status <> ALL(\(CaseStatus.all(in: [.ended]))) ORDER BY id
            """
        ).map { try $0["id"] }
    }

    func keep(_ campaign: CampaignIssued) throws {
        try sql.execute(
            """
            INSERT INTO campaigns (id, year, subdistrict, publicity_days, count_first_day, data_freeze_on, issued_at)
            VALUES (\(campaign.campaign), \(campaign.year), \(campaign.subdistrict), \(campaign.publicityDays), \(campaign.countFirstDay),
                \(campaign.dataFreezeOn), \(campaign.issuedAt))
            ON CONFLICT (id) DO UPDATE SET publicity_days = excluded.publicity_days, count_first_day = excluded.count_first_day,
                data_freeze_on = excluded.data_freeze_on
            """)
        try sql.execute("DELETE FROM campaign_stages WHERE campaign = \(campaign.campaign)")
        try sql.execute(
            """
            INSERT INTO campaign_stages (campaign, stage, starts_on, ends_on)
            SELECT \(campaign.campaign), * FROM unnest(\(campaign.stages.map(\.id)), \(campaign.stages.map(\.from)), \(campaign.stages.map(\.to)))
            """)
    }

    /// The latest campaign; of a division, if one is named.
    func campaign(of division: DivisionCode? = nil) throws -> CampaignDays? {
        try sql.first(
            """
            SELECT id, year, publicity_days, count_first_day, data_freeze_on FROM campaigns
            WHERE \(division)::text IS NULL OR starts_with(\(division), subdistrict) OR starts_with(subdistrict, \(division))
            ORDER BY issued_at DESC LIMIT 1
            """
        ).map { row in
            CampaignDays(
                id: try row["id"], year: try row["year"], days: PublicityDays(days: try row["publicity_days"], countFirstDay: try row["count_first_day"]),
                dataFreezeOn: try row["data_freeze_on"])
        }
    }
}

/// What a campaign's plan says about days.
struct CampaignDays {
    let id: CampaignID
    let year: Int
    let days: PublicityDays
    let dataFreezeOn: LocalDate
}

extension CaseHousehold {
    /// Of `households h`.
    static let columns = "h.id AS household, h.population, h.head_name, h.member_count, h.verified_at, h.discrepant"

    init(_ row: Row) throws {
        let verified: Instant? = try row["verified_at"]
        self.init(
            id: try row["household"], population: try row["population"], headName: try row["head_name"], memberCount: try row["member_count"],
            verification: verified == nil ? .pending : .complete(discrepant: try row["discrepant"]))
    }
}
