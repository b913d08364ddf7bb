import Foundation
import Registry

/// The result of a confirmed case has been announced; the register may be marked.
package struct CaseAnnounced: Event {
    package static let name = "lika.review.case.announced.v1"
    package static let channels = [Topic.reviewCase]
    package var channel: Topic { .reviewCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let kind: CaseKind
    package let member: MemberID?
    package let announcedAt: Instant

    package init(
        case: CaseID, household: HouseholdID, campaign: CampaignID, kind: CaseKind, member: MemberID? = nil,
        announcedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.campaign = campaign
        self.kind = kind
        self.member = member
        self.announcedAt = announcedAt
    }
}
