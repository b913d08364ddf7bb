import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// A campaign's routing: which departments are asked what about whom. Version 1 is what the campaign started with; every later
/// one is kept with who set it, and why.
struct RouteRoutes {
    func add(to api: API) {
        api.get("/v1/campaigns/:campaign/routes", show)
        api.put("/v1/campaigns/:campaign/routes", change)
        api.get("/v1/campaigns/:campaign/routes/history", showHistory)
    }

    private struct Routing: Codable {
        let routes: [Route]
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let current = try work.routing(of: call.id("campaign"), "FOR SHARE")
        return try .json(Routing(routes: current.routes.all)).tagged(current.version)
    }

    private struct Reason: Decodable {
        let reason: String
    }

    /// From now on other questions. Households that have their questions already get the new ones, and lose those that no
    /// department has seen; that is done in the background.
    private func change(_ call: Call, _ work: Work) throws -> Reply {
        let routes = try CheckRoutes(call.body(Routing.self).routes)
        let reason = try call.body(Reason.self).reason.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...200).contains(reason.count) else { throw Invalid("/reason", "text.length", "a change has a reason of 1 to 200 characters") }
        work.deed.reason = reason
        let (actor, campaign): (Actor, CampaignID) = (try call.namedActor(), try call.id("campaign"))
        // Alone: a file that is opened meanwhile must know by which routes.
        let current = try work.routing(of: campaign, "FOR UPDATE")
        try call.requireMatch(of: current.version)
        if routes == current.routes { return try .json(Routing(routes: routes.all)).tagged(current.version) }
        try work.execute(
            """
            INSERT INTO check_routings (campaign, version, routes, actor, reason)
            VALUES (\(campaign), \(current.version + 1), \(JSONB(try JSON.encode(routes.all))), \(actor.description), \(reason))
            """)
        try work.execute(
            """
            INSERT INTO timers (timer, subject, due)
            SELECT \(rerouteTimer), household, \(work.now) FROM files WHERE campaign = \(campaign) AND status <> 'waiting'
            ON CONFLICT (timer, subject) DO UPDATE SET due = excluded.due
            """)
        return try .json(Routing(routes: routes.all)).tagged(current.version + 1)
    }

    private struct Version: Encodable {
        let version: Int
        let routes: [Route]
        let at: Instant
        /// Nothing of what the campaign started with.
        let actor: String?
        let reason: String?
    }

    private func showHistory(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        let versions = try work.query("SELECT * FROM check_routings WHERE campaign = \(campaign) ORDER BY version").map { row in
            Version(
                version: try row["version"], routes: try CheckRoutes(row).all, at: try row["at"], actor: try row["actor"],
                reason: try row["reason"])
        }
        if versions.isEmpty { throw NotFound("campaign \(campaign)") }
        return try .json(versions)
    }
}

extension Work {
    /// The routing now in force, held by a lock on its campaign.
    fileprivate func routing(of campaign: CampaignID, _ lock: String) throws -> (routes: CheckRoutes, version: Int) {
        _ = try first("SELECT FROM check_plans WHERE campaign = \(campaign) \(unsafe: lock)")
        guard let row = try first("SELECT routes, version FROM check_routings WHERE campaign = \(campaign) ORDER BY version DESC LIMIT 1")
        else { throw NotFound("campaign \(campaign)") }
        return (try CheckRoutes(row), try row["version"])
    }
}
