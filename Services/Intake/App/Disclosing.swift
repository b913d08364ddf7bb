import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What is noted of a reading of sealed data.
enum Disclosure: String {
    /// For a department's check.
    case verification
    case reveal, search
    /// Of income, causes and health, where somebody asked why a household is on a list.
    case explanation
    /// Of all front doors on a map.
    case map
    /// In a sheet that somebody took along.
    case export
    /// Of a telephone, for a message that goes there.
    case notification
}

extension Call {
    private struct Purpose: Decodable {
        let purpose: String
    }

    /// A question for what lies sealed names who asks, and what for: this.
    var namedPurpose: String {
        get throws {
            _ = try namedActor()
            return try purpose(body(Purpose.self).purpose)
        }
    }

    /// What something sealed is read for, in a person's words.
    func purpose(_ text: String) throws -> String {
        guard (2...200).contains(text.count) else { throw Invalid("/purpose", "text.length", "a purpose of 2 to 200 characters") }
        return text
    }
}

extension Work {
    /// The audit says that it was read; which persons and which topics, and for how long that is kept, is the disclosures' own.
    private func noteReading(of households: [HouseholdID], for purpose: String) {
        noteReading(of: households.count == 1 ? "household \(households[0])" : "\(households.count) households", for: purpose)
    }

    /// Notes who read what of these households and what for, in the transaction that reads it.
    func noteDisclosures(
        _ kind: Disclosure, of households: [(household: HouseholdID, persons: Int)], topics: [VerificationTopic]? = nil, for purpose: String
    ) throws {
        if households.isEmpty { return }
        noteReading(of: households.map(\.household), for: purpose)
        try execute(
            """
            INSERT INTO disclosures (kind, household_id, persons, topics, purpose, actor)
            SELECT \(kind), u.*, string_to_array(\(topics?.map(\.rawValue).joined(separator: ",")), ','), \(purpose), \(deed.actor.description)
            FROM unnest(\(households.map(\.household)), \(households.map(\.persons))) AS u
            """)
    }

    /// Notes that income, causes and health of these households were shown.
    func noteExplanation(of households: [HouseholdID], for purpose: String) throws {
        if households.isEmpty { return }
        noteReading(of: households, for: purpose)
        try execute(
            """
            INSERT INTO disclosures (kind, household_id, persons, purpose, actor)
            SELECT \(Disclosure.explanation), h.id, (SELECT count(*) FROM members m WHERE m.household_id = h.id AND m.state = 'active'),
                \(purpose), \(deed.actor.description)
            FROM unnest(\(households)) AS h (id)
            """)
    }

    /// Of one person, or of nobody who was found.
    func noteDisclosure(_ kind: Disclosure, of household: HouseholdID?, _ member: MemberID?, persons: Int, for purpose: String) throws {
        noteReading(of: member.map { "member \($0)" } ?? household.map { "household \($0)" } ?? "\(persons) persons", for: purpose)
        try execute(
            """
            INSERT INTO disclosures (kind, household_id, member_id, persons, purpose, actor)
            VALUES (\(kind), \(household), \(member), \(persons), \(purpose), \(deed.actor.description))
            """)
    }
}
