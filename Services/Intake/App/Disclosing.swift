import Contracts
import IntakeDomain
import Postgres
import ServiceKit

/// Reading what is sensitive, and deciding by name.
extension Work {
    /// Notes that income, causes and health of these households were shown, and what for. Kept with the disclosures of ID numbers.
    func noteDisclosure(of households: [HouseholdID], for purpose: String) throws {
        if households.isEmpty { return }
        try execute(
            """
            INSERT INTO disclosures (household_id, persons, topic, purpose)
            SELECT h.id, (SELECT count(*) FROM members m WHERE m.household_id = h.id AND m.state = 'active'), 'EXPLANATION', \(purpose)
            FROM unnest(\(households)) AS h (id)
            """)
    }
}

extension Call {
    /// The purpose for which figures are asked for; nothing if they are not.
    var purpose: String? {
        get throws {
            guard let purpose = query("purpose") else { return nil }
            guard (1...200).contains(purpose.count) else { throw Invalid("?purpose", "missing", "a disclosure names its purpose, in at most 200 characters") }
            return purpose
        }
    }

    /// A person who decides says who they are, and why.
    func check(by person: String, reason: String) throws(Invalid) {
        var faults: [Invalid.Fault] = []
        if !(1...60).contains(person.count) { faults.append(.init("/by", "missing", "who decides, in at most 60 characters")) }
        if !(1...500).contains(reason.count) { faults.append(.init("/reason", "missing", "why, in at most 500 characters")) }
        guard faults.isEmpty else { throw Invalid(faults) }
    }
}
