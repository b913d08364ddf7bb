import Contracts
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What was said of a household, kept sealed.
extension Work {
    struct KeptEntry {
        let household: HouseholdID
        let campaign: CampaignID
        let fingerprint: String
    }

    /// What is on file of the households with these numbers, without opening it.
    func keptEntries(_ numbers: [String]) throws -> [String: KeptEntry] {
        let rows = try query(
            """
            SELECT h.number, h.id, h.campaign_id, e.fingerprint FROM households h JOIN entries e ON e.household_id = h.id
            WHERE h.number = ANY(\(numbers))
            """)
        return try Dictionary(
            rows.map { (try $0["number"], KeptEntry(household: try $0["id"], campaign: try $0["campaign_id"], fingerprint: try $0["fingerprint"])) },
            uniquingKeysWith: { first, _ in first })
    }

    func keep(_ entries: [(household: HouseholdID, entry: HouseholdEntry)], _ vault: Vault) throws {
        if entries.isEmpty { return }
        try execute(
            """
            INSERT INTO entries (household_id, fingerprint, sealed)
            SELECT * FROM unnest(\(entries.map(\.household)), \(try entries.map { try vault.fingerprint($0.entry) }),
                \(try entries.map { try vault.seal($0.entry, in: .entry($0.household)) }))
            ON CONFLICT (household_id) DO UPDATE
            SET fingerprint = excluded.fingerprint, sealed = excluded.sealed, imported_at = excluded.imported_at
            """)
    }

    func entry(of household: HouseholdID, _ vault: Vault) throws -> HouseholdEntry {
        guard let row = try first("SELECT sealed FROM entries WHERE household_id = \(household)") else { throw NotFound("entry of \(household)") }
        return try vault.open(row["sealed"], in: .entry(household))
    }

    /// Every entry in the campaign's books.
    func entries(in campaign: CampaignID, _ vault: Vault) throws -> [(household: HouseholdID, entry: HouseholdEntry)] {
        try query(
            """
            SELECT e.household_id, e.sealed FROM entries e JOIN households h ON h.id = e.household_id
            WHERE h.campaign_id = \(campaign) AND h.standing IN ('outside', 'registered') ORDER BY h.number
            """
        ).map { row in
            let household: HouseholdID = try row["household_id"]
            return (household, try vault.open(row["sealed"], in: .entry(household)))
        }
    }

    // MARK: ID numbers

    func keep(_ numbers: [(member: MemberID, household: HouseholdID, residentID: ResidentID)], _ vault: Vault) throws {
        if numbers.isEmpty { return }
        try execute(
            """
            INSERT INTO identifiers (member_id, household_id, sealed)
            SELECT * FROM unnest(\(numbers.map(\.member)), \(numbers.map(\.household)),
                \(try numbers.map { try vault.seal($0.residentID, in: .identifier($0.member)) }))
            ON CONFLICT (member_id) DO UPDATE SET sealed = excluded.sealed
            """)
    }

    /// The number of the household in which each of these persons stands already.
    func owners(of persons: [PersonHash]) throws -> [PersonHash: String] {
        let rows = try query(
            """
            SELECT m.id_hash, h.number FROM members m JOIN households h ON h.id = m.household_id
            WHERE m.id_hash = ANY(\(persons.map(\.text))) AND m.state IN ('proposed', 'active')
            """)
        return try Dictionary(rows.map { (PersonHash(try $0["id_hash"]), try $0["number"]) }, uniquingKeysWith: { first, _ in first })
    }
}
