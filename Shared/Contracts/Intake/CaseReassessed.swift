import Foundation
import Registry

/// Somebody joined or left the household, so that income per head is another: its open case was judged again (section 5).
package struct CaseReassessed: Event {
    package static let name = "lika.intake.case.reassessed.v1"
    package static let channels = [Topic.intakeCase]
    package var channel: Topic { .intakeCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    package let campaign: CampaignID
    package let kind: CaseKind
    /// The divisor of income per head from now on.
    package let memberCount: Int
    package let verdict: Verdict
    /// The rule set that judged, e.g. `2018.2.1`.
    package let ruleSet: String
    /// Codes of the rules that failed, or that a person must decide.
    package let reasons: [String]
    package let reassessedAt: Instant

    /// What the rules say now.
    package enum Verdict: String, Codable, CaseIterable, Sendable {
        case met
        /// The case is withdrawn.
        case notMet = "not_met"
        /// A person decides; the case goes on until one has.
        case referred
    }

    package init(
        case: CaseID, household: HouseholdID, campaign: CampaignID, kind: CaseKind, memberCount: Int, verdict: Verdict, ruleSet: String,
        reasons: [String], reassessedAt: Instant
    ) {
        self.case = `case`
        self.household = household
        self.campaign = campaign
        self.kind = kind
        self.memberCount = memberCount
        self.verdict = verdict
        self.ruleSet = ruleSet
        self.reasons = reasons
        self.reassessedAt = reassessedAt
    }
}
