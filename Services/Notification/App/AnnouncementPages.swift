import Contracts
import Foundation
import NotificationDomain
import Postgres
import Registry
import ServiceKit

/// What the county confirmed, for anybody with a browser (R30): within the whitelist of sheets, for as long as it is announced.
struct AnnouncementPages {
    func add(to api: API) {
        api.page("/announcements", of: NotificationPages.everybodys, showAll)
        api.page("/announcements/:announcement", of: NotificationPages.everybodys, showOne)
    }

    private struct All {
        let rows: [Row]
        let none: Bool
        let next: String?

        struct Row {
            let announcement: String
            let community: String
            let year: String
            let results: Int
        }
    }

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        let limit = try call.limit()
        let announcements = try work.announcements(after: call.optionalID("after"), limit: limit)
        let names = try work.names(of: announcements.map(\.community))
        return try NotificationPages.everybodys.show(
            "announcements",
            All(
                rows: announcements.map { announcement in
                    .init(
                        announcement: announcement.announcement.lowercased, community: names.full(announcement.community),
                        year: announcement.year.map(String.init) ?? "", results: announcement.results)
                },
                none: announcements.isEmpty,
                next: announcements.count < limit ? nil : announcements.last.map { call.query(with: "after", $0.announcement.lowercased) }),
            for: call
        ).passing
    }

    private struct One {
        let title: String
        let tables: [Table]
        let next: String?

        struct Table {
            let kind: Pages.Words
            let rows: [Row]
        }

        struct Row {
            let head: String
            let members: Int
            let group: String
        }
    }

    private func showOne(_ call: Call, _ work: Work) throws -> Reply {
        let id = try call.id("announcement", NoticeID.self).rawValue
        guard let community: DivisionCode = try work.first("SELECT community FROM announcements WHERE id = \(id)")?["community"] else { throw NotFound("announcement") }
        let limit = try call.limit(default: 200)
        let lines = try work.lines(of: id, after: call.optionalID("after"), limit: limit)
        let names = try work.names(of: [community] + lines.compactMap(\.group))
        // Of a purged household the line is left without a name: it is not shown.
        let byKind = Dictionary(grouping: lines.filter { !$0.headName.isEmpty }, by: \.kind)
        let tables = CaseKind.allCases.compactMap { kind in
            byKind[kind].map { lines in
                One.Table(
                    kind: .init(kind.label.zh, kind.label.en),
                    rows: lines.map { .init(head: $0.headName, members: $0.memberCount, group: $0.group.map { names[$0] ?? $0.code } ?? "") })
            }
        }
        return try NotificationPages.everybodys.show(
            "announcement",
            One(
                title: names.full(community), tables: tables,
                next: lines.count < limit ? nil : lines.last.map { call.query(with: "after", $0.case.description) }),
            for: call
        ).passing
    }
}
