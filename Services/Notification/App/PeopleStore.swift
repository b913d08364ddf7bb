import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

// Where people live and offices work, as far as telling them needs it.

extension Work {
    func keep(_ proposed: CaseProposed) throws {
        try sql.execute(
            """
            INSERT INTO households (household, division, head_name) VALUES (\(proposed.household), \(proposed.division), \(proposed.headName))
            ON CONFLICT (household) DO UPDATE SET division = excluded.division, head_name = excluded.head_name
            """)
    }

    /// A household as a recipient. What its event does not say is what was heard of it before.
    func recipient(_ household: HouseholdID, in division: DivisionCode?, name: String?) throws -> Recipient {
        if let division, let name { return .household(household, in: division, name: name) }
        let known = try sql.first("SELECT division, head_name FROM households WHERE household = \(household)")
        return .household(household, in: try division ?? known?["division"], name: try name ?? known?["head_name"])
    }

    /// The subdistrict of a campaign, or of the latest one if none is named.
    func subdistrict(of campaign: CampaignID? = nil) throws -> DivisionCode? {
        try sql.first(
            "SELECT subdistrict FROM campaigns WHERE \(campaign)::uuid IS NULL OR campaign = \(campaign) ORDER BY year DESC, campaign DESC LIMIT 1")?["subdistrict"]
    }
}
