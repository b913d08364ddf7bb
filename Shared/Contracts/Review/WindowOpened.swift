import Foundation
import Registry

/// A list hangs at every required place: day one of its publicity window (R24, R28).
package struct WindowOpened: Event {
    package static let name = "lika.review.window.opened.v1"
    package static let channels = [Topic.reviewWindow]
    package var channel: Topic { .reviewWindow }
    package var key: UUID { window.rawValue }
    package var subject: UUID { window.rawValue }

    package let window: WindowID
    package let campaign: CampaignID
    package let level: PublicityLevel
    /// The community whose list it is.
    package let division: DivisionCode
    package let cases: Int
    package let opensOn: LocalDate
    /// Local midnight that ends the last day.
    package let closesAt: Instant
    package let openedAt: Instant

    package init(
        window: WindowID, campaign: CampaignID, level: PublicityLevel, division: DivisionCode, cases: Int,
        opensOn: LocalDate, closesAt: Instant, openedAt: Instant
    ) {
        self.window = window
        self.campaign = campaign
        self.level = level
        self.division = division
        self.cases = cases
        self.opensOn = opensOn
        self.closesAt = closesAt
        self.openedAt = openedAt
    }
}
