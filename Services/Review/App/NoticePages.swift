import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// The public's notice board: the lists that run now, and nothing of any other. By PostgreSQL's clock, not by whether somebody
/// has closed the window.
struct NoticePages {
    let config: Config

    private static let pages = Pages(
        ["notices": PackageResources.notices_mustache, "objections": PackageResources.objections_mustache],
        links: [.init("/notices", "公示栏", "Notice board")], footer: .init("公示期满即撤下，请勿转载", "Taken down when their days are over; please do not copy"))

    func add(to api: API) {
        api.page("/notices", of: Self.pages) { call, work in try show(nil, call, work) }
        api.page("/notices/:division", of: Self.pages) { call, work in
            guard let division = DivisionCode(try call.parameter("division")) else { throw NotFound("division") }
            return try show(division, call, work)
        }
        api.page("/objections/:window", of: Self.pages, showObjections)
        api.get("/robots.txt") { _, _ in .text("User-agent: *\nDisallow: /\n") }
    }

    private struct Board {
        let division: String?
        let lists: [List]
        let none: Bool
        let telephone: String?
        let tipForm: String

        struct List {
            let title: String
            let serial: String
            let community: String
            let lastDay: String
            let tables: [Table]
        }

        struct Table {
            let kind: Pages.Words
            let rows: [Row]
        }

        struct Row {
            let number: Int
            let head: String
            let members: Int
            let group: String
            /// Intake's form, about this line.
            let object: String
        }
    }

    private func show(_ division: DivisionCode?, _ call: Call, _ work: Work) throws -> Reply {
        let now = try work.now
        let running = try work.windows(level: nil, stage: "running", division: nil).filter { window in
            window.isPublic(at: now) && (division.map { window.division.contains($0) || $0.contains(window.division) } ?? true)
        }
        let lists = try running.compactMap { try list($0, within: division, work) }.filter { !$0.tables.isEmpty }
        return try Self.pages.show(
            "notices", Board(division: division.map { try work.names(of: [$0]).full($0) }, lists: lists, none: lists.isEmpty, telephone: config.office.telephone, tipForm: config.tipForm),
            for: call
        ).passing
    }

    private func list(_ window: PublicityWindow, within division: DivisionCode?, _ work: Work) throws -> Board.List? {
        guard let notice = try work.notice(of: window.id).notice, let term = window.stage.term else { return nil }
        let sheet = NoticeSheet(notice, copy: 1, of: 1, at: "", term: term)
        let cases = try work.cases(listedBy: window.id)
        // A group sees its own households, everybody else the whole list.
        let shown = sheet.lines.filter { numbered in division?.level != .group || division == numbered.line.group }
        let rows = Dictionary(grouping: shown, by: \.line.kind).mapValues { lines in lines.map { Self.row($0, on: sheet, cases[$0.number], config.tipForm) } }
        let tables = CaseKind.allCases.compactMap { kind in rows[kind].map { Board.Table(kind: ReviewWords.of(kind), rows: $0) } }
        return Board.List(
            title: sheet.title, serial: notice.serial, community: (notice.names ?? DivisionNames([])).full(notice.community), lastDay: (LocalDate(term.closesAt) - 1).description, tables: tables)
    }

    private static func row(_ numbered: (number: Int, line: PublicityNotice.Line), on sheet: NoticeSheet, _ objected: CaseID?, _ form: String) -> Board.Row {
        Board.Row(
            number: numbered.number, head: numbered.line.headName, members: numbered.line.memberCount,
            group: sheet.groupName(numbered.line.group),
            object: objected.map { "\(form)?objects-to=\($0)" } ?? form)
    }

    // MARK: From the code on a sheet

    private struct Objections {
        let list: Board.List?
        /// Whether the sheet in hand is the one that was frozen.
        let agrees: Bool
        let differs: Bool
        let telephone: String?
        let tipForm: String
    }

    private func showObjections(_ call: Call, _ work: Work) throws -> Reply {
        let window = try work.get(PublicityWindow.self, try call.id("window"))
        let digest = try work.notice(of: window.id).digest
        let isPublic = window.isPublic(at: try work.now)
        let claimed = call.query("digest")
        let agrees = claimed.map { !$0.isEmpty && digest.hasPrefix($0) }
        return try Self.pages.show(
            "objections",
            Objections(
                list: isPublic ? try list(window, within: nil, work) : nil, agrees: agrees == true, differs: agrees == false,
                telephone: config.office.telephone, tipForm: config.tipForm),
            for: call
        ).passing
    }
}
