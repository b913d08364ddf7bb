import Foundation
import Registry

/// The field survey is recorded and the guard of the case's kind was judged (section 5).
package struct CaseSurveyed: Event {
    package static let name = "lika.intake.case.surveyed.v1"
    package static let channels = [Topic.intakeCase]
    package var channel: Topic { .intakeCase }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    /// Whether the guard is met; if not the case is withdrawn.
    package let met: Bool
    /// The rule set that judged, e.g. `2018.1`.
    package let ruleSet: String
    /// Codes of the rules that failed.
    package let reasons: [String]
    package let surveyedAt: Instant
    /// Stands for the account that recorded the survey, in this case alone: it does not approve what it surveyed (section 8). Nothing
    /// where no account is known.
    package let surveyedBy: String?

    package init(
        case: CaseID, household: HouseholdID, met: Bool, ruleSet: String, reasons: [String], surveyedAt: Instant, surveyedBy: String? = nil
    ) {
        self.case = `case`
        self.household = household
        self.met = met
        self.ruleSet = ruleSet
        self.reasons = reasons
        self.surveyedAt = surveyedAt
        self.surveyedBy = surveyedBy
    }
}
