import Foundation

/// An identifier that cannot be mistaken for the identifier of something else. On the wire a lower-case UUID.
package struct ID<Subject>: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: UUID

    package init(_ rawValue: UUID) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UUID.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package var description: String { rawValue.lowercased }

    /// The order in which rows are locked, so that two transactions never wait for each other in a ring.
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

package enum Household {}
package enum Purge {}
package enum Member {}
package enum Case {}
package enum Campaign {}
package enum VerificationRequest {}
package enum Window {}
package enum Tip {}
package enum Notice {}
package enum PlaceOnFile {}

/// A random number, never derived from a resident ID: it is the key of every topic.
package typealias HouseholdID = ID<Household>
package typealias PurgeID = ID<Purge>
package typealias MemberID = ID<Member>
package typealias CaseID = ID<Case>
package typealias CampaignID = ID<Campaign>
package typealias RequestID = ID<VerificationRequest>
package typealias WindowID = ID<Window>
package typealias TipID = ID<Tip>
package typealias NoticeID = ID<Notice>
package typealias DivisionID = ID<PlaceOnFile>
