import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// The campaign from its plan to its summary.
struct CampaignRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/campaigns", issueCampaign)
        api.get("/v1/campaigns", listCampaigns)
        api.get("/v1/campaigns/:campaign", showCampaign)
        api.post("/v1/campaigns/:campaign/rosters", drawRosters)
        api.post("/v1/campaigns/:campaign/assessments", assessCases)
        api.get("/v1/campaigns/:campaign/summary", summarise)
    }

    // MARK: Plan

    private struct Shown: Encodable {
        let campaign: CampaignID
        let plan: CampaignPlan
        /// Stated lengths that do not count both ends.
        let notices: [String: String]
        let issuedAt: Instant

        init(_ issued: IssuedCampaign) {
            (campaign, plan, issuedAt) = (issued.id, issued.plan, issued.issuedAt)
            notices = Dictionary(issued.plan.stages.compactMap { stage in stage.notice.map { (stage.id, $0) } }, uniquingKeysWith: { first, _ in first })
        }
    }

    func issueCampaign(_ call: Call, _ work: Work) throws -> Reply {
        let plan = try call.body(CampaignPlan.self).checked()
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

    // MARK: Rosters (R4)

    private struct Rosters: Encodable {
        /// New cases of each kind.
        var proposed: [String: Int] = [:]
        /// What would be proposed, but has a case in this campaign already.
        var alreadyProposed = 0
    }

    /// Proposes a case for whatever the analysis shows and no case of this campaign covers yet; again it proposes nothing.
    func drawRosters(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaignAlone(call.id("campaign"))
        var rosters = Rosters()
        let covered = try Set(
            work.query("SELECT household_id, member_id FROM cases WHERE campaign_id = \(campaign.id) AND kind <> \(CaseKind.naturalChange)")
                .map { Covered(household: try $0["household_id"], member: try $0["member_id"]) })
        let proposals = try work.entries(in: campaign.id, vault).map { ($0.household, Roster.proposals(for: $0.entry, under: campaign.ruleSet)) }
            .filter { !$0.1.isEmpty }
        try work.prefetch(HouseholdRecord.self, proposals.map(\.0))
        for (household, proposed) in proposals {
            let record = try work.get(HouseholdRecord.self, household)
            for proposal in proposed {
                let member = proposal.person.flatMap { person in record.active.first { $0.number == person }?.id }
                if proposal.person != nil && member == nil { continue }
                guard !covered.contains(Covered(household: household, member: member)) else {
                    rosters.alreadyProposed += 1
                    continue
                }
                let decision = CampaignCase.proposing(
                    proposal.kind, of: record, member: member, change: proposal.reason.map { .init(reason: $0, on: nil) },
                    as: CaseID(work.newID()), at: try work.now)
                try work.insert(decision.state, telling: decision.events)
                rosters.proposed[proposal.kind.rawValue, default: 0] += 1
            }
        }
        return try .json(rosters, status: .created)
    }

    private struct Covered: Hashable {
        let household: HouseholdID
        let member: MemberID?
    }

    // MARK: Assessment

    private struct Assessments: Encodable {
        var met: [String: Int] = [:]
        var notMet: [String: Int] = [:]
        /// A person must judge these: `POST /v1/cases/{case}/judgement`.
        var referred: [CaseID] = []
        /// The survey of these has not come in.
        var notSurveyed: [CaseID] = []
    }

    /// Judges every case that the survey has not decided yet.
    func assessCases(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaignAlone(call.id("campaign"))
        let (rules, now) = (campaign.ruleSet, try work.now)
        let undecided = try work.query(
            """
            SELECT id, household_id FROM cases
            WHERE campaign_id = \(campaign.id) AND kind <> \(CaseKind.naturalChange) AND status IN ('proposed', 'referred') ORDER BY id
            """
        ).map { (case: try $0["id", as: CaseID.self], household: try $0["household_id", as: HouseholdID.self]) }
        try work.prefetch(HouseholdRecord.self, undecided.map(\.household))
        try work.prefetch(CampaignCase.self, undecided.map(\.case))
        let facts = try work.facts(of: undecided.map(\.household), in: campaign.id, vault)
        var assessments = Assessments()
        for (id, household) in undecided {
            guard let found = facts[household] else {
                assessments.notSurveyed.append(id)
                continue
            }
            let record = try work.get(HouseholdRecord.self, household)
            var decided = try work.decide(CampaignCase.self, id) { open in
                let person = record.members.first { $0.id == open.member }?.number
                guard let assessment = rules.assess(open.kind, of: person, Surveyed(record, found)) else { return Decision(open) }
                return try open.deciding(.assess(assessment), under: rules, at: now)
            }
            if decided.status == .referred, let judgement = found.judgement {
                decided = try work.decide(CampaignCase.self, id) { try $0.deciding(.judge(eligible: judgement), under: rules, at: now) }
            }
            switch decided.status {
            case .surveyed: assessments.met[decided.kind.rawValue, default: 0] += 1
            case .dropped: assessments.notMet[decided.kind.rawValue, default: 0] += 1
            case .proposed, .referred, .marked, .closed: assessments.referred.append(id)
            }
        }
        return try .json(assessments, status: .created)
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
