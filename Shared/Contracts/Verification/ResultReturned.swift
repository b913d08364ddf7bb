import Foundation
import Registry

/// A department's answer, signed over its exact bytes by the header `jws` (detached JWS, Ed25519).
package struct ResultReturned: Event {
    package static let name = "lika.verification.result.returned.v1"
    package static let channels = Department.asked.map(Topic.result(from:))
    package var channel: Topic { .result(from: department) }
    package var key: UUID { household.rawValue }
    package var subject: UUID { request.rawValue }

    package let request: RequestID
    /// SHA-256 of the request's exact value bytes, lower-case hex.
    package let requestDigest: String
    package let household: HouseholdID
    package let department: Department
    package let topic: VerificationTopic
    package let outcome: CheckOutcome
    package let findings: [Finding]
    /// Name of the person who answers for the department (R19).
    package let signatory: String
    package let post: String
    package let signedAt: Instant

    package struct Finding: Codable, Equatable, Sendable {
        package let member: MemberID?
        package let field: String
        package let outcome: CheckOutcome
        package let code: String
        package let remark: String?

        package init(member: MemberID? = nil, field: String, outcome: CheckOutcome, code: String, remark: String? = nil) {
            (self.member, self.field, self.outcome, self.code, self.remark) = (member, field, outcome, code, remark)
        }
    }

    package init(
        request: RequestID, requestDigest: String, household: HouseholdID, department: Department,
        topic: VerificationTopic, outcome: CheckOutcome, findings: [Finding], signatory: String, post: String,
        signedAt: Instant
    ) {
        self.request = request
        self.requestDigest = requestDigest
        self.household = household
        self.department = department
        self.topic = topic
        self.outcome = outcome
        self.findings = findings
        self.signatory = signatory
        self.post = post
        self.signedAt = signedAt
    }
}
