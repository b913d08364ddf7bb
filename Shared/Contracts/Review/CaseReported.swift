import Foundation
import Registry

/// The gate was complete and the case went to the county leading group (R29).
package struct CaseReported: Event {
    package static let name = "lika.review.case.reported.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let kind: CaseKind
    /// What was found in place: both windows, resolution, approval, results, tips.
    package let gate: [String]
    package let reportedAt: Instant

    package init(case: CaseID, household: HouseholdID, kind: CaseKind, gate: [String], reportedAt: Instant) {
        self.case = `case`
        self.household = household
        self.kind = kind
        self.gate = gate
        self.reportedAt = reportedAt
    }
}
