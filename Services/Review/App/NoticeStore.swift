import Contracts
import Foundation
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// A notice as it lies in the books.
struct NoticeOnFile {
    let window: WindowID
    let number: Int
    /// Nothing, once every copy is gone.
    let notice: PublicityNotice?
    let digest: String
    let destroyedAt: Instant?
}

/// Its canonical form is not the one of which the digest was taken: somebody changed the books.
struct NoticeChanged: Error {
    let window: WindowID
}

extension Work {
    /// Whoever else gives a number in this campaign waits until this transaction ends.
    func numberAlone(in campaign: CampaignID) throws { try sql.execute("SELECT FROM campaigns WHERE id = \(campaign) FOR UPDATE") }

    /// The next number of a campaign's notices.
    func nextNoticeNumber(in campaign: CampaignID) throws -> Int {
        try numberAlone(in: campaign)
        return try first("SELECT coalesce(max(number), 0) + 1 AS next FROM notices WHERE campaign = \(campaign)")?["next"] ?? 1
    }

    /// The latest notice of the same level and community, to which another one adds.
    func notice(beforeOf level: PublicityLevel, _ division: DivisionCode, in campaign: CampaignID) throws -> Int? {
        try first(
            """
            SELECT max(n.number) AS number FROM notices n JOIN windows w ON w.id = n.window_id
            WHERE n.campaign = \(campaign) AND w.level = \(level) AND w.division = \(division)
            """)?["number"]
    }

    /// Freezes a list as it will hang, with the cases that it names.
    func freeze(_ notice: PublicityNotice, of cases: [CaseID], in campaign: CampaignID) throws {
        let canonical = try JSON.encode(notice)
        try execute(
            """
            INSERT INTO notices (window_id, campaign, number, supplements, canonical, digest)
            VALUES (\(notice.window), \(campaign), \(notice.number), \(notice.supplements), \(String(decoding: canonical, as: UTF8.self)),
                \(Digest.sha256(canonical)))
            """)
        let lines = notice.lines
        try execute(
            """
            INSERT INTO window_lines (window_id, position, case_id, kind, division, head_name, member_count)
            SELECT \(notice.window), position, case_id, kind, division, head_name, member_count
            FROM unnest(\(Array(lines.indices.map { $0 + 1 })), \(cases), \(lines.map(\.kind)), \(lines.map(\.group)),
                \(lines.map(\.headName)), \(lines.map(\.memberCount)))
                AS u(position, case_id, kind, division, head_name, member_count)
            """)
    }

    /// What a window shows. The digest is taken anew each time.
    func notice(of window: WindowID) throws -> NoticeOnFile {
        guard let row = try first("SELECT number, canonical, digest, destroyed_at FROM notices WHERE window_id = \(window)") else {
            throw NotFound("notice of \(window)")
        }
        let canonical: String? = try row["canonical"]
        let notice = try canonical.map { text in
            guard Digest.sha256(text.utf8) == (try row["digest"] as String) else { throw NoticeChanged(window: window) }
            return try JSON.decode(PublicityNotice.self, from: Array(text.utf8))
        }
        return NoticeOnFile(window: window, number: try row["number"], notice: notice, digest: try row["digest"], destroyedAt: try row["destroyed_at"])
    }

    /// Every copy is accounted for: the list goes too, and its digest and ledger stay (R25). Which cases it named is kept for the
    /// gate, without names.
    func destroyNotice(of window: WindowID) throws {
        try execute("UPDATE notices SET canonical = NULL, destroyed_at = lika_now() WHERE window_id = \(window) AND canonical IS NOT NULL")
        try execute("UPDATE window_lines SET head_name = NULL, member_count = NULL WHERE window_id = \(window)")
    }

    /// The case on a line of a window's list.
    func cases(listedBy window: WindowID) throws -> [Int: CaseID] {
        Dictionary(uniqueKeysWithValues: try query("SELECT position, case_id FROM window_lines WHERE window_id = \(window)").map {
            (try $0["position"], try $0["case_id"])
        })
    }
}
