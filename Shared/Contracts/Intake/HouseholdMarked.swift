import Foundation
import Registry

/// The register now shows what the county confirmed: the end of a case.
package struct HouseholdMarked: Event {
    package static let name = "lika.intake.household.marked.v1"
    package static let channels = [Topic.intakeHousehold]
    package var channel: Topic { .intakeHousehold }
    package var key: UUID { household.rawValue }
    package var subject: UUID { household.rawValue }

    package let household: HouseholdID
    package let campaign: CampaignID
    package let `case`: CaseID
    package let kind: CaseKind
    package let year: Int
    /// Persons left on the register for this household; 0 when it was struck off.
    package let memberCount: Int
    package let markedAt: Instant

    package init(
        household: HouseholdID, campaign: CampaignID, case: CaseID, kind: CaseKind, year: Int, memberCount: Int,
        markedAt: Instant
    ) {
        self.household = household
        self.campaign = campaign
        self.case = `case`
        self.kind = kind
        self.year = year
        self.memberCount = memberCount
        self.markedAt = markedAt
    }
}
