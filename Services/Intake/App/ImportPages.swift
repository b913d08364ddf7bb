import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import Sheets

/// Sheets in, for a clerk with a browser (R11): choose a campaign, take a template, send a sheet for a check or for real, see
/// how far it is, read row by row what is to be mended, send it again. The same import as a program's, and the same report.
struct ImportPages {
    let vault: Vault
    let settings: ImportSettings

    func add(to api: API) {
        api.page("/", of: IntakePages.all, showCampaigns)
        api.page("/campaigns/:campaign/imports", of: IntakePages.all, showImports)
        api.form("/campaigns/:campaign/imports", of: IntakePages.all, upTo: Bodies.large + Bodies.form, importSheet)
        api.page("/campaigns/:campaign/imports/:import", of: IntakePages.all, showImport)
    }

    // MARK: Campaigns

    private struct Campaigns {
        let rows: [Row]
        let none: Bool

        struct Row {
            let campaign: String
            let year: Int
            let subdistrict: String
            let issuedOn: String
            let households: Int
        }
    }

    private func showCampaigns(_ call: Call, _ work: Work) throws -> Reply {
        let rows = try work.query(
            """
            SELECT c.id, c.year, c.subdistrict, c.issued_at, (SELECT count(*) FROM households h WHERE h.campaign_id = c.id) AS households
            FROM campaigns c ORDER BY c.year DESC, c.id
            """
        ).map { row in
            Campaigns.Row(
                campaign: try row["id", as: CampaignID.self].description, year: try row["year"], subdistrict: try row["subdistrict"],
                issuedOn: LocalDate(try row["issued_at", as: Instant.self]).description, households: try row["households"])
        }
        return try IntakePages.all.show("campaigns", Campaigns(rows: rows, none: rows.isEmpty), for: call)
    }

    // MARK: Imports of a campaign

    private struct Imports {
        let campaign: String
        let year: Int
        let megabytes: Int
        let kinds: [Kind]
        let rows: [Row]
        let none: Bool

        struct Kind {
            let code: String
            let zh: String
            let en: String
        }

        struct Row {
            let `import`: String
            let kind: String
            let at: String
            let report: ImportReport
            let state: Label
            let isDry: Bool
            let isClean: Bool
        }
    }

    private func showImports(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let rows = try work.query(
            "SELECT \(unsafe: ImportReport.columns) FROM imports WHERE campaign_id = \(campaign.id) ORDER BY at DESC, id DESC LIMIT 100"
        ).map { row in
            let report = try ImportReport(row)
            return Imports.Row(
                import: report.import.description, kind: report.kind.label.zh, at: report.at.wallClock, report: report,
                state: report.state.label, isDry: report.isDry, isClean: report.faultCount == 0)
        }
        let kinds = ImportKind.allCases.map { Imports.Kind(code: $0.rawValue, zh: $0.label.zh, en: $0.label.en) }
        return try IntakePages.all.show(
            "imports",
            Imports(
                campaign: campaign.id.description, year: campaign.plan.year, megabytes: settings.bytes >> 20, kinds: kinds, rows: rows,
                none: rows.isEmpty), for: call)
    }

    private func importSheet(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        let kind = try ImportKind(form.text("kind"), at: "/kind")
        let campaign = try work.campaign(call.id("campaign")).id
        let upload = try Uploads.spool(vault, settings).put(form.file("sheet").bytes, work)
        let id = try work.accept(upload, as: kind, in: campaign, isDry: form.text("dry") == "true")
        return .see("/campaigns/\(campaign)/imports/\(id)")
    }

    // MARK: One import

    private struct Report {
        let campaign: String
        let kind: String
        let at: String
        let report: ImportReport
        let isDry: Bool
        let progress: Progress?
        let isRefused: Bool
        let isClean: Bool
        let ignored: String?
        let sheet: String?
        let faults: Faults?

        /// While it is taken, or waits for the sheets before it.
        struct Progress {
            let rows: Int
            /// Nothing until it was read through.
            let total: Int?
            let rate: Int?
            let secondsLeft: Int?
        }

        struct Faults {
            let count: Int
            let rows: [Fault]
            let next: Int?
        }

        struct Fault {
            let fault: SheetFault
            let zh: String?
        }
    }

    private static let faultsShown = 200

    private func showImport(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        let id: ImportID = try call.id("import")
        let (report, after) = (try work.report(of: id), Int(call.query("after") ?? "") ?? 0)
        let (faults, next) = try work.faults(of: id, after: after, limit: Self.faultsShown)
        let isThrough = report.state == .done || report.state == .refused
        let page = Report(
            campaign: campaign.description, kind: report.kind.label.zh, at: report.at.wallClock, report: report, isDry: report.isDry,
            progress: isThrough
                ? nil : .init(rows: report.rows, total: report.totalRows, rate: report.rowsPerSecond, secondsLeft: report.secondsLeft),
            isRefused: report.state == .refused, isClean: report.state == .done && report.faultCount == 0,
            ignored: report.ignoredColumns.isEmpty ? nil : report.ignoredColumns.joined(separator: "、"),
            sheet: report.state == .done ? "/v1/imports/\(id)/sheet" : nil,
            faults: report.faultCount == 0 ? nil : .init(count: report.faultCount, rows: faults.map { .init(fault: $0, zh: FaultWords.zh($0.code)) }, next: next == report.faultCount ? nil : next))
        let reply = try IntakePages.all.show("import", page, for: call)
        // The page needs no script to follow what is under way.
        guard !isThrough, let refresh = HTTPField.Name("Refresh") else { return reply }
        return reply.with(refresh, "2")
    }
}

extension ImportKind {
    var label: Label {
        switch self {
        case .registered: Label("建档立卡户", "registered households")
        case .notRegistered: Label("拟新纳入户", "households proposed as new")
        case .survey: Label("入户调查", "survey")
        case .changes: Label("自然变更", "natural changes")
        case .measures: Label("帮扶措施", "measures of help")
        }
    }
}

extension ImportReport.State {
    var label: Label {
        switch self {
        case .waiting: Label("等待中", "waiting")
        case .running: Label("导入中", "under way")
        case .done: Label("已完成", "done")
        case .refused: Label("未能读取", "not readable")
        }
    }
}
