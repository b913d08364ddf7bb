import Foundation
import Registry

/// The county's result for a case is on the public announcement (R30).
package struct ResultAnnounced: Event {
    package static let name = "lika.notification.announcement.result-announced.v1"
    package static let channels = [Topic.notificationAnnouncement]
    package var channel: Topic { .notificationAnnouncement }
    package var key: UUID { household.rawValue }
    package var subject: UUID { `case`.rawValue }

    package let `case`: CaseID
    package let household: HouseholdID
    /// The announcement that lists it.
    package let announcement: UUID
    package let announcedAt: Instant

    package init(case: CaseID, household: HouseholdID, announcement: UUID, announcedAt: Instant) {
        self.case = `case`
        self.household = household
        self.announcement = announcement
        self.announcedAt = announcedAt
    }
}
