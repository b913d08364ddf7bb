import Foundation
import Registry

/// The county confirmed the case (R30); the result is to be announced and the household told.
package struct CaseConfirmed: Event {
    package static let name = "lika.review.case.confirmed.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let kind: CaseKind
    package let division: DivisionCode
    package let headName: String
    package let memberCount: Int
    package let confirmedAt: Instant

    package init(
        case: CaseID, household: HouseholdID, campaign: CampaignID, kind: CaseKind, division: DivisionCode,
        headName: String, memberCount: Int, confirmedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.campaign = campaign
        self.kind = kind
        self.division = division
        self.headName = headName
        self.memberCount = memberCount
        self.confirmedAt = confirmedAt
    }
}
