import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The four rosters, and why their cases were proposed.
extension Work {
    /// A roster, and how often it was drawn or fixed.
    struct KeptRoster {
        let list: RosterList
        let version: Int
    }

    /// To be changed by whoever is alone in the campaign only.
    func rosters(of campaign: CampaignID) throws -> [CaseKind: KeptRoster] {
        let rows = try query("SELECT kind, status, edition, version FROM rosters WHERE campaign_id = \(campaign)")
        return try Dictionary(
            rows.map { row in
                let kind: CaseKind = try row["kind"]
                return (kind, KeptRoster(list: RosterList(kind, try row["status"], edition: try row["edition"]), version: try row["version"]))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What was done with a roster; why, if it was fixed. Why cases were proposed lies sealed with them.
    func keep(_ roster: RosterList, of campaign: CampaignID, cases: Int, because reason: String? = nil) throws {
        try execute(
            """
            INSERT INTO rosters (campaign_id, kind, status, edition, version)
            VALUES (\(campaign), \(roster.kind), \(roster.status), \(roster.edition), 1)
            ON CONFLICT (campaign_id, kind) DO UPDATE SET status = excluded.status, edition = excluded.edition, version = rosters.version + 1
            """)
        try execute(
            """
            INSERT INTO roster_steps (campaign_id, kind, edition, status, cases, actor, reason)
            VALUES (\(campaign), \(roster.kind), \(roster.edition), \(roster.status), \(cases), \(deed.actor.description), \(reason))
            """)
    }

    /// Puts new cases on the rosters of their kinds, and keeps why they were proposed.
    func enroll(_ proposed: [(case: CampaignCase, basis: ProposalBasis)], in campaign: CampaignID, _ vault: Vault) throws {
        if proposed.isEmpty { return }
        let before = try rosters(of: campaign)
        let keys = try keys(of: proposed.map(\.case.household), vault)
        let counts = Dictionary(grouping: proposed, by: \.case.kind).mapValues(\.count)
        var editions: [CaseKind: Int] = [:]
        for kind in RosterList.kinds {
            guard let count = counts[kind] else { continue }
            let roster = RosterList.drawing(kind, onto: before[kind]?.list)
            editions[kind] = roster.edition
            try keep(roster, of: campaign, cases: count)
        }
        try execute(
            """
            INSERT INTO proposals (case_id, edition, sealed)
            SELECT * FROM unnest(\(proposed.map(\.case.id)), \(proposed.map { editions[$0.case.kind] }),
                \(try proposed.map { try keys[$0.case.household].seal($0.basis, in: .proposal($0.case.id)) }))
            """)
    }
}
