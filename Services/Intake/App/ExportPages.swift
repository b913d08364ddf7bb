import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Sheets out, for staff with a browser: ask for one with a purpose, see how far it is, fetch it.
struct ExportPages {
    func add(to api: API) {
        api.page("/campaigns/:campaign/exports", of: IntakePages.all, showExports)
        api.form("/campaigns/:campaign/exports", of: IntakePages.all, acting: .field("kind"), ask)
    }

    private struct Exports {
        let campaign: String
        let year: Int
        let kinds: [Kind]
        let rows: [Row]
        let none: Bool

        struct Kind {
            let code: String
            let label: Label
            let isIdentifying: Bool
        }

        struct Row {
            let at: String
            let kind: String
            let format: String
            let within: String
            let purpose: String
            let state: Label
            let done: Int
            let total: Int
            let rows: Int
            let file: String?
        }
    }

    private func showExports(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let reports = try work.query(
            "SELECT \(unsafe: ExportReport.columns) FROM exports WHERE campaign_id = \(campaign.id) ORDER BY id DESC LIMIT 100"
        ).map(ExportReport.init)
        let page = Exports(
            campaign: campaign.id.description, year: campaign.plan.year,
            kinds: ExportKind.allCases.filter { call.may("POST /campaigns/:campaign/exports", $0.rawValue) }.map { .init(code: $0.rawValue, label: $0.label, isIdentifying: $0.isIdentifying) },
            rows: reports.map { report in
                .init(
                    at: report.at.wallClock, kind: report.kind.label.zh, format: report.format.rawValue.uppercased(),
                    within: report.within?.code ?? "", purpose: report.purpose, state: report.state.label, done: report.done, total: report.total,
                    rows: report.rows, file: call.may("GET /v1/exports/:export/file", report.kind.rawValue) ? report.file : nil)
            }, none: reports.isEmpty)
        let reply = try IntakePages.all.show("exports", page, for: call)
        guard reports.contains(where: { $0.state == .waiting || $0.state == .running }), let refresh = HTTPField.Name("Refresh") else { return reply }
        return reply.with(refresh, "2")
    }

    private func ask(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        guard let kind = form.text("kind").flatMap(ExportKind.init(rawValue:)) else { throw Invalid("/kind", "code.unknown", "choose a kind of sheet") }
        guard let format = form.text("format").flatMap(SheetFormat.init(rawValue:)) else { throw SheetFormat.unknown(at: "/format") }
        if kind.isIdentifying { _ = try call.namedActor() }
        let campaign = try work.campaign(call.id("campaign")).id
        let within = try form.text("within").map { text in
            guard let division = DivisionCode(text) else { throw Invalid("/within", "division.format", "a division's code") }
            return division
        }
        _ = try work.ask(for: kind, format, of: campaign, within: within, purpose: call.purpose(form.text("purpose") ?? ""))
        return .see("/campaigns/\(campaign)/exports")
    }
}

extension ExportReport.State {
    var label: Label {
        switch self {
        case .waiting: Label("等待中", "waiting")
        case .running: Label("正在生成", "being written")
        case .done: Label("已完成", "done")
        case .failed: Label("未能生成", "failed")
        }
    }
}
