import Foundation
import Registry

/// An answer of this department was sent back to it. Which, and why, only its own topic says (`RequestSentBack`).
package struct AnswerReturned: Event {
    package static let name = "lika.verification.deadline.answer-returned.v1"
    package static let channels = [Topic.verificationDeadline]
    package var channel: Topic { .verificationDeadline }
    package var key: UUID { campaign.rawValue }
    package var subject: UUID { deadline }

    /// The department's deadline in this campaign.
    package let deadline: UUID
    package let campaign: CampaignID
    package let department: Department
    package let dueOn: LocalDate
    package let returnedAt: Instant

    package init(deadline: UUID, campaign: CampaignID, department: Department, dueOn: LocalDate, returnedAt: Instant) {
        self.deadline = deadline
        self.campaign = campaign
        self.department = department
        self.dueOn = dueOn
        self.returnedAt = returnedAt
    }
}
