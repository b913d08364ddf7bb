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
        let marked = try work.decide(CampaignCase.self, event.case) { try $0.deciding(.mark, at: now) }
        try work.note(event.case, .announced, at: event.announcedAt)
        try work.markRegister(for: marked, under: campaign, vault)
    }

    /// Review has ended the case before the county.
    func closeCase(_ event: CaseClosed, _ work: Work) throws {
        let now = try work.now
        try work.decide(CampaignCase.self, event.case) { try $0.deciding(.close(reason: event.reason), at: now) }
        try work.note(event.case, event.status, at: event.closedAt)
    }

    /// Where review has the case. What the county returned, or a department found discrepant, is in doubt here too until the
    /// work team has looked again, a person has judged, or review goes on with it.
    func followReview(_ event: CaseMoved, _ work: Work) throws {
        let now = try work.now
        switch event.status {
        case .reopened:
            try work.decide(CampaignCase.self, event.case) { try $0.deciding(.reopen, at: now) }
        case .proposed, .surveyed, .internallyReviewed, .publiclyReviewed, .initiallyDecided, .communityPublicity, .resolved, .approved,
            .subdistrictPublicity, .awaitingGate, .reported, .confirmed, .announced, .recorded, .withdrawn, .rejected, .carriedOver:
            try work.decide(CampaignCase.self, event.case) { try $0.deciding(.resume, at: now) }
        }
        try work.note(event.case, event.status, at: event.movedAt)
    }

    /// The case has gone to the county: only the county moves it now.
    func followReport(_ event: CaseReported, _ work: Work) throws {
        let now = try work.now
        try work.decide(CampaignCase.self, event.case) { try $0.deciding(.report, at: now) }
        try work.note(event.case, .reported, at: event.reportedAt)
    }

    func noteConfirmation(_ event: CaseConfirmed, _ work: Work) throws {
        try work.note(event.case, .confirmed, at: event.confirmedAt)
    }

    /// What departments answered is part of why a case stands where it stands; only the police's word about residence says
    /// whether a natural change is true.
    func noteAnswer(_ event: ResultAccepted, _ work: Work) throws {
        try work.execute(
            """
            INSERT INTO department_answers (request_id, campaign_id, household_id, department, topic, outcome, accepted_at)
            VALUES (\(event.request), \(event.campaign), \(event.household), \(event.department), \(event.topic), \(event.outcome), \(event.acceptedAt))
            ON CONFLICT (request_id) DO UPDATE SET outcome = excluded.outcome, accepted_at = excluded.accepted_at
            """)
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
            let settled = try work.decide(CampaignCase.self, change) { try $0.deciding(.answer(outcome), at: now) }
            try work.settle(settled, under: campaign, vault)
        }
    }
}
