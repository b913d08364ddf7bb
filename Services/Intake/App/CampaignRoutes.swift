import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The campaign from its plan to its summary.
struct CampaignRoutes {
    func add(to api: API) {
        api.post("/v1/campaigns", issueCampaign)
        api.get("/v1/campaigns", listCampaigns)
        api.get("/v1/campaigns/:campaign", showCampaign)
        api.get("/v1/campaigns/:campaign/summary", summarise)
    }

    // MARK: Plan

    private struct Shown: Encodable {
        let campaign: CampaignID
        let plan: CampaignPlan
        /// What is impossible or odd in its calendar, the impossible first.
        let findings: [Finding]
        let issuedAt: Instant

        init(_ issued: IssuedCampaign) {
            (campaign, plan, issuedAt) = (issued.id, issued.plan, issued.issuedAt)
            findings = issued.plan.findings.map(Finding.init)
        }
    }

    private struct Finding: Encodable {
        let code: String
        let weight: String
        let stages: [String]
        let zh: String
        let en: String

        init(_ finding: PlanFinding) {
            (code, weight, stages) = (finding.code.rawValue, finding.weight.rawValue, finding.stages)
            (zh, en) = (finding.words.zh, finding.words.en)
        }
    }

    func issueCampaign(_ call: Call, _ work: Work) throws -> Reply {
        let plan = try call.body(CampaignPlan.self).checked()
        guard work.reach.covers(plan.subdistrict) else { throw Forbidden.elsewhere }
        let isTaken = try work.first("SELECT id FROM campaigns WHERE subdistrict = \(plan.subdistrict) AND year = \(plan.year)") != nil
        if isTaken { throw IssuedCampaign.Refusal.alreadyIssued }
        let decision = IssuedCampaign.issuing(plan, as: CampaignID(work.newID()), at: try work.now)
        try work.insert(decision.state, telling: decision.events)
        try RequiredPositions.schedule(for: decision.state, in: work)
        return try .json(Shown(decision.state), status: .created)
    }

    func listCampaigns(_ call: Call, _ work: Work) throws -> Reply {
        try .json(work.query("SELECT \(unsafe: IssuedCampaign.columns) FROM campaigns c ORDER BY issued_at").map { Shown(try IssuedCampaign($0)) })
    }

    func showCampaign(_ call: Call, _ work: Work) throws -> Reply {
        try .json(Shown(work.campaign(call.id("campaign"))))
    }

    // MARK: Summary (R31)

    private struct Summary: Encodable {
        let campaign: CampaignID
        let year: Int
        let opening: RegisterBalance.Count
        let new: RegisterBalance.Count
        let removed: RegisterBalance.Count
        let naturalIncrease: Int
        let naturalDecrease: Int
        let closing: RegisterBalance.Count
        let counted: RegisterBalance.Count
        /// Whether the movements add up to what stands on the register.
        let reconciles: Bool
        /// Cases by kind and status.
        let cases: [String: [String: Int]]
        /// Registered households that nobody is left in: each needs a closing decision.
        let closingDue: Int
    }

    func summarise(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaign(call.id("campaign"))
        let balance = try work.balance(of: campaign.id)
        let closingDue: Int? = try work.first(
            """
            SELECT count(*) AS due FROM households h WHERE campaign_id = \(campaign.id) AND standing = 'registered'
                AND NOT EXISTS (SELECT FROM members m WHERE m.household_id = h.id AND m.state = 'active')
            """)?["due"]
        return try .json(
            Summary(
                campaign: campaign.id, year: campaign.plan.year, opening: balance.opening, new: balance.new, removed: balance.removed,
                naturalIncrease: balance.naturalIncrease, naturalDecrease: balance.naturalDecrease, closing: balance.closing,
                counted: balance.counted, reconciles: balance.reconciles, cases: work.caseCounts(of: campaign.id), closingDue: closingDue ?? 0))
    }
}
