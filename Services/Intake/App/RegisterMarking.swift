import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What the end of a case does to the register, and what that does to the household's other cases.
extension Work {
    /// Marks the register for a case that has been decided, and notes what the sums gained or lost. Whoever comes or goes
    /// changes income per head, and the last to go leaves a household that a person must close.
    func markRegister(for decided: CampaignCase, under campaign: IssuedCampaign, _ vault: Vault) throws {
        guard let mark = decided.mark else { throw NotFound("what case \(decided.id) changes") }
        let now = try now
        let before = try get(HouseholdRecord.self, decided.household)
        let after = try decide(HouseholdRecord.self, decided.household) {
            try $0.marking(mark, by: decided.id, year: campaign.plan.year, at: now)
        }
        if let cause = mark.movement, let movement = Movement(cause, from: before, to: after) {
            try note([(movement, after.id, decided.id)], in: campaign.id)
        }
        guard decided.kind.isAboutMember, before.active.count != after.active.count else { return }
        if after.isClosingDue { try openClosing(of: after, by: decided.id, in: campaign.id) }
        try Judging(campaign: campaign, vault: vault, work: self).judgeSinceMembersChanged(after)
    }

    private func openClosing(of household: HouseholdRecord, by last: CaseID, in campaign: CampaignID) throws {
        try execute(
            """
            INSERT INTO closings (household_id, campaign_id, case_id) VALUES (\(household.id), \(campaign), \(last))
            ON CONFLICT (household_id) DO NOTHING
            """)
    }

    /// Settles a natural change that the police, or a person in its place, has decided.
    func settle(_ change: CampaignCase, under campaign: IssuedCampaign, _ vault: Vault) throws {
        switch change.status {
        case .marked:
            try markRegister(for: change, under: campaign, vault)
        case .dropped:
            guard change.change?.isIncrease == true, let newcomer = change.member else { return }
            try decide(HouseholdRecord.self, change.household) { Decision(try $0.refusing(newcomer)) }
        case .proposed, .referred, .surveyed, .reopened, .reported, .closed:
            return
        }
    }
}
