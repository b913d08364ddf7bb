import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

extension AnnouncedResult: Aggregate {
    package static func load(_ ids: [CaseID], in work: Work) throws -> [Versioned<AnnouncedResult>] {
        try work.sql.query("SELECT * FROM announced_results WHERE \"case\" = ANY(\(ids)) ORDER BY \"case\" FOR UPDATE").map { row in
            let line = Line(
                kind: try row["kind"], community: try row["community"], group: try row["group"],
                headName: try row["head_name"], memberCount: try row["member_count"])
            let result = AnnouncedResult(
                id: try row["case"], household: try row["household"], announcement: try row["announcement"], line: line,
                announcedAt: try row["announced_at"])
            return Versioned(result, version: try row["version"])
        }
    }

    package static func insert(_ new: [Versioned<AnnouncedResult>], in work: Work) throws {
        let results = new.map(\.value)
        try work.sql.execute(
            """
            INSERT INTO announced_results ("case", household, announcement, kind, community, "group", head_name,
                                           member_count, announced_at, version)
            SELECT * FROM unnest(\(results.map(\.id)), \(results.map(\.household)), \(results.map(\.announcement)),
                                 \(results.map(\.line.kind)), \(results.map(\.line.community)),
                                 \(results.map(\.line.group)), \(results.map(\.line.headName)),
                                 \(results.map(\.line.memberCount)), \(results.map(\.announcedAt)), \(new.map(\.version)))
            """)
    }

    /// A line on the announcement is never rewritten.
    package static func update(_ changed: [Versioned<AnnouncedResult>], in work: Work) throws -> Int {
        try work.sql.change(
            """
            UPDATE announced_results r SET version = u.version
            FROM unnest(\(changed.map(\.value.id)), \(changed.map(\.version))) AS u("case", version)
            WHERE r."case" = u."case"
            """)
    }
}

extension Work {
    /// The announcement of a community in a campaign, opened by the first result that needs it.
    func announcement(of community: DivisionCode, in campaign: CampaignID) throws -> UUID {
        let id = announcementID(of: community, in: campaign)
        try execute(
            """
            INSERT INTO announcements (id, campaign, community, opened_at)
            VALUES (\(id), \(campaign), \(community), \(now)) ON CONFLICT DO NOTHING
            """)
        return id
    }

    func announcements(after: UUID?, limit: Int) throws -> [NoticeRoutes.Announcement] {
        try query(
            """
            SELECT a.id, a.campaign, c.year, a.community,
                   (SELECT count(*) FROM announced_results r WHERE r.announcement = a.id) AS results
            FROM announcements a LEFT JOIN campaigns c USING (campaign)
            WHERE \(after)::uuid IS NULL OR a.id > \(after) ORDER BY a.id LIMIT \(limit)
            """
        ).map { row in
            .init(
                announcement: try row["id"], campaign: try row["campaign"], year: try row["year"],
                community: try row["community"], results: try row["results"])
        }
    }

    func lines(of announcement: UUID, after: UUID?, limit: Int) throws -> [NoticeRoutes.Line] {
        try query(
            """
            SELECT * FROM announced_results
            WHERE announcement = \(announcement) AND (\(after)::uuid IS NULL OR "case" > \(after))
            ORDER BY "case" LIMIT \(limit)
            """
        ).map { row in
            .init(
                case: try row["case"], kind: try row["kind"], community: try row["community"], group: try row["group"],
                headName: try row["head_name"], memberCount: try row["member_count"])
        }
    }
}
