import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Telephones of households, for notification at the moment in which it sends: noted with the purpose in the same transaction, and
/// the answer is kept nowhere.
struct PhoneRoutes {
    let vault: Vault

    func add(to api: API) { api.ask("/v1/phones", disclosePhones) }

    private struct Request: Decodable {
        let households: [HouseholdID]
        let purpose: String
    }

    private struct Phone: Encodable {
        let household: HouseholdID
        let phone: String
    }

    /// A household that is unknown, whose key is gone, or that has no telephone is left out.
    func disclosePhones(_ call: Call, _ work: Work) throws -> Reply {
        let request = try call.body(Request.self)
        guard (1...500).contains(request.households.count) else { throw Invalid("/households", "out-of-range", "1 to 500 households at a time") }
        let purpose = try call.purpose(request.purpose)
        let rows = try work.query(
            """
            SELECT e.household_id, e.version, e.sealed, \(unsafe: SQL.wrappedKey) FROM entries e JOIN household_keys k USING (household_id)
            WHERE household_id = ANY(\(request.households)) AND superseded_at IS NULL ORDER BY household_id
            """)
        let phones = try rows.compactMap { row in
            let household: HouseholdID = try row["household_id"]
            return try work.openedEntry(row, of: household, vault).phone.map { Phone(household: household, phone: $0.reveal) }
        }
        try work.noteDisclosures(.notification, of: phones.map { ($0.household, 0) }, for: purpose)
        return try .json(["households": phones])
    }
}
