import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// Sheets out: asked for by `POST /v1/exports` with a purpose, written in the background, fetched at `GET /v1/exports/:export/file`
/// for some days. IDs are text cells, and no cell is a formula.
struct ExportRoutes {
    let vault: Vault

    enum Refusal: String, Contracts.Refusal {
        case notDone = "intake.export-not-done"
        /// Its bytes were destroyed when their time was over; it can be asked for anew.
        case expired = "intake.export-expired"
    }

    func add(to api: API) {
        api.post("/v1/exports", acting: .field("kind"), ask)
        api.get("/v1/exports", list)
        api.get("/v1/exports/:export", show)
        api.get("/v1/exports/:export/file", acting: Acting { call, work in try work.exportReport(of: call.id("export")).kind.rawValue }, fetch)
    }

    private struct Wish: Decodable {
        let campaign: CampaignID
        let kind: ExportKind
        let format: SheetFormat?
        let within: DivisionCode?
        let purpose: String
    }

    func ask(_ call: Call, _ work: Work) throws -> Reply {
        let wish = try call.body(Wish.self)
        if wish.kind.isIdentifying { _ = try call.namedActor() }
        let id = try work.ask(
            for: wish.kind, wish.format ?? .xlsx, of: work.campaign(wish.campaign).id, within: wish.within, purpose: call.purpose(wish.purpose))
        return try .json(work.exportReport(of: id), status: .accepted).with(.location, "/v1/exports/\(id)")
    }

    func list(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        let after: ExportID? = call.query("after") == nil ? nil : try call.queryID("after")
        let limit = try call.limit()
        let listed = try work.query(
            """
            SELECT \(unsafe: ExportReport.columns) FROM exports
            WHERE campaign_id = \(campaign) AND (\(after) IS NULL OR id > \(after)) ORDER BY id LIMIT \(limit)
            """
        ).map(ExportReport.init)
        return try .page(listed, next: listed.count == limit ? listed.last?.export.description : nil, call: call)
    }

    func show(_ call: Call, _ work: Work) throws -> Reply { try .json(work.exportReport(of: call.id("export"))) }

    func fetch(_ call: Call, _ work: Work) throws -> Reply {
        let id: ExportID = try call.id("export")
        let report = try work.exportReport(of: id)
        guard report.state == .done else { throw Refusal.notDone }
        guard let upload: UUID = try work.first("SELECT upload_id FROM exports WHERE id = \(id)")?["upload_id"] else { throw Refusal.expired }
        work.noteReading(of: "export \(id)", for: report.purpose)
        return .sheet(try work.bytes(of: upload, vault), report.format, name: report.kind.rawValue)
    }
}

extension Work {
    func ask(for kind: ExportKind, _ format: SheetFormat, of campaign: CampaignID, within: DivisionCode?, purpose: String) throws -> ExportID {
        let id = ExportID(newID())
        try execute(
            """
            INSERT INTO exports (id, campaign_id, kind, format, within, purpose, actor, reach)
            VALUES (\(id), \(campaign), \(kind), \(format), \(within), \(purpose), \(deed.actor.description), \(reach.setting))
            """)
        wake(exportingName)
        return id
    }
}
