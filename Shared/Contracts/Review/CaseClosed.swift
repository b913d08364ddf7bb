import Foundation
import Registry

/// A case ended before the county: rejected by a meeting, withdrawn, or carried over. The household is told
/// why.
package struct CaseClosed: Event {
    package static let name = "lika.review.case.closed.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let kind: CaseKind
    /// `rejected`, `withdrawn` or `carried_over`.
    package let status: CaseStatus
    /// A code, never free text.
    package let reason: String
    /// Where the household lives and who heads it: to whom a letter is handed. Earlier events lack both.
    package let division: DivisionCode?
    package let headName: String?
    package let closedAt: Instant

    package init(
        case: CaseID, household: HouseholdID, kind: CaseKind, status: CaseStatus, reason: String, division: DivisionCode? = nil,
        headName: String? = nil, closedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.kind = kind
        self.status = status
        self.reason = reason
        self.division = division
        self.headName = headName
        self.closedAt = closedAt
    }
}
