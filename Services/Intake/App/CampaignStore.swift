import Contracts
import IntakeDomain
import Postgres
import ServiceKit

extension IssuedCampaign: Aggregate {
    package static func load(_ ids: [CampaignID], in work: Work) throws -> [Versioned<IssuedCampaign>] {
        try work.sql.query("SELECT \(unsafe: columns), version FROM campaigns c WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map {
            Versioned(try IssuedCampaign($0), version: try $0["version"])
        }
    }

    package static func insert(_ new: [Versioned<IssuedCampaign>], in work: Work) throws {
        for campaign in new {
            try work.sql.execute(
                """
                INSERT INTO campaigns (id, year, subdistrict, plan, issued_at, version)
                VALUES (\(campaign.value.id), \(campaign.value.plan.year), \(campaign.value.plan.subdistrict),
                    \(JSONB(try JSON.encode(campaign.value.plan))), \(campaign.value.issuedAt), \(campaign.version))
                """)
        }
    }

    /// A plan binds once it is issued: it is never rewritten.
    package static func update(_ changed: [Versioned<IssuedCampaign>], in work: Work) throws -> Int {
        try changed.map { campaign in
            try work.sql.change("UPDATE campaigns SET version = \(campaign.version) WHERE id = \(campaign.value.id)")
        }.reduce(0, +)
    }

    /// What ``init(_:)`` reads, of a table `campaigns c`.
    static let columns = """
        c.id, c.plan, c.issued_at,
            (SELECT s.settings FROM campaign_settings s WHERE s.campaign_id = c.id ORDER BY s.version DESC LIMIT 1) AS settings,
            (SELECT max(s.version) FROM campaign_settings s WHERE s.campaign_id = c.id) AS settings_version
        """

    init(_ row: Row) throws {
        self.init(
            id: try row["id"], plan: try JSON.decode(CampaignPlan.self, from: try row["plan", as: JSONB.self].text),
            issuedAt: try row["issued_at"],
            settings: try row["settings", as: JSONB?.self].map { try JSON.decode(CampaignSettings.self, from: $0.text) },
            settingsVersion: try row["settings_version", as: Int?.self] ?? 1)
    }
}

extension Work {
    /// The campaign, to be read only: nobody is kept from reading it at the same time.
    func campaign(_ id: CampaignID) throws -> IssuedCampaign {
        guard let row = try first("SELECT \(unsafe: IssuedCampaign.columns) FROM campaigns c WHERE id = \(id)") else { throw NotFound("campaign \(id)") }
        return try IssuedCampaign(row)
    }

    /// The same, for what must be done by one at a time in a campaign, such as bringing in a sheet: two at once would give
    /// one household two identities. Others may read and mark the register meanwhile.
    func campaignAlone(_ id: CampaignID) throws -> IssuedCampaign {
        try sql.execute("SELECT pg_advisory_xact_lock(hashtext('lika.campaign.' || \("\(id)")))")
        return try campaign(id)
    }

    /// The same, for what concerns all of a campaign and is therefore not for those who look after a part of its subdistrict.
    func wholeCampaignAlone(_ id: CampaignID) throws -> IssuedCampaign {
        let campaign = try campaignAlone(id)
        guard reach.covers(campaign.plan.subdistrict) else { throw Forbidden.elsewhere }
        return campaign
    }
}
