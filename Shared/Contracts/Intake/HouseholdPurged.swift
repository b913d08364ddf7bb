import Foundation
import Registry

/// What is personal about a household is gone from intake's books for good: its key is destroyed. Whoever keeps words of it, such as its
/// head's name, is to forget them. It is told by the purge, not by the household, of which nothing is told after it.
package struct HouseholdPurged: Event {
    package static let name = "lika.intake.purge.household-purged.v1"
    package static let channels = [Topic.intakePurge]
    package var channel: Topic { .intakePurge }
    package var key: UUID { household.rawValue }
    package var subject: UUID { purge.rawValue }

    package let purge: PurgeID
    package let household: HouseholdID
    package let purgedAt: Instant

    package init(purge: PurgeID, household: HouseholdID, purgedAt: Instant) {
        (self.purge, self.household, self.purgedAt) = (purge, household, purgedAt)
    }
}
