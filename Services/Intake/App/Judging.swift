import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Judges cases by the visits that count.
struct Judging {
    let campaign: IssuedCampaign
    let vault: Vault
    let work: Work

    /// Every case that the survey has not decided, or that waits for a person.
    func undecided() throws -> [OpenCase] {
        try cases([.proposed, .referred])
    }

    /// What earlier visits to these households have decided, or left to a person.
    func judged(of households: [HouseholdID]) throws -> [OpenCase] {
        try cases([.referred, .surveyed, .reopened], of: households)
    }

    private func cases(_ statuses: [CampaignCase.Status], of households: [HouseholdID]? = nil) throws -> [OpenCase] {
        try work.query(
            """
            SELECT c.id, c.household_id, a.visit_id, a.rule_set FROM cases c
            LEFT JOIN LATERAL (SELECT visit_id, rule_set FROM assessments a WHERE a.case_id = c.id ORDER BY a.id DESC LIMIT 1) a ON true
            WHERE c.campaign_id = \(campaign.id) AND c.kind <> \(CaseKind.naturalChange) AND c.status = ANY(\(statuses))
                AND (\(households == nil) OR c.household_id = ANY(\(households ?? [])))
            ORDER BY c.id
            """
        ).map { OpenCase(id: try $0["id"], household: try $0["household_id"], visit: try $0["visit_id"], ruleSet: try $0["rule_set"]) }
    }

    /// Each case as it stands afterwards; nothing for one that nobody has visited.
    func judge(_ open: [OpenCase]) throws -> [(id: CaseID, judged: CampaignCase?)] {
        if open.isEmpty { return [] }
        try work.prefetch(HouseholdRecord.self, open.map(\.household))
        try work.prefetch(CampaignCase.self, open.map(\.id))
        let visits = try work.countingVisits(of: open.map(\.household), in: campaign.id, vault)
        return try open.map { known in
            guard let visit = visits[known.household] else { return (known.id, nil) }
            let before = try work.get(CampaignCase.self, known.id)
            guard before.isToBeJudged(visitIsNew: known.visit != visit.id, rulesAreNew: known.ruleSet != campaign.ruleSet.name) else {
                return (known.id, before)
            }
            return (known.id, try judge(before, by: visit))
        }
    }

    private func judge(_ open: CampaignCase, by visit: CountingVisit) throws -> CampaignCase {
        let (rules, now) = (campaign.ruleSet, try work.now)
        let record = try work.get(HouseholdRecord.self, open.household)
        let person = record.members.first { $0.id == open.member }?.number
        guard let assessment = rules.assess(open.kind, of: person, Surveyed(record, visit.facts)) else { return open }
        let recorder = visit.recorder.alias(in: open.id.rawValue)
        let decided = try work.decide(CampaignCase.self, open.id) { try $0.deciding(.assess(assessment), at: now).recorded(by: recorder) }
        try work.keep(assessment, of: decided, by: visit, on: .survey, vault)
        guard let judgement = visit.facts.judgement, decided.status == .referred else { return decided }
        // The survey's sheet brings the work team's own judgement with the facts.
        let judged = try work.decide(CampaignCase.self, open.id) { try $0.deciding(.judge(eligible: judgement, under: rules), at: now).recorded(by: recorder) }
        try work.keepJudgement(of: judged, eligible: judgement, because: "调查表人工研判 survey sheet", vault)
        return judged
    }

    /// Judges the household's own open case again, since the divisor of per-capita income has changed (section 5).
    func judgeSinceMembersChanged(_ record: HouseholdRecord) throws {
        guard let open = try work.openHouseholdCase(of: record.id, in: campaign.id),
            let visit = try work.countingVisits(of: [record.id], in: campaign.id, vault)[record.id]
        else { return }
        let (judged, now) = (try work.get(CampaignCase.self, open), try work.now)
        guard judged.dependsOnMembers, judged.status != .proposed,
            let assessment = campaign.ruleSet.assess(judged.kind, Surveyed(record, visit.facts))
        else { return }
        try work.keep(assessment, of: judged, by: visit, on: .members, vault)
        try work.decide(CampaignCase.self, open) {
            try $0.deciding(.reassess(assessment, members: record.active.count), at: now).recorded(by: visit.recorder.alias(in: open.rawValue))
        }
    }
}

/// A case, and what it was last judged by.
struct OpenCase {
    let id: CaseID
    let household: HouseholdID
    let visit: UUID?
    let ruleSet: String?
}

extension Work {
    /// Whatever earlier visits to these households have decided is judged again where another visit counts now. What no visit
    /// has been asked about yet waits until it is.
    func judgeAgain(_ households: [HouseholdID], in campaign: CampaignID, _ vault: Vault) throws {
        if households.isEmpty { return }
        let judging = Judging(campaign: try self.campaign(campaign), vault: vault, work: self)
        _ = try judging.judge(judging.judged(of: households))
    }
}
