import Foundation
import Registry

/// The questions that departments must answer about a household are fixed.
package struct VerificationOpened: Event {
    package static let name = "lika.verification.file.opened.v1"
    package static let channels = [Topic.verificationFile]
    package var channel: Topic { .verificationFile }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    package let required: [Check]
    package let dueOn: LocalDate
    package let openedAt: Instant

    /// One question to one department.
    package struct Check: Codable, Hashable, Sendable {
        package let department: Department
        package let topic: VerificationTopic

        package init(_ department: Department, _ topic: VerificationTopic) {
            (self.department, self.topic) = (department, topic)
        }
    }

    package init(
        household: HouseholdID, campaign: CampaignID, required: [Check], dueOn: LocalDate, openedAt: Instant
    ) {
        self.household = household
        self.campaign = campaign
        self.required = required
        self.dueOn = dueOn
        self.openedAt = openedAt
    }
}
