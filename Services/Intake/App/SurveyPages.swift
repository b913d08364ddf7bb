import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Analysis and survey for the work team's leader: the four rosters (R4), and records in conflict (R5 to R8).
struct SurveyPages {
    let vault: Vault

    func add(to api: API) {
        api.page("/campaigns/:campaign/rosters", of: IntakePages.all, showRosters)
        api.form("/campaigns/:campaign/rosters", of: IntakePages.all, draw)
        api.form("/campaigns/:campaign/rosters/:kind/fixing", of: IntakePages.all, fix)
        api.page("/campaigns/:campaign/conflicts", of: IntakePages.all, showConflicts)
        api.form("/campaigns/:campaign/conflicts/:conflict", of: IntakePages.all, resolve)
    }

    // MARK: Rosters

    private struct Rosters {
        let campaign: String
        let year: Int
        let mayDraw: Bool
        let lists: [List]

        struct List {
            let kind: String
            let label: Wording
            let status: Label
            let isDrafted: Bool
            let mayFix: Bool
            let edition: Int
            let version: Int
            let count: Int
            let rows: [Row]
            let steps: [Step]
        }

        struct Row {
            let household: String
            let number: String
            let head: String
            let place: String
            let status: Label?
            let edition: Int
        }

        struct Step {
            let at: String
            let edition: Int
            let status: Label?
            let cases: Int
            let by: String
            let reason: String?
        }
    }

    private func showRosters(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let lists = try RosterRoutes(vault: vault).lists(of: campaign, work)
        let names = try work.divisionNames(lists.flatMap { $0.lines.map(\.division) })
        let mayFix = call.may("POST /campaigns/:campaign/rosters/:kind/fixing")
        let page = Rosters(
            campaign: campaign.id.description, year: campaign.plan.year, mayDraw: call.may("POST /campaigns/:campaign/rosters"),
            lists: lists.map { list in
                .init(
                    kind: list.kind.rawValue, label: list.label, status: list.status?.label ?? Label("未提出", "not drawn"), isDrafted: list.status == .drafted,
                    mayFix: mayFix && list.status == .drafted,
                    edition: list.edition, version: list.version, count: list.lines.count,
                    rows: list.lines.map { line in
                        .init(
                            household: line.household.description, number: line.number, head: line.headName.description,
                            place: names[line.division] ?? line.division.code, status: CampaignCase.Status(rawValue: line.status)?.label, edition: line.edition)
                    },
                    steps: list.history.map { step in
                        .init(
                            at: step.at.wallClock, edition: step.edition, status: RosterList.Status(rawValue: step.status)?.label, cases: step.cases,
                            by: step.by, reason: step.reason)
                    })
            })
        return try IntakePages.all.show("rosters", page, for: call)
    }

    private func draw(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.wholeCampaignAlone(call.id("campaign"))
        _ = try RosterRoutes(vault: vault).draw(campaign, work)
        return .see("/campaigns/\(campaign.id)/rosters")
    }

    private func fix(_ call: Call, _ work: Work) throws -> Reply {
        _ = try RosterRoutes(vault: vault).fix(because: call.form().text("reason") ?? "", call, work)
        return .see("/campaigns/\(try call.parameter("campaign"))/rosters")
    }

    // MARK: Conflicts

    private struct Conflicts {
        let campaign: String
        let mayDecide: Bool
        let rows: [Row]
        let none: Bool

        struct Row {
            let conflict: String
            let household: String
            let number: String
            let base: Int
            let found: Int
            let surveyor: String
            let at: String
            let version: Int
        }
    }

    private func showConflicts(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign")).id
        let open = try SurveyConflictRoutes(vault: vault).open(in: campaign, limit: 100, work)
        let rows = try open.map { one in
            Conflicts.Row(
                conflict: one.conflict.lowercased, household: one.household.description, number: one.number, base: one.base, found: one.found,
                surveyor: one.surveyor, at: one.recordedAt.wallClock, version: try work.visitsVersion(of: one.household, in: campaign))
        }
        return try IntakePages.all.show("conflicts", Conflicts(campaign: campaign.description, mayDecide: call.may("POST /campaigns/:campaign/conflicts/:conflict"), rows: rows, none: rows.isEmpty), for: call)
    }

    private func resolve(_ call: Call, _ work: Work) throws -> Reply {
        let form = try call.form()
        _ = try SurveyConflictRoutes(vault: vault).resolve(taking: form.text("take") == "true", because: form.text("reason") ?? "", call, work)
        return .see("/campaigns/\(try call.parameter("campaign"))/conflicts")
    }
}

extension RosterList.Status {
    var label: Label {
        switch self {
        case .drafted: Label("待确定", "drafted")
        case .fixed: Label("已确定", "fixed")
        }
    }
}
