import Foundation
import Registry

/// A case went one step along the main line, or came back onto it (section 5).
package struct CaseMoved: Event {
    package static let name = "lika.review.case.moved.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let kind: CaseKind
    package let status: CaseStatus
    package let movedAt: Instant

    package init(case: CaseID, household: HouseholdID, kind: CaseKind, status: CaseStatus, movedAt: Instant) {
        self.case = `case`
        self.household = household
        self.kind = kind
        self.status = status
        self.movedAt = movedAt
    }
}
