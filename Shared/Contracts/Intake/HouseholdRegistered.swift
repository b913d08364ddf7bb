import Foundation
import Registry

/// A household has entered the campaign's books: on the register already, or looked at because it may have to
/// be.
package struct HouseholdRegistered: Event {
    package static let name = "lika.intake.household.registered.v1"
    package static let channels = [Topic.intakeHousehold]
    package var channel: Topic { .intakeHousehold }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    package let population: Population
    /// Down to the residents' group.
    package let division: DivisionCode
    /// The one personal datum that sheets may show.
    package let headName: String
    package let memberCount: Int
    package let registeredAt: Instant

    package init(
        household: HouseholdID, campaign: CampaignID, population: Population, division: DivisionCode,
        headName: String, memberCount: Int, registeredAt: Instant
    ) {
        self.household = household
        self.campaign = campaign
        self.population = population
        self.division = division
        self.headName = headName
        self.memberCount = memberCount
        self.registeredAt = registeredAt
    }
}
