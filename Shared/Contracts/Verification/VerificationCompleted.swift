import Foundation
import Registry

/// Every required result of a household has been accepted.
package struct VerificationCompleted: Event {
    package static let name = "lika.verification.file.completed.v1"
    package static let channels = [Topic.verificationFile]
    package var channel: Topic { .verificationFile }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    /// How many of them are discrepant.
    package let discrepant: Int
    package let completedAt: Instant

    package init(household: HouseholdID, campaign: CampaignID, discrepant: Int, completedAt: Instant) {
        self.household = household
        self.campaign = campaign
        self.discrepant = discrepant
        self.completedAt = completedAt
    }
}
