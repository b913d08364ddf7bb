import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Which positions a campaign needs, looked at anew each local midnight by PostgreSQL's clock: the set follows the register,
/// which the county's decisions change while positions are being captured (section 4, 7).
enum RequiredPositions {
    /// Due rows are campaigns.
    static let timer = "positions.require"

    static func add(to timers: Timers) -> Timers {
        timers.on(timer, batch: 10) { due, work in
            for campaign in due {
                let campaign = try work.campaign(CampaignID(campaign))
                _ = try lookAnew(at: campaign, in: work)
                try schedule(for: campaign, in: work)
            }
        }
    }

    /// The next midnight, as long as the campaign's year lasts.
    static func schedule(for campaign: IssuedCampaign, in work: Work) throws {
        guard let next = RequiredPlaces.next(after: try work.now, in: campaign.plan) else { return }
        try work.schedule(timer, campaign.id.rawValue, at: next)
    }

    struct Change: Encodable {
        let required: Int
        /// Since the last look.
        let added: Int
        let released: Int
    }

    /// What was captured stays captured, needed or not.
    static func lookAnew(at campaign: IssuedCampaign, in work: Work) throws -> Change {
        let required = RequiredPlaces.places(try work.registered(in: campaign.id), of: campaign.plan.subdistrict)
        let (households, seats) = (required.compactMap(\.household).sorted(), required.compactMap(\.seat).sorted())
        // In the order in which everybody locks them.
        try work.execute("SELECT id FROM locations WHERE campaign_id = \(campaign.id) ORDER BY id FOR UPDATE")
        let released = try work.change(
            """
            UPDATE locations SET required_on = NULL
            WHERE campaign_id = \(campaign.id) AND required_on IS NOT NULL AND NOT coalesce(household_id = ANY(\(households)), seat = ANY(\(seats)))
            """)
        let renewed = try work.change(
            """
            UPDATE locations SET required_on = \(try work.today)
            WHERE campaign_id = \(campaign.id) AND required_on IS NULL AND coalesce(household_id = ANY(\(households)), seat = ANY(\(seats)))
            """)
        // Whoever captures one of them first at this moment has made its row.
        let places = households.map(Place.frontDoor) + seats.map(Place.seat)
        let new = try work.change(
            """
            INSERT INTO locations (id, campaign_id, household_id, seat, required_on, state, version)
            SELECT u.id, \(campaign.id), u.household_id, u.seat, \(try work.today), 'missing', 0
            FROM unnest(\(places.map { _ in LocationID(work.newID()) }), \(places.map(\.household)), \(places.map(\.seat))) AS u (id, household_id, seat)
            ON CONFLICT DO NOTHING
            """)
        return Change(required: required.count, added: renewed + new, released: released)
    }
}
