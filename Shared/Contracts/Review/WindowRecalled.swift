import Foundation
import Registry

/// Every copy of a list is recalled or destroyed.
package struct WindowRecalled: Event {
    package static let name = "lika.review.window.recalled.v1"
    package static let channels = [Topic.reviewWindow]
    package var channel: Topic { .reviewWindow }
    package var key: UUID { window.rawValue }
    package var subject: UUID { window.rawValue }

    package let window: WindowID
    package let copies: Int
    package let recalledAt: Instant

    package init(window: WindowID, copies: Int, recalledAt: Instant) {
        self.window = window
        self.copies = copies
        self.recalledAt = recalledAt
    }
}
