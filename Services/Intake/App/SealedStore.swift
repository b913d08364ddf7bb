import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// What was said of a household, kept sealed: each version with who said it, when and why, until the next one.
extension Work {
    struct KeptEntry {
        let household: HouseholdID
        let campaign: CampaignID
        let fingerprint: String
    }

    /// What the last sheet said of the households with these numbers, without opening it.
    func keptEntries(_ numbers: [String]) throws -> [String: KeptEntry] {
        let rows = try query(
            """
            SELECT h.number, h.id, h.campaign_id, e.fingerprint
            FROM households h JOIN entries e ON e.household_id = h.id AND e.superseded_at IS NULL
            WHERE h.number = ANY(\(numbers)) AND NOT EXISTS (SELECT FROM purges p WHERE p.household_id = h.id)
            """)
        return try Dictionary(
            rows.map { (try $0["number"], KeptEntry(household: try $0["id"], campaign: try $0["campaign_id"], fingerprint: try $0["fingerprint"])) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Keeps what a sheet says. The same sheet will be recognised, also after a clerk has changed what is on file.
    func keep(_ entries: [(household: HouseholdID, entry: HouseholdEntry)], _ vault: Vault) throws {
        try supersede(entries.map { ($0.household, $0.entry, try vault.fingerprint($0.entry)) }, vault)
    }

    /// Keeps what a clerk has changed.
    func revise(_ household: HouseholdID, _ entry: HouseholdEntry, _ vault: Vault) throws {
        try supersede([(household, entry, nil)], vault)
    }

    private func supersede(_ entries: [(household: HouseholdID, entry: HouseholdEntry, fingerprint: String?)], _ vault: Vault) throws {
        if entries.isEmpty { return }
        let households = entries.map(\.household)
        let keys = try keysMade(for: households, vault)
        let current = try query(
            "SELECT household_id, version, fingerprint FROM entries WHERE household_id = ANY(\(households)) AND superseded_at IS NULL")
        let before: [HouseholdID: (version: Int, fingerprint: String)] = try Dictionary(
            current.map { (try $0["household_id"], (try $0["version"], try $0["fingerprint"])) }, uniquingKeysWith: { first, _ in first })
        if !before.isEmpty {
            try execute("UPDATE entries SET superseded_at = lika_now() WHERE household_id = ANY(\(Array(before.keys))) AND superseded_at IS NULL")
        }
        let versions = households.map { (before[$0]?.version ?? 0) + 1 }
        try execute(
            """
            INSERT INTO entries (household_id, version, fingerprint, sealed, actor, reason)
            SELECT u.*, \(deed.actor.description), \(deed.reason)
            FROM unnest(\(households), \(versions), \(entries.map { $0.fingerprint ?? before[$0.household]?.fingerprint ?? "" }),
                \(try zip(entries, versions).map { kept, version in
                    try keys[kept.household].seal(kept.entry, in: .entry(kept.household, version: version))
                })) AS u
            """)
    }

    func entry(of household: HouseholdID, _ vault: Vault) throws -> HouseholdEntry {
        let row = try first(
            """
            SELECT e.version, e.sealed, \(unsafe: SQL.wrappedKey) FROM entries e LEFT JOIN household_keys k USING (household_id)
            WHERE household_id = \(household) AND superseded_at IS NULL
            """)
        guard let row else { throw NotFound("entry of \(household)") }
        return try openedEntry(row, of: household, vault)
    }

    /// Every entry in the campaign's books.
    func entries(in campaign: CampaignID, _ vault: Vault) throws -> [(household: HouseholdID, entry: HouseholdEntry)] {
        try query(
            """
            SELECT e.household_id, e.version, e.sealed, \(unsafe: SQL.wrappedKey)
            FROM households h JOIN entries e ON e.household_id = h.id AND e.superseded_at IS NULL JOIN household_keys k ON k.household_id = h.id
            WHERE h.campaign_id = \(campaign) AND h.standing IN ('outside', 'registered') ORDER BY h.number
            """
        ).map { row in
            let household: HouseholdID = try row["household_id"]
            return (household, try openedEntry(row, of: household, vault))
        }
    }

    func openedEntry(_ row: Row, of household: HouseholdID, _ vault: Vault) throws -> HouseholdEntry {
        guard try row["key_id", as: UUID?.self] != nil else {
            if try isPurged(household) { throw Gone.purged }
            throw Vault.Unopenable()
        }
        return try vault.key(row).open(row["sealed"], in: .entry(household, version: row["version"]))
    }

    // MARK: ID numbers

    func keep(_ numbers: [(member: MemberID, household: HouseholdID, residentID: ResidentID)], _ vault: Vault) throws {
        if numbers.isEmpty { return }
        let keys = try keysMade(for: numbers.map(\.household), vault)
        try execute(
            """
            INSERT INTO identifiers (member_id, household_id, sealed)
            SELECT * FROM unnest(\(numbers.map(\.member)), \(numbers.map(\.household)),
                \(try numbers.map { try keys[$0.household].seal($0.residentID, in: .identifier($0.member)) }))
            ON CONFLICT (member_id) DO UPDATE SET sealed = excluded.sealed
            """)
    }

    /// The number of the household in which each of these persons stands already.
    func owners(of persons: [PersonHash]) throws -> [PersonHash: String] {
        let rows = try everywhere {
            try query(
                """
                SELECT m.id_hash, h.number FROM members m JOIN households h ON h.id = m.household_id
                WHERE m.id_hash = ANY(\(persons.map(\.text))) AND m.state IN ('proposed', 'active')
                """)
        }
        return try Dictionary(rows.map { (PersonHash(try $0["id_hash"]), try $0["number"]) }, uniquingKeysWith: { first, _ in first })
    }
}
