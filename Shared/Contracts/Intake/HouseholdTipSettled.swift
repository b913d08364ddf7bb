import Foundation
import Registry

/// A tip or objection holds the household no longer: it was answered, or it went elsewhere. If it was upheld, a case that has
/// been decided on is in doubt until the work team has looked again.
package struct HouseholdTipSettled: Event {
    package static let name = "lika.intake.tip.settled.v1"
    package static let channels = [Topic.intakeTip]
    package var channel: Topic { .intakeTip }
    package var key: UUID { household.rawValue }
    package var subject: UUID { tip.rawValue }

    package let tip: TipID
    package let household: HouseholdID
    package let campaign: CampaignID
    /// Nothing of a tip that was merged into another, transferred, or speaks of another household.
    package let outcome: TipOutcome?
    package let settledAt: Instant

    package init(tip: TipID, household: HouseholdID, campaign: CampaignID, outcome: TipOutcome? = nil, settledAt: Instant) {
        self.tip = tip
        self.household = household
        self.campaign = campaign
        self.outcome = outcome
        self.settledAt = settledAt
    }
}
