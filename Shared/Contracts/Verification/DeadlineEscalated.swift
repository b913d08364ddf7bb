import Foundation
import Registry

/// A department is still late some days after its last: the poverty office must step in.
package struct DeadlineEscalated: Event {
    package static let name = "lika.verification.deadline.escalated.v1"
    package static let channels = [Topic.verificationDeadline]
    package var channel: Topic { .verificationDeadline }
    package var key: UUID { campaign.rawValue }
    package var subject: UUID { deadline }

    /// The department's deadline in this campaign.
    package let deadline: UUID
    package let campaign: CampaignID
    package let department: Department
    package let dueOn: LocalDate
    /// Requests that it has been sent and that have no accepted answer.
    package let unanswered: Int
    package let escalatedAt: Instant

    package init(
        deadline: UUID, campaign: CampaignID, department: Department, dueOn: LocalDate, unanswered: Int, escalatedAt: Instant
    ) {
        self.deadline = deadline
        self.campaign = campaign
        self.department = department
        self.dueOn = dueOn
        self.unanswered = unanswered
        self.escalatedAt = escalatedAt
    }
}
