import Foundation
import Registry

/// An open tip speaks of a household: the household's case waits for the answer (domain.md section 5). Neither what it says
/// nor who gave it is told.
package struct HouseholdTipRaised: Event {
    package static let name = "lika.intake.tip.raised.v1"
    package static let channels = [Topic.intakeTip]
    package var channel: Topic { .intakeTip }
    package var key: UUID { household.rawValue }
    package var subject: UUID { tip.rawValue }

    package let tip: TipID
    package let household: HouseholdID
    package let campaign: CampaignID
    /// What the tipster was told, counted through a campaign.
    package let number: Int
    /// By which day an answer was promised.
    package let dueOn: LocalDate
    /// Whose box, telephone or form it came through: a community or the subdistrict. Earlier events lack it.
    package let division: DivisionCode?
    package let raisedAt: Instant

    package init(
        tip: TipID, household: HouseholdID, campaign: CampaignID, number: Int, dueOn: LocalDate, division: DivisionCode? = nil, raisedAt: Instant
    ) {
        self.tip = tip
        self.household = household
        self.campaign = campaign
        self.number = number
        self.dueOn = dueOn
        self.division = division
        self.raisedAt = raisedAt
    }
}
