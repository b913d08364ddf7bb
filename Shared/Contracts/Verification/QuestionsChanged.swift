import Foundation
import Registry

/// Questions about a household are open that were not before, or are asked no more. A household whose verification was
/// complete is so no longer until every question in `asked` has its answer, which ``ResultAccepted`` tells with the one
/// before it: where they are the same, what was decided on the earlier answer stands (section 4.3).
package struct QuestionsChanged: Event {
    package static let name = "lika.verification.file.questions-changed.v1"
    package static let channels = [Topic.verificationFile]
    package var channel: Topic { .verificationFile }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    package let cause: Cause
    package let asked: [Asked]
    package let dropped: [VerificationOpened.Check]
    package let changedAt: Instant

    package enum Cause: String, Codable, CaseIterable, Sendable {
        /// Data of the household changed which the answers were about.
        case correction
        /// A case was proposed whose kind needs these answers.
        case proposal
        /// An answer that had counted went back to the department.
        case sentBack = "sent_back"
        /// The campaign asks other questions than before.
        case routing
    }

    /// A question that waits for an answer.
    package struct Asked: Codable, Equatable, Sendable {
        package let department: Department
        package let topic: VerificationTopic
        package let request: RequestID
        /// The request that asked this before and counts no more.
        package let replaces: RequestID?
        /// What the answer was that counts no more.
        package let previous: CheckOutcome?

        package init(
            department: Department, topic: VerificationTopic, request: RequestID, replaces: RequestID? = nil, previous: CheckOutcome? = nil
        ) {
            self.department = department
            self.topic = topic
            self.request = request
            self.replaces = replaces
            self.previous = previous
        }
    }

    package init(
        household: HouseholdID, campaign: CampaignID, cause: Cause, asked: [Asked], dropped: [VerificationOpened.Check], changedAt: Instant
    ) {
        self.household = household
        self.campaign = campaign
        self.cause = cause
        self.asked = asked
        self.dropped = dropped
        self.changedAt = changedAt
    }
}
