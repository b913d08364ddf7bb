import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// How far the year is, for whoever supervises it (R34): the plan's stages, the register's sums, and each community's survey and
/// cases.
struct ProgressPages {
    func add(to api: API) {
        api.page("/campaigns/:campaign", of: IntakePages.all, showProgress)
    }

    /// The plan's own words for its stages; another stage shows its name in the plan's data.
    private struct Page {
        let campaign: String
        let year: Int
        let today: String
        let stages: [Stage]
        let findings: [Finding]
        let balance: Balance
        let kinds: [Kind]
        let communities: [Community]
        let none: Bool

        struct Stage {
            let name: String
            let from: String
            let to: String
            let state: Label
            let isNow: Bool
        }

        /// What to know of this calendar.
        struct Finding {
            let words: Label
            let stages: String
            let isImpossible: Bool
        }

        struct Balance {
            let opening, new, removed, closing: Count
            let naturalIncrease, naturalDecrease: Int
            let reconciles: Bool

            struct Count {
                let households, persons: Int
            }
        }

        struct Kind {
            let label: Label
            let total, open, recorded, over: Int
        }

        struct Community {
            let name: String
            let code: String
            let registered, outside: Int
            /// Cases that wait for a survey, and those that have one.
            let proposed, surveyed, open: Int
            let most: Int
        }
    }

    private func showProgress(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let (today, balance) = (try work.today, try work.balance(of: campaign.id))
        let counts = try work.caseCounts(of: campaign.id)
        let communities = try Self.communities(of: campaign.id, work)
        func count(_ count: RegisterBalance.Count) -> Page.Balance.Count { .init(households: count.households, persons: count.persons) }
        let page = Page(
            campaign: campaign.id.description, year: campaign.plan.year, today: today.description,
            stages: campaign.plan.stages.map { stage in
                let state = today < stage.from ? Label("未开始", "to come") : today > stage.to ? Label("已结束", "over") : Label("进行中", "now")
                return .init(
                    name: PlanStages.label(of: stage.id).zh, from: stage.from.description, to: stage.to.description, state: state, isNow: stage.from <= today && today <= stage.to)
            },
            findings: campaign.plan.findings.map { finding in
                .init(
                    words: finding.words, stages: finding.stages.map { PlanStages.label(of: $0).zh }.joined(separator: "、"),
                    isImpossible: finding.weight == .impossible)
            },
            balance: .init(
                opening: count(balance.opening), new: count(balance.new), removed: count(balance.removed), closing: count(balance.closing),
                naturalIncrease: balance.naturalIncrease, naturalDecrease: balance.naturalDecrease, reconciles: balance.reconciles),
            kinds: CaseKind.allCases.compactMap { kind in
                guard let standing = counts[kind.rawValue] else { return nil }
                func sum(_ statuses: [CampaignCase.Status]) -> Int { statuses.map { standing[$0.rawValue] ?? 0 }.reduce(0, +) }
                return .init(
                    label: kind.label, total: standing.values.reduce(0, +), open: sum(CampaignCase.Status.open), recorded: sum([.marked]),
                    over: sum([.dropped, .closed]))
            }, communities: communities, none: communities.isEmpty)
        return try IntakePages.all.show("progress", page, for: call)
    }

    private static func communities(of campaign: CampaignID, _ work: Work) throws -> [Page.Community] {
        let rows = try work.query(
            """
            SELECT split_part(h.division, '-', 1) AS community, count(*) FILTER (WHERE h.standing = 'registered') AS registered,
                count(*) FILTER (WHERE h.standing = 'outside') AS outside, coalesce(sum(c.waiting), 0)::bigint AS waiting,
                coalesce(sum(c.surveyed), 0)::bigint AS surveyed, coalesce(sum(c.open), 0)::bigint AS open
            FROM households h LEFT JOIN LATERAL (
                SELECT count(*) FILTER (WHERE c.status IN ('proposed', 'referred')) AS waiting,
                    count(*) FILTER (WHERE c.status NOT IN ('proposed', 'referred')) AS surveyed,
                    count(*) FILTER (WHERE c.status = ANY(\(CampaignCase.Status.open))) AS open
                FROM cases c WHERE c.household_id = h.id AND c.campaign_id = h.campaign_id) c ON true
            WHERE h.campaign_id = \(campaign) GROUP BY 1 ORDER BY 1
            """)
        let codes: [DivisionCode] = try rows.map { try $0["community"] }
        let names = try work.names(of: codes)
        return try zip(rows, codes).map { row, code in
            let (waiting, surveyed): (Int, Int) = (try row["waiting"], try row["surveyed"])
            return .init(
                name: names[code] ?? code.code, code: code.code, registered: try row["registered"], outside: try row["outside"], proposed: waiting + surveyed,
                surveyed: surveyed, open: try row["open"], most: max(1, waiting + surveyed))
        }
    }
}
