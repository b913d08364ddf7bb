import Foundation
import Registry

/// A sheet was missing and hangs again, or a list was noted as hanging before it did: those days do not count, and the window closes
/// later (section 3).
package struct WindowExtended: Event {
    package static let name = "lika.review.window.extended.v1"
    package static let channels = [Topic.reviewWindow]
    package var channel: Topic { .reviewWindow }
    package var key: UUID { window.rawValue }
    package var subject: UUID { window.rawValue }

    package let window: WindowID
    /// How many days do not count.
    package let days: Int
    package let closesAt: Instant
    package let extendedAt: Instant

    package init(window: WindowID, days: Int, closesAt: Instant, extendedAt: Instant) {
        (self.window, self.days, self.closesAt, self.extendedAt) = (window, days, closesAt, extendedAt)
    }
}
