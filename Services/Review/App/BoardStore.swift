import Contracts
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// Cases of a kind that stand in one place, and how many of them an open tip holds.
struct CaseTally: Encodable {
    let kind: CaseKind
    let status: CaseStatus
    let count: Int
    let held: Int
}

/// Tips and objections about households, as intake tells of them.
struct TipTally: Encodable {
    let open: Int
    let overdue: Int
    let answered: Int
    let dueToday: Int

    private enum CodingKeys: String, CodingKey {
        case open, overdue, answered
    }
}

/// One that waits for its answer at intake's desk, and a case that it holds.
struct OpenObjection {
    let number: Int?
    let year: Int
    let dueOn: LocalDate
    let `case`: CaseID
    let kind: CaseKind
}

/// Whether a case that starts over today can still be reported in time (domain.md section 4.4).
struct Rerun: Encodable {
    let lastPostingOn: LocalDate
    let fits: Bool
}

/// What the board shows, as page and as JSON.
extension Work {
    func caseTallies() throws -> [CaseTally] {
        try query(
            "SELECT kind, status, count(*) AS count, count(*) FILTER (WHERE open_tips <> '{}') AS held FROM cases GROUP BY kind, status ORDER BY kind, status"
        ).map { CaseTally(kind: try $0["kind"], status: try $0["status"], count: try $0["count"], held: try $0["held"]) }
    }

    func tipTally(on today: LocalDate) throws -> TipTally {
        let row = try first(
            """
            SELECT count(*) FILTER (WHERE settled_at IS NULL) AS open,
                count(*) FILTER (WHERE settled_at IS NULL AND due_on < \(today)) AS overdue,
                count(*) FILTER (WHERE settled_at IS NULL AND due_on = \(today)) AS due,
                count(outcome) AS answered FROM household_tips
            """)
        return TipTally(open: try row?["open"] ?? 0, overdue: try row?["overdue"] ?? 0, answered: try row?["answered"] ?? 0, dueToday: try row?["due"] ?? 0)
    }

    /// Open objections to cases that are not over, the most urgent first.
    func openObjections(limit: Int) throws -> [OpenObjection] {
        try query(
            """
            SELECT t.number, t.due_on, p.year, c.id, c.kind FROM household_tips t JOIN campaigns p ON p.id = t.campaign
                JOIN cases c ON c.household = t.household AND c.campaign = t.campaign AND c.status <> ALL(\(CaseStatus.all(in: [.ended])))
            WHERE t.settled_at IS NULL ORDER BY t.due_on, t.number, c.id LIMIT \(limit)
            """
        ).map { OpenObjection(number: try $0["number"], year: try $0["year"], dueOn: try $0["due_on"], case: try $0["id"], kind: try $0["kind"]) }
    }

    /// Nothing before a campaign is issued.
    func rerun(on today: LocalDate) throws -> Rerun? {
        try campaign().map { campaign in
            let last = campaign.days.lastRerun(reportingBy: campaign.dataFreezeOn)
            return Rerun(lastPostingOn: last, fits: today <= last)
        }
    }

    /// The stages of the latest campaign, as its plan dates them.
    func stages() throws -> [CampaignIssued.Stage] {
        try query(
            """
            SELECT stage, starts_on, ends_on FROM campaign_stages
            WHERE campaign = (SELECT id FROM campaigns ORDER BY issued_at DESC LIMIT 1) ORDER BY starts_on, ends_on, stage
            """
        ).map { CampaignIssued.Stage(id: try $0["stage"], from: try $0["starts_on"], to: try $0["ends_on"]) }
    }
}
