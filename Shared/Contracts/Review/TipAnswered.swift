import Foundation
import Registry

/// A tip was investigated and answered.
package struct TipAnswered: Event {
    package static let name = "lika.review.tip.answered.v1"
    package static let channels = [Topic.reviewTip]
    package var channel: Topic { .reviewTip }
    package var key: UUID { tip.rawValue }
    package var subject: UUID { tip.rawValue }

    package let tip: TipID
    package let `case`: CaseID?
    package let outcome: TipOutcome
    package let answeredAt: Instant

    package init(tip: TipID, case: CaseID? = nil, outcome: TipOutcome, answeredAt: Instant) {
        self.tip = tip
        self.case = `case`
        self.outcome = outcome
        self.answeredAt = answeredAt
    }
}
