import Foundation
import Registry

/// A message to one recipient reached its medium, such as the inbox. It carries neither text nor address.
package struct NoticeDelivered: Event {
    package static let name = "lika.notification.notice.delivered.v1"
    package static let channels = [Topic.notificationNotice]
    package var channel: Topic { .notificationNotice }
    package var key: UUID { recipient }
    package var subject: UUID { notice.rawValue }

    package let notice: NoticeID
    /// A household, or the receipt of a tip.
    package let recipient: UUID
    package let medium: String
    package let deliveredAt: Instant

    package init(notice: NoticeID, recipient: UUID, medium: String, deliveredAt: Instant) {
        self.notice = notice
        self.recipient = recipient
        self.medium = medium
        self.deliveredAt = deliveredAt
    }
}
