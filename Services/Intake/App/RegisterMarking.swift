import Contracts
import IntakeDomain
import Registry
import ServiceKit

/// What the end of a case does to the register, and what that does to the household's other cases.
extension Work {
    /// Marks the register for a case that has been decided, and notes what the sums gained or lost.
    func markRegister(for decided: CampaignCase, under campaign: IssuedCampaign) throws {
        guard let mark = decided.mark else { throw NotFound("what case \(decided.id) changes") }
        let now = try now
        let before = try get(HouseholdRecord.self, decided.household)
        let after = try decide(HouseholdRecord.self, decided.household) {
            try $0.marking(mark, by: decided.id, year: campaign.plan.year, at: now)
        }
        if let cause = mark.movement, let movement = Movement(cause, from: before, to: after) {
            try note([(movement, after.id, decided.id)], in: campaign.id)
        }
    }

    /// Judges the household's own open case again, since the divisor of per-capita income has changed.
    func reassess(_ household: HouseholdID, under campaign: IssuedCampaign, _ vault: Vault) throws {
        guard let open = try openHouseholdCase(of: household, in: campaign.id),
            let facts = try facts(of: [household], in: campaign.id, vault)[household]
        else { return }
        let (rules, record, now) = (campaign.ruleSet, try get(HouseholdRecord.self, household), try now)
        try decide(CampaignCase.self, open) { open in
            guard open.status == .surveyed, let assessment = rules.assess(open.kind, Surveyed(record, facts)) else { return Decision(open) }
            return try open.deciding(.assess(assessment), under: rules, at: now)
        }
    }

    /// Settles a natural change that the police, or a person in its place, has decided.
    func settle(_ change: CampaignCase, under campaign: IssuedCampaign, _ vault: Vault) throws {
        switch change.status {
        case .marked:
            try markRegister(for: change, under: campaign)
            try reassess(change.household, under: campaign, vault)
        case .dropped:
            guard change.change?.isIncrease == true, let newcomer = change.member else { return }
            try decide(HouseholdRecord.self, change.household) { Decision(try $0.refusing(newcomer)) }
        case .proposed, .referred, .surveyed, .closed:
            return
        }
    }
}
