import Foundation
import Registry

/// Something came to light about a case that the county has: it is passed on as evidence, and only the county decides what
/// follows (section 5).
package struct CaseEvidenceForwarded: Event {
    package static let name = "lika.review.case.evidence-forwarded.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let kind: CaseKind
    /// `discrepancy`, `tip` or `survey`.
    package let evidence: String
    /// The department's request or the tip.
    package let reference: UUID?
    package let forwardedAt: Instant

    package init(
        case: CaseID, household: HouseholdID, kind: CaseKind, evidence: String, reference: UUID? = nil, forwardedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.kind = kind
        self.evidence = evidence
        self.reference = reference
        self.forwardedAt = forwardedAt
    }
}
