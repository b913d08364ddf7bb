import Foundation
import Registry

/// A department's answer does not do and is returned to it with the reason: it may answer the same request again, by the
/// digest of the same bytes. The answer that was sent back counts no more.
package struct RequestSentBack: Event {
    package static let name = "lika.verification.request.sent-back.v1"
    package static let channels = Department.asked.map(Topic.request(to:))
    package var channel: Topic { .request(to: department) }
    package var key: UUID { household.rawValue }
    package var subject: UUID { request.rawValue }

    package let request: RequestID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let department: Department
    package let topic: VerificationTopic
    /// SHA-256 of the answer's exact value bytes, lower-case hex.
    package let answerDigest: String
    /// A code, e.g. `verification.answer-incomplete`.
    package let reason: String
    /// In the words of whoever sent it back.
    package let remark: String?
    package let dueOn: LocalDate
    package let sentBackAt: Instant

    package init(
        request: RequestID, household: HouseholdID, campaign: CampaignID, department: Department, topic: VerificationTopic,
        answerDigest: String, reason: String, remark: String? = nil, dueOn: LocalDate, sentBackAt: Instant
    ) {
        self.request = request
        self.household = household
        self.campaign = campaign
        self.department = department
        self.topic = topic
        self.answerDigest = answerDigest
        self.reason = reason
        self.remark = remark
        self.dueOn = dueOn
        self.sentBackAt = sentBackAt
    }
}
