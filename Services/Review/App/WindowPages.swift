import Contracts
import Foundation
import HTTPTypes
import Paper
import Registry
import ReviewDomain
import ServiceKit

/// Windows with a browser: lists drawn up, their sheets printed, hung out, taken down.
struct WindowPages {
    let config: Config

    func add(to api: API) {
        api.page("/windows", of: ReviewPages.all, showAll)
        api.form("/windows", of: ReviewPages.all, acting: .field("level"), drawUp)
        api.page("/windows/:window", of: ReviewPages.all, showOne)
        api.form("/windows/:window", of: ReviewPages.all, acting: .windowForm, act)
        api.page("/windows/:window/sheets/:copy", of: ReviewPages.all, showSheet)
        api.get("/v1/windows/:window/sheets/:copy/pdf", printSheet)
    }

    // MARK: All

    private struct Shown {
        let levels: [Pages.Choice]
        let mayDraw: Bool
        let rows: [Row]
        let none: Bool

        struct Row {
            let window: String
            let level: Pages.Words
            let community: String
            let stage: Pages.Words
            let cases: Int
            let closes: String
        }
    }

    private func showAll(_ call: Call, _ work: Work) throws -> Reply {
        let windows = try work.windows(level: nil, stage: nil, division: nil)
        let names = try work.names(of: windows.map(\.division))
        let rows = windows.reversed().map { window in
            Shown.Row(
                window: window.id.description, level: ReviewWords.of(window.level), community: names.full(window.division),
                stage: ReviewWords.of(window.stage), cases: window.cases, closes: window.stage.term?.closesAt.wallClock ?? "")
        }
        let levels = PublicityLevel.allCases.filter { call.may("POST /windows", $0.rawValue) }.map { Pages.Choice($0.rawValue, ReviewWords.of($0)) }
        return try ReviewPages.all.show("windows", Shown(levels: levels, mayDraw: !levels.isEmpty, rows: rows, none: rows.isEmpty), for: call)
    }

    private func drawUp(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        guard let level = PublicityLevel(rawValue: try form.required("level")) else { throw Invalid("/level", "unknown-value", "choose a level") }
        guard let community = DivisionCode(try form.required("community")) else {
            throw Invalid("/community", "division-code", "a community's code, such as 530427001001")
        }
        let places = try form.required("places").split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        let window = try WindowRoutes(office: config.office).drawUp(.init(level: level, community: community, places: places), work)
        return .see("/windows/\(window.id)")
    }

    // MARK: One

    private struct One {
        let window: String
        let level: Pages.Words
        let community: String
        let serial: Int
        let digest: String
        let stage: Pages.Words
        let cases: Int
        let days: Int
        let opens: String?
        let closes: String?
        let isLate: Bool
        let openTips: Int
        let places: [Place]
        let destroyedAt: String?

        struct Place {
            let copy: Int
            let name: String
            let posted: String
            let missing: String?
            let taken: Pages.Words?
            let takenAt: String
            let witness: String
            /// What can be done there now.
            let mayPost: Ask?
            let mayMiss: Ask?
            let mayTake: Ask?
            let mayPrint: Bool
        }

        struct Ask { let name: String }
    }

    private func showOne(_ call: Call, _ work: Work) throws -> Reply {
        let window = try work.get(PublicityWindow.self, try call.id("window"))
        let notice = try work.notice(of: window.id)
        let isOver = window.stage.ended != nil
        func may(_ act: String) -> Bool { call.may("POST /windows/:window", "\(act):\(window.level.rawValue)") }
        let (mayPost, mayMiss, mayTake, mayPrint) = (may("post"), may("miss"), may("take"), call.may("GET /windows/:window/sheets/:copy"))
        let places = window.places.enumerated().map { index, place in
            let ask = One.Ask(name: place.name)
            return One.Place(
                copy: index + 1, name: place.name, posted: place.posted?.at.wallClock ?? "", missing: place.missingSince?.wallClock,
                taken: place.takenDown.map { ReviewWords.of($0.how) }, takenAt: place.takenDown?.at.wallClock ?? "",
                witness: place.takenDown?.proof.witness ?? "", mayPost: mayPost && !isOver && (place.posted == nil || place.missingSince != nil) ? ask : nil,
                mayMiss: mayMiss && !isOver && place.posted != nil && place.missingSince == nil ? ask : nil, mayTake: mayTake && isOver && place.takenDown == nil ? ask : nil, mayPrint: mayPrint && !isOver)
        }
        return try ReviewPages.all.show(
            "window",
            One(
                window: window.id.description, level: ReviewWords.of(window.level), community: try work.names(of: [window.division]).full(window.division), serial: notice.number,
                digest: notice.digest, stage: ReviewWords.of(window.stage), cases: window.cases, days: window.days.days,
                opens: window.stage.term?.opensOn.description, closes: window.stage.term?.closesAt.wallClock,
                isLate: window.stage.ended?.late == true, openTips: try work.openTips(onListsOf: [window.id])[window.id] ?? 0, places: places,
                destroyedAt: notice.destroyedAt?.wallClock),
            for: call)
    }

    private func act(_ call: Call, _ work: Work) throws -> Reply {
        let id: WindowID = try call.id("window")
        let form = try call.form()
        let place = try form.required("place")
        let proof = try PublicityWindow.Proof(witness: form.text("witness"), evidence: form.text("evidence"), by: call.actor)
        switch try form.required("act") {
        case "post": _ = try WindowRoutes.post(place, proof, at: id, work)
        case "miss": _ = try WindowRoutes.miss(place, at: id, work)
        case "take":
            guard let fate = PublicityWindow.Fate(rawValue: try form.required("how")) else { throw Invalid("/how", "unknown-value", "choose what became of it") }
            _ = try WindowRoutes.takeDown(place, fate, proof, at: id, work)
        default: throw Invalid("/act", "unknown-value", "this page does not ask for that")
        }
        return .see("/windows/\(id)")
    }

    // MARK: Sheets

    private enum Refusal: String, Contracts.Refusal {
        /// Nothing is printed of a list whose days are over.
        case over = "review.window-already-ended"
        case unclean = "review.sheet-not-clean"
    }

    /// Written anew for whoever asks: no file of it is kept. The final text is scanned each time before it leaves (section 9).
    private func sheet(_ call: Call, _ work: Work) throws -> (sheet: NoticeSheet, digest: String) {
        let window = try work.get(PublicityWindow.self, try call.id("window"))
        guard let copy = Int(try call.parameter("copy")), window.places.indices.contains(copy - 1) else { throw NotFound("sheet") }
        let file = try work.notice(of: window.id)
        guard window.stage.ended == nil, let notice = file.notice else { throw Refusal.over }
        let sheet = NoticeSheet(notice, copy: copy, of: window.places.count, at: window.places[copy - 1].name, term: window.stage.term)
        guard sheet.isClean else { throw Refusal.unclean }
        return (sheet, file.digest)
    }

    private func address(_ window: WindowID, _ digest: String, _ root: String?) -> String {
        "\(config.publicAddress)/objections/\(window)?digest=\(digest.prefix(16))" + (root.map { "&root=\($0)" } ?? "")
    }

    private struct Printed {
        let title: String
        let serial: String
        let place: String
        let introduction: String
        let headings: [String]
        let tables: [Table]
        let signature: String
        let digest: String
        let root: String?
        let code: String
        let pdf: String

        struct Table {
            let kind: String
            let rows: [Row]
        }

        struct Row { let cells: [String] }
    }

    private func showSheet(_ call: Call, _ work: Work) throws -> Reply {
        let (sheet, digest) = try sheet(call, work)
        let (window, root) = (sheet.notice.window, try work.auditRoot())
        return try ReviewPages.all.show(
            "sheet",
            Printed(
                title: sheet.title, serial: sheet.serialText, place: sheet.place, introduction: sheet.introduction, headings: NoticeSheet.headings,
                tables: sheet.tables.map { .init(kind: $0.kind.label.zh, rows: $0.rows.map { .init(cells: $0) }) }, signature: sheet.signature,
                digest: String(digest.prefix(32)), root: root, code: try QRCode(address(window, digest, root)).svg, pdf: "/v1/windows/\(window)/sheets/\(sheet.copy)/pdf"),
            for: call)
    }

    private func printSheet(_ call: Call, _ work: Work) throws -> Reply {
        let paper: PDFCanvas.Paper = try call.choice("paper") ?? .a4
        let (sheet, digest) = try sheet(call, work)
        let root = try work.auditRoot()
        let pdf = try sheet.pdf(on: paper, address: address(sheet.notice.window, digest, root), digest: digest, root: root)
        return Reply(status: .ok, contentType: "application/pdf", body: pdf)
            .with(.contentDisposition, "inline; filename=\"\(sheet.notice.serial)-\(sheet.copy).pdf\"")
    }
}
