import Foundation
import Registry

/// A department's signed result was checked and counts. `discrepant` reopens the household's cases (section
/// 4.3).
package struct ResultAccepted: Event {
    package static let name = "lika.verification.file.result-accepted.v1"
    package static let channels = [Topic.verificationFile]
    package var channel: Topic { .verificationFile }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    package let request: RequestID
    package let department: Department
    package let topic: VerificationTopic
    package let outcome: CheckOutcome
    package let acceptedAt: Instant
    /// What the department answered before the question was asked again; absent the first time. The same as `outcome`: the
    /// question came out as before.
    package let previous: CheckOutcome?

    package init(
        household: HouseholdID, campaign: CampaignID, request: RequestID, department: Department,
        topic: VerificationTopic, outcome: CheckOutcome, acceptedAt: Instant, previous: CheckOutcome? = nil
    ) {
        self.household = household
        self.campaign = campaign
        self.request = request
        self.department = department
        self.topic = topic
        self.outcome = outcome
        self.acceptedAt = acceptedAt
        self.previous = previous
    }
}
