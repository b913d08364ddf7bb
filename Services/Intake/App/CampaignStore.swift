import Contracts
import IntakeDomain
import Postgres
import ServiceKit

extension IssuedCampaign: Aggregate {
    package static func load(_ ids: [CampaignID], in work: Work) throws -> [Versioned<IssuedCampaign>] {
        try work.sql.query("SELECT id, plan, issued_at, version FROM campaigns WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE").map {
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

    init(_ row: Row) throws {
        self.init(
            id: try row["id"], plan: try JSON.decode(CampaignPlan.self, from: try row["plan", as: JSONB.self].text),
            issuedAt: try row["issued_at"])
    }
}

extension Work {
    /// The campaign, to be read only: nobody is kept from reading it at the same time.
    func campaign(_ id: CampaignID) throws -> IssuedCampaign {
        guard let row = try first("SELECT id, plan, issued_at FROM campaigns WHERE id = \(id)") else { throw NotFound("campaign \(id)") }
        return try IssuedCampaign(row)
    }

    /// The same, for what must be done by one at a time in a campaign, such as bringing in a sheet: two at once would give
    /// one household two identities. Others may read and mark the register meanwhile.
    func campaignAlone(_ id: CampaignID) throws -> IssuedCampaign {
        try sql.execute("SELECT pg_advisory_xact_lock(hashtext('lika.campaign.' || \("\(id)")))")
        return try campaign(id)
    }
}
