import Foundation
import Registry

/// A yearly review has been issued with its dates and settings (obligation R1). Dates bind; lengths are never
/// derived.
package struct CampaignIssued: Event {
    package static let name = "lika.intake.campaign.issued.v1"
    package static let channels = [Topic.intakeCampaign]
    package var channel: Topic { .intakeCampaign }
    package var key: UUID { campaign.rawValue }
    package var subject: UUID { campaign.rawValue }

    package let campaign: CampaignID
    package let year: Int
    /// Nine digits.
    package let subdistrict: DivisionCode
    /// Per head and year: below is strict.
    package let entryLine: Money
    /// Per head and year: above is strict.
    package let exitLine: Money
    package let publicityDays: Int
    /// Whether the posting day is day one of a publicity window.
    package let countFirstDay: Bool
    package let verificationDueOn: LocalDate
    package let dataFreezeOn: LocalDate
    package let stages: [Stage]
    package let issuedAt: Instant

    /// A stage of the plan: two inclusive local dates.
    package struct Stage: Codable, Equatable, Sendable {
        package let id: String
        package let from: LocalDate
        package let to: LocalDate

        package init(id: String, from: LocalDate, to: LocalDate) {
            (self.id, self.from, self.to) = (id, from, to)
        }
    }

    package init(
        campaign: CampaignID, year: Int, subdistrict: DivisionCode, entryLine: Money, exitLine: Money,
        publicityDays: Int, countFirstDay: Bool, verificationDueOn: LocalDate, dataFreezeOn: LocalDate,
        stages: [Stage], issuedAt: Instant
    ) {
        self.campaign = campaign
        self.year = year
        self.subdistrict = subdistrict
        self.entryLine = entryLine
        self.exitLine = exitLine
        self.publicityDays = publicityDays
        self.countFirstDay = countFirstDay
        self.verificationDueOn = verificationDueOn
        self.dataFreezeOn = dataFreezeOn
        self.stages = stages
        self.issuedAt = issuedAt
    }
}
