import Contracts
import Foundation
import Registry

/// What waits for a second person, with a browser.
struct CountersigningPage: Sendable {
    static let path = "/countersignings"

    let countersigning: Countersigning
    let pages: Pages

    func add(to api: API) {
        api.page(Self.path, of: pages, show)
        api.form("\(Self.path)/:countersigning", of: pages, decide)
    }

    private struct Page {
        let rows: [Row]
        let none: Bool

        struct Row {
            let id: String
            let words: Pages.Words
            let address: String
            /// Where one sees what it is about.
            let page: String?
            let asked: [Field]
            let by: String
            let at: String
            let until: String
            let isOwn: Bool
        }

        struct Field {
            let name: String
            let value: String
        }
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let rows = try countersigning.listed(for: call, work).map { shown, command, path in
            Page.Row(
                id: shown.countersigning.lowercased, words: command.words, address: shown.address,
                page: command.page.map { path.reduce($0) { $0.replacing(":\($1.key)", with: $1.value) } },
                asked: try (shown.asked?.object?.members ?? []).map { .init(name: $0.key, value: try $0.value.string ?? String(decoding: JSON.encode($0.value), as: UTF8.self)) },
                by: shown.proposedBy, at: shown.proposedAt.wallClock, until: shown.expiresAt.wallClock, isOwn: shown.proposedBy == call.actor?.description)
        }
        return try pages.show("countersignings", Page(rows: rows, none: rows.isEmpty), for: call)
    }

    private func decide(_ call: Call, _ work: Work) throws -> Reply {
        switch try call.form().required("act") {
        case "confirm": try countersigning.confirm(call, work)
        case "refuse": try countersigning.refuse(call, work)
        default: throw Invalid("/act", "unknown-value", "this page does not ask for that")
        }
        return .see(Self.path)
    }
}
