import Foundation
import Registry

/// Data of a household changed after it was registered; open verification requests about these fields are out
/// of date.
package struct HouseholdCorrected: Event {
    package static let name = "lika.intake.household.corrected.v1"
    package static let channels = [Topic.intakeHousehold]
    package var channel: Topic { .intakeHousehold }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    /// Names only, never values.
    package let fields: [String]
    package let headName: String
    package let memberCount: Int
    package let correctedAt: Instant

    package init(
        household: HouseholdID, campaign: CampaignID, fields: [String], headName: String, memberCount: Int,
        correctedAt: Instant
    ) {
        self.household = household
        self.campaign = campaign
        self.fields = fields
        self.headName = headName
        self.memberCount = memberCount
        self.correctedAt = correctedAt
    }
}
