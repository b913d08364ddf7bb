import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Paper
import Postgres
import Registry
import ServiceKit
import Sheets

/// The December summary (R31; section 10): whether the register's sums reconcile, and the cases by kind and outcome, by community,
/// and by cause; as page, XLSX and PDF. It names nobody.
struct YearSummary {
    let year: Int
    let reconciles: Bool
    let tables: [Table]

    struct Table {
        let title: Label
        let headings: [Label]
        let rows: [Row]
    }

    struct Row {
        let name: Label
        let figures: [Int]
    }

    init(of campaign: IssuedCampaign, _ work: Work, _ vault: Vault) throws {
        let balance = try work.balance(of: campaign.id)
        (year, reconciles) = (campaign.plan.year, balance.reconciles)
        tables = try [
            Self.register(balance), Self.outcomes(work.caseCounts(of: campaign.id)), Self.communities(of: campaign.id, work),
            Self.causes(of: campaign.id, work, vault),
        ]
    }

    private static func register(_ balance: RegisterBalance) -> Table {
        func row(_ zh: String, _ en: String, _ count: RegisterBalance.Count) -> Row { Row(name: Label(zh, en), figures: [count.households, count.persons]) }
        return Table(
            title: Label("台账核对", "Reconciliation"), headings: [Label("户", "households"), Label("人", "persons")],
            rows: [
                row("年初", "opening", balance.opening), row("新增", "new", balance.new), row("减少", "removed", balance.removed),
                Row(name: Label("自然增加", "natural increase"), figures: [0, balance.naturalIncrease]),
                Row(name: Label("自然减少", "natural decrease"), figures: [0, balance.naturalDecrease]),
                row("年末", "closing", balance.closing), row("实有", "counted", balance.counted),
            ])
    }

    private static let over: [CampaignCase.Status] = [.marked, .dropped, .closed]

    private static func outcomes(_ counts: [String: [String: Int]]) -> Table {
        let rows = CaseKind.allCases.compactMap { kind -> Row? in
            guard let standing = counts[kind.rawValue] else { return nil }
            let ended = over.map { standing[$0.rawValue] ?? 0 }
            let all = standing.values.reduce(0, +)
            return Row(name: kind.label, figures: [all] + ended + [all - ended.reduce(0, +)])
        }
        return Table(
            title: Label("各类结果", "By kind and outcome"),
            headings: [Label("提出", "proposed")] + over.map(\.label) + [Label("未结束", "open")], rows: rows)
    }

    private static let publicised = CaseKind.allCases.filter(\.isPublicised)

    private static func communities(of campaign: CampaignID, _ work: Work) throws -> Table {
        let rows = try work.query(
            """
            SELECT split_part(h.division, '-', 1) AS community, c.kind, count(*) AS cases
            FROM cases c JOIN households h ON h.id = c.household_id
            WHERE c.campaign_id = \(campaign) AND c.status = 'marked' GROUP BY 1, 2
            """)
        var counts: [DivisionCode: [CaseKind: Int]] = [:]
        for row in rows { counts[try row["community"], default: [:]][try row["kind"]] = try row["cases"] }
        let names = try work.names(of: Array(counts.keys))
        return Table(
            title: Label("各社区已标注", "Marked, by community"), headings: publicised.map(\.label),
            rows: counts.sorted { $0.key < $1.key }.map { place, found in
                Row(name: Label(names[place] ?? place.code, place.code), figures: publicised.map { found[$0] ?? 0 })
            })
    }

    /// Of the households that came in this year: what their survey says.
    private static func causes(of campaign: CampaignID, _ work: Work, _ vault: Vault) throws -> Table {
        let households: [HouseholdID] = try work.query(
            "SELECT household_id FROM cases WHERE campaign_id = \(campaign) AND kind IN ('NEW', 'RETURN') AND status = 'marked' ORDER BY 1"
        ).map { try $0["household_id"] }
        let visits = try work.countingVisits(of: households, in: campaign, vault)
        let counts = Dictionary(visits.values.compactMap(\.facts.mainCause).map { ($0, 1) }, uniquingKeysWith: +)
        return Table(
            title: Label("新识别和返贫的主要原因", "Main causes of those who came in"), headings: [Label("户", "households")],
            rows: counts.sorted { $0.key < $1.key }.map { code, count in
                Row(name: Codes.povertyCauses[code].map { Label($0.zh, $0.en) } ?? Label(code, ""), figures: [count])
            })
    }

    // MARK: On paper and in sheets

    func workbook() throws -> [UInt8] {
        let writer = try XLSXWriter(SheetDesign("工作总结", [.init("表"), .init("项目"), .init("指标"), .init("数值")]))
        for table in tables {
            for row in table.rows {
                for (heading, figure) in zip(table.headings, row.figures) { try writer.append([table.title.zh, row.name.zh, heading.zh, "\(figure)"]) }
            }
        }
        return try writer.finish()
    }

    func pdf(on paper: PDFCanvas.Paper) throws -> [UInt8] {
        let verdict = reconciles ? "台账核对相符：年初＋新增－减少＋自然增减＝年末，与实有一致。" : "台账核对不符，请先查明原因。"
        return try PaperReport(
            title: "\(year)年贫困对象动态管理工作总结", subtitle: "", introduction: verdict,
            tables: tables.map { table in
                let part = 0.64 / Double(table.headings.count)
                return .init(
                    table.title.zh, headings: [""] + table.headings.map(\.zh), columns: [0.36] + table.headings.map { _ in part },
                    rows: table.rows.map { [$0.name.zh] + $0.figures.map(String.init) })
            },
            footer: []
        ).write(on: paper)
    }
}

/// The summary for whoever writes it, prints it or reads it in a sheet.
struct SummaryPages {
    let vault: Vault

    func add(to api: API) {
        api.page("/campaigns/:campaign/summary", of: IntakePages.all, show)
        api.get("/v1/campaigns/:campaign/summary/xlsx", writeSheet)
        api.get("/v1/campaigns/:campaign/summary/pdf", writePaper)
    }

    private func summary(_ call: Call, _ work: Work) throws -> YearSummary {
        try YearSummary(of: work.campaign(call.id("campaign")), work, vault)
    }

    private struct Page {
        let campaign: String
        let year: Int
        let reconciles: Bool
        let tables: [YearSummary.Table]
    }

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let summary = try summary(call, work)
        return try IntakePages.all.show(
            "summary",
            Page(
                campaign: try call.parameter("campaign"), year: summary.year, reconciles: summary.reconciles, tables: summary.tables),
            for: call)
    }

    private func writeSheet(_ call: Call, _ work: Work) throws -> Reply {
        let summary = try summary(call, work)
        return .workbook(try summary.workbook(), name: "summary-\(summary.year)")
    }

    private func writePaper(_ call: Call, _ work: Work) throws -> Reply {
        let summary = try summary(call, work)
        return Reply(status: .ok, contentType: "application/pdf", body: try summary.pdf(on: .a4))
            .with(.contentDisposition, "inline; filename=\"summary-\(summary.year).pdf\"")
    }
}
