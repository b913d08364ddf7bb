import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Kafka in.
struct Handlers: Sendable {
    let vault: Vault

    /// The county's result has been announced: the register shows it, and the household is free for another case.
    func markRegister(_ event: CaseAnnounced, _ work: Work) throws {
        let campaign = try work.campaign(event.campaign)
        let now = try work.now
        let marked = try work.decide(CampaignCase.self, event.case) { try $0.deciding(.mark, under: campaign.ruleSet, at: now) }
        try work.markRegister(for: marked, under: campaign)
    }

    /// Review has ended the case before the county.
    func closeCase(_ event: CaseClosed, _ work: Work) throws {
        let campaign = try work.campaign(work.get(CampaignCase.self, event.case).campaign)
        let now = try work.now
        try work.decide(CampaignCase.self, event.case) { try $0.deciding(.close(reason: event.reason), under: campaign.ruleSet, at: now) }
    }

    /// Only the police's word about residence says whether a natural change is true.
    func noteResidence(_ event: ResultAccepted, _ work: Work) throws {
        guard event.department == .police, event.topic == .residence else { return }
        try work.execute(
            """
            INSERT INTO residence_checks (campaign_id, household_id, outcome) VALUES (\(event.campaign), \(event.household), \(event.outcome))
            ON CONFLICT (campaign_id, household_id) DO UPDATE SET outcome = excluded.outcome
            """)
    }

    /// All departments have answered about the household: its natural changes are recorded, rejected, or go to a person.
    func settleChanges(_ event: VerificationCompleted, _ work: Work) throws {
        let check = try work.first(
            """
            INSERT INTO residence_checks (campaign_id, household_id, completed_at) VALUES (\(event.campaign), \(event.household), \(event.completedAt))
            ON CONFLICT (campaign_id, household_id) DO UPDATE SET completed_at = excluded.completed_at
            RETURNING outcome
            """)
        // Households that are not registered are not asked about residence, and have no natural changes.
        guard let outcome = try check?["outcome", as: CheckOutcome?.self] else { return }
        let campaign = try work.campaign(event.campaign)
        let now = try work.now
        for change in try work.openChanges(of: event.household, in: event.campaign) {
            let settled = try work.decide(CampaignCase.self, change) { try $0.deciding(.answer(outcome), under: campaign.ruleSet, at: now) }
            try work.settle(settled, under: campaign, vault)
        }
    }
}
