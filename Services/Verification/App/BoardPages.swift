import Contracts
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import VerificationDomain

/// The board for the poverty office, with a browser: how far the departments are, by department and by community.
struct BoardPages {
    let plain: PlainPersons

    static let pages = Pages(
        ["plans": PackageResources.plans_mustache, "board": PackageResources.board_mustache],
        links: [.init("/", "部门核查", "Verification"), Pages.countersignings], footer: .init("部门核查", "Verification by the departments"))

    func add(to api: API) {
        api.page("/", of: Self.pages, showPlans)
        api.page("/campaigns/:campaign/board", of: Self.pages, showBoard)
    }

    // MARK: Campaigns

    private struct Plans {
        let rows: [Row]
        let none: Bool

        struct Row {
            let campaign: String
            let dueOn: String
            let households: Int
            let complete: Int
        }
    }

    private func showPlans(_ call: Call, _ work: Work) throws -> Reply {
        let rows = try work.query(
            """
            SELECT p.campaign, p.due_on, count(f.household) AS households, count(*) FILTER (WHERE f.status = 'complete') AS complete
            FROM check_plans p LEFT JOIN files f USING (campaign) WHERE p.due_on IS NOT NULL GROUP BY 1, 2 ORDER BY 2 DESC, 1
            """
        ).map { row in
            Plans.Row(
                campaign: try row["campaign", as: CampaignID.self].description, dueOn: try row["due_on", as: LocalDate.self].description,
                households: try row["households"], complete: try row["complete"])
        }
        return try Self.pages.show("plans", Plans(rows: rows, none: rows.isEmpty), for: call)
    }

    // MARK: One campaign

    private struct Shown {
        let campaign: String
        let dueOn: String
        let isOver: Bool
        let asked: Int
        let answered: Int
        let discrepant: Int
        let overdue: Int
        let withheld: Withheld?
        let departments: [Row]
        let communities: [Row]
        let refused: Refusals?

        struct Withheld { let count: Int }

        struct Row {
            let name: Label
            let report: String?
            let asked: Int
            let unsent: Int
            let answered: Int
            let discrepant: Int
            let undetermined: Int
            let sentBack: Int
            let overdue: Int
            let isLate: Bool
            let medianDays: String
            let refused: Int

            init(_ name: Label, report: String? = nil, _ progress: CampaignBoard.Progress, refused: Int = 0) {
                (self.name, self.report, self.refused) = (name, report, refused)
                (asked, unsent, answered) = (progress.asked, progress.unsent, progress.answered)
                (discrepant, undetermined, sentBack) = (progress.discrepant, progress.undetermined, progress.sentBack)
                (overdue, isLate) = (progress.overdue, progress.overdue > 0)
                medianDays = progress.medianDays.map { "\($0)" } ?? ""
            }
        }

        struct Refusals { let rows: [Refusal] }

        struct Refusal {
            let at: String
            let department: Label
            let reason: String
            let request: String
        }
    }

    private static let shownRefusals = 20

    private func showBoard(_ call: Call, _ work: Work) throws -> Reply {
        let board = try work.campaignBoard(of: call.id("campaign"), plain)
        let all = board.departments.map(\.progress)
        func sum(_ count: (CampaignBoard.Progress) -> Int) -> Int { all.reduce(0) { $0 + count($1) } }
        let withheld = sum(\.withheld)
        let refusals = try work.lastRefusedResults(Self.shownRefusals).map {
            Shown.Refusal(at: $0.receivedAt.wallClock, department: $0.department.label, reason: $0.reason, request: $0.request.description)
        }
        let page = Shown(
            campaign: board.campaign.description, dueOn: board.dueOn.description, isOver: try board.dueOn < work.today, asked: sum(\.asked),
            answered: sum(\.answered), discrepant: sum(\.discrepant), overdue: sum(\.overdue),
            withheld: withheld == 0 ? nil : .init(count: withheld),
            departments: board.departments.map { .init($0.department.label, report: $0.department.slug, $0.progress, refused: $0.refused) },
            communities: board.communities.map { .init(Label($0.community, ""), $0.progress) },
            refused: refusals.isEmpty ? nil : .init(rows: refusals))
        return try Self.pages.show("board", page, for: call)
    }
}
