import Foundation
import Registry

/// The poverty office let a batch of questions go (R16): so many of them are for this department.
package struct DepartmentAsked: Event {
    package static let name = "lika.verification.deadline.asked.v1"
    package static let channels = [Topic.verificationDeadline]
    package var channel: Topic { .verificationDeadline }
    package var key: UUID { campaign.rawValue }
    package var subject: UUID { deadline }

    /// The department's deadline in this campaign.
    package let deadline: UUID
    package let campaign: CampaignID
    package let department: Department
    package let dueOn: LocalDate
    /// Requests that now go out to it.
    package let requests: Int
    package let askedAt: Instant

    package init(deadline: UUID, campaign: CampaignID, department: Department, dueOn: LocalDate, requests: Int, askedAt: Instant) {
        self.deadline = deadline
        self.campaign = campaign
        self.department = department
        self.dueOn = dueOn
        self.requests = requests
        self.askedAt = askedAt
    }
}
