import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// The kinds of sheets that come in.
enum ImportKind: String, Codable, CaseIterable, Sendable {
    case registered
    case notRegistered = "not_registered"
    case survey, changes, measures

    func importer(_ campaign: IssuedCampaign, _ vault: Vault) -> any SheetImport {
        switch self {
        case .registered: RegisterImport(.registered, campaign, vault)
        case .notRegistered: RegisterImport(.notRegistered, campaign, vault)
        case .survey: SurveyImport(campaign: campaign, vault: vault)
        case .changes: ChangeImport(campaign: campaign, vault: vault)
        case .measures: MeasureImport(campaign: campaign, vault: vault)
        }
    }

    init(_ text: String?, at pointer: String) throws {
        guard let kind = text.flatMap(ImportKind.init(rawValue:)) else {
            throw Invalid(pointer, "code.unknown", "kind is one of \(ImportKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = kind
    }
}

/// Sheets in: `POST /v1/imports?campaign=…&kind=registered|not_registered|survey|changes|measures[&dry=true][&sheet=…]` with CSV
/// (`text/csv; charset=…`) or XLSX.
///
/// The sheet is accepted (202) and taken in the background; `GET /v1/imports/:import` tells how far it is. Good rows are taken
/// and every fault of the others is named; a sheet that cannot be read changes nothing; the same sheet again changes nothing.
struct ImportRoutes {
    let vault: Vault
    let settings: ImportSettings

    func add(to api: API) {
        api.post("/v1/imports", spooling: Uploads.spool(vault, settings), acceptSheet)
        api.get("/v1/imports", listImports)
        api.get("/v1/imports/:import", showImport)
        api.get("/v1/imports/:import/sheet", annotateSheet)
    }

    private struct Accepted: Encodable {
        let `import`: ImportID
        let state = ImportReport.State.waiting
    }

    func acceptSheet(_ call: Call, _ work: Work) throws -> Reply {
        guard let upload = call.upload, upload.size > 0 else { throw Invalid("", "sheet.empty", "the body is the sheet as CSV or XLSX") }
        let id = try work.accept(
            upload, as: ImportKind(call.query("kind"), at: "?kind"), in: work.campaign(call.queryID("campaign")).id, sheet: call.query("sheet"),
            encoding: Self.declaredEncoding(call), isDry: call.query("dry") == "true")
        return try .json(Accepted(import: id), status: .accepted).with(.location, "/v1/imports/\(id)")
    }

    /// `text/csv; charset=GB18030`; without it the file itself shows which it is.
    private static func declaredEncoding(_ call: Call) throws -> SheetEncoding? {
        guard let type = call.header("Content-Type")?.lowercased(), let start = type.range(of: "charset=") else { return nil }
        let charset = type[start.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" && $0 != " " }
        guard let encoding = SheetEncoding(charset: String(charset)) else {
            throw Invalid("", "sheet.encoding", "a sheet is in UTF-8 or GB18030")
        }
        return encoding
    }

    func listImports(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.queryID("campaign")
        let after: ImportID? = call.query("after") == nil ? nil : try call.queryID("after")
        let limit = try call.limit()
        let listed = try work.query(
            """
            SELECT \(unsafe: ImportReport.columns) FROM imports
            WHERE campaign_id = \(campaign) AND (\(after) IS NULL OR id > \(after)) ORDER BY id LIMIT \(limit)
            """
        ).map(ImportReport.init)
        return try .page(listed, next: listed.count == limit ? listed.last?.import.description : nil, call: call)
    }

    func showImport(_ call: Call, _ work: Work) throws -> Reply {
        let id: ImportID = try call.id("import")
        guard let after = Int(call.query("after") ?? "0") else { throw Invalid("?after", "out-of-range", "after is what the last page's Link says") }
        var report = try work.report(of: id)
        let (faults, next) = try work.faults(of: id, after: after, limit: call.limit())
        report.faults = faults
        return try .page(report, next: next.map { "\($0)" }, call: call)
    }

    /// The sheet as it came, in the form in which it came, with what became of each row beside it.
    func annotateSheet(_ call: Call, _ work: Work) throws -> Reply {
        let annotated = try AnnotatedSheet(call.id("import"), vault, settings, in: work)
        return .sheet(try annotated.write(), annotated.format, name: "import")
    }
}
