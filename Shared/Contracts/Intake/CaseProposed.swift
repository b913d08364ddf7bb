import Foundation
import Registry

/// A household, or one of its members, is on one of the rosters of the poverty analysis (R4).
package struct CaseProposed: Event {
    package static let name = "lika.intake.case.proposed.v1"
    package static let channels = [Topic.intakeCase]
    package var channel: Topic { .intakeCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let kind: CaseKind
    /// The person of a clear-out or natural change.
    package let member: MemberID?
    package let population: Population
    package let division: DivisionCode
    package let headName: String
    package let memberCount: Int
    package let proposedAt: Instant

    package init(
        case: CaseID, household: HouseholdID, campaign: CampaignID, kind: CaseKind, member: MemberID? = nil,
        population: Population, division: DivisionCode, headName: String, memberCount: Int, proposedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.campaign = campaign
        self.kind = kind
        self.member = member
        self.population = population
        self.division = division
        self.headName = headName
        self.memberCount = memberCount
        self.proposedAt = proposedAt
    }
}
