import Foundation
import Registry

/// A publicity window has ended by the clock; its sheets are to be recalled or destroyed (R25).
package struct WindowExpired: Event {
    package static let name = "lika.review.window.expired.v1"
    package static let channels = [Topic.reviewWindow]
    package var channel: Topic { .reviewWindow }
    package var key: UUID { window.rawValue }
    package var subject: UUID { window.rawValue }

    package let window: WindowID
    package let closesAt: Instant
    package let expiredAt: Instant
    /// Closed more than a minute after its time, after downtime.
    package let late: Bool

    package init(window: WindowID, closesAt: Instant, expiredAt: Instant, late: Bool) {
        self.window = window
        self.closesAt = closesAt
        self.expiredAt = expiredAt
        self.late = late
    }
}
