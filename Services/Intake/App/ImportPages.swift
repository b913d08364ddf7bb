import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Sheets in, for a clerk with a browser (R11): choose a campaign, send a sheet, read row by row what is to be mended, send it
/// again. The same import as a program's, and the same report.
struct ImportPages {
    let imports: ImportRoutes

    private static let pages = Pages(
        [
            "campaigns": PackageResources.campaigns_mustache, "imports": PackageResources.imports_mustache,
            "import": PackageResources.import_mustache,
        ],
        links: [.init("/", "活动", "Campaigns")], footer: .init("采集与建档立卡", "Intake: the register"))

    func add(to api: API) {
        api.page("/", of: Self.pages, showCampaigns)
        api.page("/campaigns/:campaign/imports", of: Self.pages, showImports)
        api.form("/campaigns/:campaign/imports", of: Self.pages, importSheet)
        api.page("/campaigns/:campaign/imports/:import", of: Self.pages, showImport)
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
        return try Self.pages.show("campaigns", Campaigns(rows: rows, none: rows.isEmpty), for: call)
    }

    // MARK: Imports of a campaign

    private struct Imports {
        let campaign: String
        let year: Int
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
            let rows: Int
            let entered: Int
            let corrected: Int
            let unchanged: Int
            let refused: Int
            let isClean: Bool
        }
    }

    private func showImports(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let rows = try work.query("SELECT id, kind, at, report FROM imports WHERE campaign_id = \(campaign.id) ORDER BY at DESC, id DESC LIMIT 100").map { row in
            let report = try ImportReport(row)
            return Imports.Row(
                import: try row["id", as: UUID.self].lowercased, kind: try Self.label(row["kind", as: String.self]).zh, at: Self.clock(try row["at"]), rows: report.rows,
                entered: report.entered, corrected: report.corrected, unchanged: report.unchanged, refused: report.refused,
                isClean: report.faults.isEmpty)
        }
        let kinds = ImportRoutes.Kind.allCases.map { Imports.Kind(code: $0.rawValue, zh: Self.label($0).zh, en: Self.label($0).en) }
        return try Self.pages.show(
            "imports", Imports(campaign: campaign.id.description, year: campaign.plan.year, kinds: kinds, rows: rows, none: rows.isEmpty), for: call)
    }

    private func importSheet(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        let form = try call.form()
        let taken = try imports.take(form.file("sheet").bytes, ImportRoutes.kind(form.text("kind"), at: "/kind"), campaign, work)
        return .see("/campaigns/\(campaign)/imports/\(taken.id.lowercased)")
    }

    // MARK: One import

    private struct Report {
        let campaign: String
        let kind: String
        let at: String
        let report: ImportReport
        let ignored: String?
        let faults: Faults?

        struct Faults {
            let count: Int
            let rows: [SheetFault]
            let more: Int?
        }
    }

    /// Enough to begin with; whoever has mended these sends the sheet again and sees the next.
    private static let faultsShown = 500

    private func showImport(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        guard let id = UUID(uuidString: try call.parameter("import")),
            let row = try work.first("SELECT kind, at, report FROM imports WHERE id = \(id) AND campaign_id = \(campaign)")
        else { throw NotFound("import") }
        let report = try ImportReport(row)
        let faults = Report.Faults(
            count: report.faults.count, rows: Array(report.faults.prefix(Self.faultsShown)),
            more: report.faults.count > Self.faultsShown ? report.faults.count - Self.faultsShown : nil)
        let page = Report(
            campaign: campaign.description, kind: try Self.label(row["kind", as: String.self]).zh, at: Self.clock(try row["at"]), report: report,
            ignored: report.ignoredColumns.isEmpty ? nil : report.ignoredColumns.joined(separator: "、"), faults: report.faults.isEmpty ? nil : faults)
        return try Self.pages.show("import", page, for: call)
    }

    // MARK: Words

    private static func label(_ kind: ImportRoutes.Kind) -> Pages.Words {
        switch kind {
        case .registered: .init("建档立卡户", "registered households")
        case .notRegistered: .init("拟新纳入户", "households proposed as new")
        case .survey: .init("入户调查", "survey")
        case .changes: .init("自然变更", "natural changes")
        case .measures: .init("帮扶措施", "measures of help")
        }
    }

    private static func label(_ kind: String) throws -> Pages.Words { label(try ImportRoutes.kind(kind, at: "kind")) }

    /// As a clock on a wall in China shows it, to the minute.
    private static func clock(_ instant: Instant) -> String {
        let day = LocalDate(instant)
        let minutes = Int((instant - day.start) / 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day) \(two(minutes / 60)):\(two(minutes % 60))"
    }
}

extension ImportReport {
    fileprivate init(_ row: Row) throws { self = try JSON.decode(ImportReport.self, from: try row["report", as: JSONB.self].text) }
}
