import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The four rosters, and why their cases were proposed.
extension Work {
    /// Locked: a roster is drawn or fixed by one at a time.
    func rosters(of campaign: CampaignID) throws -> [CaseKind: RosterList] {
        let rows = try query("SELECT kind, status, edition FROM rosters WHERE campaign_id = \(campaign) ORDER BY kind FOR UPDATE")
        return try Dictionary(
            rows.map { row in
                let kind: CaseKind = try row["kind"]
                return (kind, RosterList(kind, try row["status"], edition: try row["edition"]))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What was done with a roster, by whom and why; by nobody when the analysis drew it.
    func keep(_ roster: RosterList, of campaign: CampaignID, cases: Int, by person: String? = nil, because reason: String? = nil) throws {
        try execute(
            """
            INSERT INTO rosters (campaign_id, kind, status, edition) VALUES (\(campaign), \(roster.kind), \(roster.status), \(roster.edition))
            ON CONFLICT (campaign_id, kind) DO UPDATE SET status = excluded.status, edition = excluded.edition
            """)
        try execute(
            """
            INSERT INTO roster_steps (campaign_id, kind, edition, status, cases, done_by, reason)
            VALUES (\(campaign), \(roster.kind), \(roster.edition), \(roster.status), \(cases), \(person), \(reason))
            """)
    }

    /// Puts new cases on the rosters of their kinds, and keeps why they were proposed.
    func enroll(
        _ proposed: [(case: CampaignCase, basis: ProposalBasis)], in campaign: CampaignID, by person: String? = nil, because reason: String? = nil,
        _ vault: Vault
    ) throws {
        if proposed.isEmpty { return }
        let before = try rosters(of: campaign)
        let counts = Dictionary(grouping: proposed, by: \.case.kind).mapValues(\.count)
        var editions: [CaseKind: Int] = [:]
        for kind in RosterList.kinds {
            guard let count = counts[kind] else { continue }
            let roster = RosterList.drawing(kind, onto: before[kind])
            editions[kind] = roster.edition
            try keep(roster, of: campaign, cases: count, by: person, because: reason)
        }
        try execute(
            """
            INSERT INTO proposals (case_id, edition, sealed)
            SELECT * FROM unnest(\(proposed.map(\.case.id)), \(proposed.map { editions[$0.case.kind] }),
                \(try proposed.map { try vault.seal($0.basis, in: .proposal($0.case.id)) }))
            """)
    }
}
