import Contracts
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Judges cases by what the survey found.
struct AssessmentRoutes {
    let vault: Vault

    func add(to api: API) {
        api.post("/v1/campaigns/:campaign/assessments", assessCases)
    }

    private struct Assessments: Encodable {
        var met: [String: Int] = [:]
        var notMet: [String: Int] = [:]
        /// A person must judge these: `POST /v1/cases/{case}/judgement`.
        var referred: [CaseID] = []
        /// The survey of these has not come in.
        var notSurveyed: [CaseID] = []
    }

    /// Judges every case that the survey has not decided yet, and those that were visited again since they were judged.
    func assessCases(_ call: Call, _ work: Work) throws -> Reply {
        let campaign = try work.campaignAlone(call.id("campaign"))
        let (rules, now) = (campaign.ruleSet, try work.now)
        let undecided = try work.query(
            """
            SELECT c.id, c.household_id FROM cases c
            WHERE c.campaign_id = \(campaign.id) AND c.kind <> \(CaseKind.naturalChange) AND (c.status IN ('proposed', 'referred')
                OR c.status IN ('surveyed', 'reopened') AND EXISTS (
                    SELECT FROM visits v WHERE v.campaign_id = c.campaign_id AND v.household_id = c.household_id
                        AND v.recorded_at > (SELECT max(s.at) FROM case_steps s WHERE s.case_id = c.id AND s.teller = 'intake')))
            ORDER BY c.id
            """
        ).map { (case: try $0["id", as: CaseID.self], household: try $0["household_id", as: HouseholdID.self]) }
        try work.prefetch(HouseholdRecord.self, undecided.map(\.household))
        try work.prefetch(CampaignCase.self, undecided.map(\.case))
        let visits = try work.countingVisits(of: undecided.map(\.household), in: campaign.id, vault)
        var assessments = Assessments()
        for (id, household) in undecided {
            guard let visit = visits[household] else {
                assessments.notSurveyed.append(id)
                continue
            }
            let decided = try assess(id, work.get(HouseholdRecord.self, household), visit, rules, now, work)
            switch decided.status {
            case .surveyed: assessments.met[decided.kind.rawValue, default: 0] += 1
            case .dropped: assessments.notMet[decided.kind.rawValue, default: 0] += 1
            case .proposed, .referred, .reopened, .marked, .closed: assessments.referred.append(id)
            }
        }
        return try .json(assessments, status: .created)
    }

    private func assess(
        _ id: CaseID, _ record: HouseholdRecord, _ visit: CountingVisit, _ rules: RuleSet, _ now: Instant, _ work: Work
    ) throws -> CampaignCase {
        let open = try work.get(CampaignCase.self, id)
        let person = record.members.first { $0.id == open.member }?.number
        guard let assessment = rules.assess(open.kind, of: person, Surveyed(record, visit.facts)) else { return open }
        let decided = try work.decide(CampaignCase.self, id) { try $0.deciding(.assess(assessment), at: now) }
        try work.keep(assessment, of: decided, by: visit, on: .survey, vault)
        guard let judgement = visit.facts.judgement, decided.status == .referred else { return decided }
        // The survey's sheet brings the work team's own judgement with the facts.
        let judged = try work.decide(CampaignCase.self, id) { try $0.deciding(.judge(eligible: judgement, under: rules), at: now) }
        try work.keepJudgement(of: id, eligible: judgement, by: .init(by: "工作组 work team", reason: "调查表人工研判 survey sheet"), vault)
        return judged
    }
}
