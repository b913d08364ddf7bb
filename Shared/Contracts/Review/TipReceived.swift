import Foundation
import Registry

/// A tip or objection came in and must be answered (R3). It never names who sent it.
package struct TipReceived: Event {
    package static let name = "lika.review.tip.received.v1"
    package static let channels = [Topic.reviewTip]
    package var channel: Topic { .reviewTip }
    package var key: UUID { tip.rawValue }
    package var subject: UUID { tip.rawValue }

    package let tip: TipID
    package let campaign: CampaignID
    /// The case it speaks of, if it names one.
    package let `case`: CaseID?
    package let household: HouseholdID?
    package let dueOn: LocalDate
    package let receivedAt: Instant

    package init(
        tip: TipID, campaign: CampaignID, case: CaseID? = nil, household: HouseholdID? = nil, dueOn: LocalDate,
        receivedAt: Instant
    ) {
        self.tip = tip
        self.campaign = campaign
        self.case = `case`
        self.household = household
        self.dueOn = dueOn
        self.receivedAt = receivedAt
    }
}
