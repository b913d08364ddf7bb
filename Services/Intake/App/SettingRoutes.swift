import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The settings of a campaign: version 1 is its plan's, and every later one is kept with who set it, and why.
struct SettingRoutes {
    func add(to api: API) {
        api.get("/v1/campaigns/:campaign/settings", show)
        api.put("/v1/campaigns/:campaign/settings", change)
        api.get("/v1/campaigns/:campaign/settings/history", showHistory)
    }

    func show(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        return try .json(campaign.settings).tagged(campaign.settingsVersion)
    }

    private struct Reason: Decodable {
        let reason: String
    }

    /// Decides of what is assessed from now on.
    func change(_ call: Call, _ work: Work) throws -> Reply {
        let settings = try call.body(CampaignSettings.self).checked()
        work.deed.reason = try call.reason(call.body(Reason.self).reason)
        let actor = try call.namedActor()
        // One at a time, as what is assessed meanwhile must know by what.
        let campaign = try work.wholeCampaignAlone(call.id("campaign"))
        try call.requireMatch(of: campaign.settingsVersion)
        if settings == campaign.settings { return try .json(settings).tagged(campaign.settingsVersion) }
        try work.execute(
            """
            INSERT INTO campaign_settings (campaign_id, version, settings, actor, reason)
            VALUES (\(campaign.id), \(campaign.settingsVersion + 1), \(JSONB(try JSON.encode(settings))), \(actor.description), \(work.deed.reason))
            """)
        return try .json(settings).tagged(campaign.settingsVersion + 1)
    }

    private struct Version: Encodable {
        let version: Int
        let settings: CampaignSettings
        let at: Instant
        /// Nothing of the plan's own.
        let actor: String?
        let reason: String?
    }

    func showHistory(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let planned = Version(version: 1, settings: CampaignSettings(campaign.plan), at: campaign.issuedAt, actor: nil, reason: nil)
        let later = try work.query(
            "SELECT version, settings, actor, reason, at FROM campaign_settings WHERE campaign_id = \(campaign.id) ORDER BY version"
        ).map { row in
            Version(
                version: try row["version"], settings: try JSON.decode(CampaignSettings.self, from: row["settings", as: JSONB.self].text),
                at: try row["at"], actor: try row["actor"], reason: try row["reason"])
        }
        return try .json([planned] + later)
    }
}

extension Call {
    /// Why something is changed, in a person's words.
    func reason(_ text: String) throws -> String {
        let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...200).contains(reason.count) else { throw Invalid("/reason", "text.length", "a change has a reason of 1 to 200 characters") }
        return reason
    }
}
