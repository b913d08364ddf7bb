import Foundation
import Registry

/// What people call a county, subdistrict, community or residents' group; told when it comes on the list of divisions and
/// whenever it is renamed.
package struct DivisionNamed: Event {
    package static let name = "lika.intake.division.named.v1"
    package static let channels = [Topic.intakeDivision]
    package var channel: Topic { .intakeDivision }
    package var key: UUID { id.rawValue }
    package var subject: UUID { id.rawValue }

    package let id: DivisionID
    package let division: DivisionCode
    package let name: String
    package let namedAt: Instant

    package init(id: DivisionID, division: DivisionCode, name: String, namedAt: Instant) {
        (self.id, self.division, self.name, self.namedAt) = (id, division, name, namedAt)
    }
}
