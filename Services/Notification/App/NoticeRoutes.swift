import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// HTTP in: reading only; what this service does follows from events.
struct NoticeRoutes {
    func add(to api: API) {
        api.get("/v1/notices", listNotices)
        api.get("/v1/notices/:notice", showNotice)
        api.get("/v1/announcements", listAnnouncements)
        api.get("/v1/announcements/:announcement", showAnnouncement)
        api.get("/v1/board", showBoard)
    }

    /// A notice as its carrier sees it: the envelope, not what is inside.
    struct Envelope: Codable, Sendable {
        let notice: NoticeID
        let audience: String
        let recipient: UUID
        let channel: String
        let language: String
        let envelope: String
        let status: String
        let plannedAt: Instant
        /// The channel's last word as a code, where it did not simply take it.
        let answer: String?

        init(_ row: Row) throws {
            notice = try row["id"]
            audience = try row["audience"]
            recipient = try row["recipient"]
            channel = try row["channel"]
            language = try row["language"]
            envelope = try row["envelope"]
            status = try row["status"]
            plannedAt = try row["planned_at"]
            answer = try row["answer"]
        }
    }

    /// A notice as its recipient reads it.
    struct Opened: Codable, Sendable {
        let envelope: Envelope
        let body: String
    }

    /// `?household=`, `?tip=`, `?status=` and `?channel=`; without any, all.
    func listNotices(_ call: Call, _ work: Work) throws -> Reply {
        let filter = try NoticeFilter(call)
        let notices = try work.notices(filter).map(Envelope.init)
        return try Reply.page(notices, next: next(notices, filter.limit) { $0.notice.description }, call: call)
    }

    func showNotice(_ call: Call, _ work: Work) throws -> Reply {
        let id = try call.id("notice", NoticeID.self)
        guard let row = try work.first("SELECT * FROM notices WHERE id = \(id)") else { throw NotFound("notice \(id)") }
        work.noteReading(of: "notice \(id)", for: "api")
        return try Reply.json(Opened(envelope: Envelope(row), body: row["body"]))
    }

    struct Announcement: Codable, Sendable {
        let announcement: UUID
        let campaign: CampaignID
        /// Nothing until the campaign itself has been heard of.
        let year: Int?
        let community: DivisionCode
        let results: Int
    }

    func listAnnouncements(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let announcements = try work.announcements(after: call.optionalID("after"), limit: limit)
        return try Reply.page(announcements, next: next(announcements, limit) { $0.announcement.lowercased }, call: call)
    }

    /// A line of an announcement. The case's number is random and orders the lines; a posted sheet leaves it out.
    struct Line: Codable, Sendable {
        let `case`: CaseID
        let kind: CaseKind
        let community: DivisionCode
        let group: DivisionCode?
        let headName: String
        let memberCount: Int
    }

    func showAnnouncement(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let lines = try work.lines(of: call.id("announcement", NoticeID.self).rawValue, after: call.optionalID("after"), limit: limit)
        return try Reply.page(lines, next: next(lines, limit) { $0.case.description }, call: call)
    }

    /// How many notices stand where, by template and status, and how many results are announced, by kind.
    struct Board: Codable, Sendable {
        let notices: [String: [String: Int]]
        let announced: [String: Int]
    }

    func showBoard(_ call: Call, _ work: Work) throws -> Reply {
        var notices: [String: [String: Int]] = [:]
        for row in try work.query("SELECT template, status, count(*) FROM notices GROUP BY template, status") {
            notices[try row["template"], default: [:]][try row["status"]] = try row["count"]
        }
        var announced: [String: Int] = [:]
        for row in try work.query("SELECT kind, count(*) FROM announced_results GROUP BY kind") {
            announced[try row["kind"]] = try row["count"]
        }
        return try Reply.json(Board(notices: notices, announced: announced))
    }
}

/// Which notices a list shows.
struct NoticeFilter {
    let recipient: UUID?
    let status: PersonalNotice.Status?
    let channel: PersonalNotice.Channel?
    let after: UUID?
    let limit: Int

    init(_ call: Call) throws {
        recipient = try call.optionalID("household") ?? call.optionalID("tip")
        status = try call.choice("status")
        channel = try call.choice("channel")
        after = try call.optionalID("after")
        limit = try call.limit()
    }
}

extension Work {
    func notices(_ filter: NoticeFilter) throws -> [Row] {
        try query(
            """
            SELECT * FROM notices
            WHERE (\(filter.recipient)::uuid IS NULL OR recipient = \(filter.recipient)) AND (\(filter.status)::text IS NULL OR status = \(filter.status))
              AND (\(filter.channel)::text IS NULL OR channel = \(filter.channel)) AND (\(filter.after)::uuid IS NULL OR id > \(filter.after))
            ORDER BY id LIMIT \(filter.limit)
            """)
    }
}

/// A full page may have a successor.
private func next<Item>(_ items: [Item], _ limit: Int, _ cursor: (Item) -> String) -> String? {
    items.count < limit ? nil : items.last.map(cursor)
}

extension Call {
    func optionalID(_ name: String) throws -> UUID? {
        guard let text = query(name) else { return nil }
        guard let id = UUID(uuidString: text) else { throw Invalid("?\(name)", "no-uuid", "\(name) is a UUID") }
        return id
    }
}
