import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// What waits for a person, with a browser: answers that are owed, notices of which nobody knows, letters to print.
struct DeskPages {
    func add(to api: API) {
        api.page("/", of: NotificationPages.all, showDesk)
        api.page("/notices", of: NotificationPages.all, showNotices)
        api.page("/notices/:notice", of: NotificationPages.all, showNotice)
        api.form("/notices/:notice", of: NotificationPages.all, act)
    }

    // MARK: Desk

    private struct Desk {
        let owed: Int
        let overdue: Int
        let isOverdue: Bool
        let unknown: Int
        let failed: Int
        let letters: Int
        let promises: Promises?
        let doubtful: Doubtful?
        let channels: [Channel]

        struct Promises { let rows: [Promise] }
        struct Promise {
            let number: Int
            let due: String
            let isOverdue: Bool
            let responsible: Pages.Words
            let notice: String?
        }

        struct Doubtful { let rows: [Line] }
        struct Channel {
            let name: Pages.Words
            let planned, sending, delivered, unknown, failed: Int
        }
    }

    private func showDesk(_ call: Call, _ work: Work) throws -> Reply {
        var counts: [PersonalNotice.Channel: [PersonalNotice.Status: Int]] = [:]
        for row in try work.query("SELECT channel, status, count(*) AS n FROM notices GROUP BY 1, 2") {
            counts[try row["channel"], default: [:]][try row["status"]] = try row["n"]
        }
        func all(_ status: PersonalNotice.Status) -> Int { counts.values.reduce(0) { $0 + ($1[status] ?? 0) } }
        let unanswered = try work.unanswered(limit: 200)
        let promises = unanswered.map { tip in
            Desk.Promise(
                number: tip.number, due: tip.dueOn.description, isOverdue: tip.isOverdue,
                responsible: tip.responsible == "work_team" ? .init("承办单位", "whoever handles it") : .init("扶贫办", "poverty office"),
                notice: tip.notice?.description)
        }
        let doubtful = try work.query("SELECT * FROM notices WHERE status IN ('unknown', 'failed') ORDER BY moved_at DESC, id LIMIT 100").map(Line.init)
        let overdue = unanswered.count { $0.isOverdue }
        return try NotificationPages.all.show(
            "desk",
            Desk(
                owed: unanswered.count, overdue: overdue, isOverdue: overdue > 0, unknown: all(.unknown), failed: all(.failed),
                letters: counts[.letter]?[.planned] ?? 0, promises: promises.isEmpty ? nil : .init(rows: promises),
                doubtful: doubtful.isEmpty ? nil : .init(rows: doubtful),
                channels: PersonalNotice.Channel.allCases.compactMap { channel in
                    counts[channel].map {
                        .init(
                            name: NoticeWords.of(channel), planned: $0[.planned] ?? 0, sending: $0[.sending] ?? 0, delivered: $0[.delivered] ?? 0,
                            unknown: $0[.unknown] ?? 0, failed: $0[.failed] ?? 0)
                    }
                }),
            for: call)
    }

    // MARK: Notices

    /// A notice in a list: what its carrier may see.
    fileprivate struct Line {
        let notice: String
        let audience: Pages.Words
        let template: Pages.Words
        let channel: Pages.Words
        let status: Pages.Words
        let isBad: Bool
        let answer: String
        let planned: String

        init(_ row: Row) throws {
            let status: PersonalNotice.Status = try row["status"]
            notice = try row["id", as: NoticeID.self].description
            audience = NoticeWords.of(try row["audience", as: Recipient.Audience.self])
            template = NoticeWords.of(try row["template", as: Letter.Template.self])
            channel = NoticeWords.of(try row["channel", as: PersonalNotice.Channel.self])
            self.status = NoticeWords.of(status)
            isBad = status == .unknown || status == .failed
            answer = try row["answer", as: String?.self] ?? ""
            planned = try row["planned_at", as: Instant.self].wallClock
        }
    }

    private struct List {
        let statuses: [Pages.Choice]
        let channels: [Pages.Choice]
        let rows: [Line]
        let none: Bool
        let next: String?
    }

    private func showNotices(_ call: Call, _ work: Work) throws -> Reply {
        let filter = try NoticeFilter(call)
        let rows = try work.notices(filter)
        let next = rows.count < filter.limit ? nil : try rows.last?["id", as: NoticeID.self].description
        return try NotificationPages.all.show(
            "notices",
            List(
                statuses: Pages.Choice.all(PersonalNotice.Status.self, NoticeWords.of, chosen: filter.status?.rawValue),
                channels: Pages.Choice.all(PersonalNotice.Channel.self, NoticeWords.of, chosen: filter.channel?.rawValue), rows: rows.map(Line.init),
                none: rows.isEmpty, next: next.map { call.query(with: "after", $0) }),
            for: call)
    }

    private struct One {
        let line: Line
        let envelope: String
        let body: String
        let language: String
        let sends: Int
        let notBefore: String?
        let maySend: Ask?
        let mayArrive: Ask?
        let mayReturn: Ask?

        struct Ask { let notice: String }
    }

    private func showNotice(_ call: Call, _ work: Work) throws -> Reply {
        let id: NoticeID = try call.id("notice")
        guard let row = try work.first("SELECT * FROM notices WHERE id = \(id)") else { throw NotFound("notice") }
        let notice = try work.get(PersonalNotice.self, id)
        work.noteReading(of: "notice \(id)", for: "desk")
        let ask = call.may("POST /notices/:notice") ? One.Ask(notice: id.description) : nil
        return try NotificationPages.all.show(
            "notice",
            One(
                line: Line(row), envelope: notice.letter.envelope, body: notice.letter.body, language: notice.letter.language.rawValue, sends: notice.sends,
                notBefore: notice.notBefore?.wallClock, maySend: [.unknown, .failed].contains(notice.status) ? ask : nil,
                mayArrive: notice.status == .unknown ? ask : nil,
                mayReturn: notice.channel != .inbox && [.sending, .unknown, .delivered].contains(notice.status) ? ask : nil),
            for: call)
    }

    private func act(_ call: Call, _ work: Work) throws -> Reply {
        let id: NoticeID = try call.id("notice")
        let commands: [String: PersonalNotice.Command] = ["send": .sendAgain, "arrived": .arrived, "returned": .bounced]
        guard let command = try commands[call.form().required("act")] else { throw Invalid("/act", "unknown-value", "this page does not ask for that") }
        try work.order(command, of: id)
        return .see("/notices/\(id)")
    }
}
