import Contracts
import Foundation
import IntakeDomain
import Postgres
import ServiceKit

/// The households' data keys, wrapped. Whoever reads sealed cells fetches the keys with them, never one by one: a query
/// joins `household_keys k` and selects ``SQL/wrappedKey``.
extension Work {
    /// The keys of these households, made for those that have none yet.
    func keysMade(for households: [HouseholdID], _ vault: Vault) throws -> HouseholdKeys {
        var keys = try keys(of: households, vault)
        let missing = Set(households).filter { keys.opened[$0] == nil }.sorted()
        if missing.isEmpty { return keys }
        let made = try missing.map { _ in try vault.newKey(newID()) }
        try execute(
            """
            INSERT INTO household_keys (household_id, id, wrapped_under, wrapped)
            SELECT * FROM unnest(\(missing), \(made.map(\.id)), \(made.map(\.under)), \(made.map(\.bytes)))
            """)
        for (household, key) in zip(missing, made) { keys.opened[household] = try vault.open(key) }
        return keys
    }

    func keys(of households: [HouseholdID], _ vault: Vault) throws -> HouseholdKeys {
        let rows = try query("SELECT household_id, \(unsafe: SQL.wrappedKey) FROM household_keys k WHERE household_id = ANY(\(households))")
        return try HouseholdKeys(opened: Dictionary(rows.map { (try $0["household_id"], try vault.key($0)) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Deletes the household's key. What it sealed is unreadable from then on, here and in every copy of the tables.
    func shredKey(of household: HouseholdID) throws {
        try execute("DELETE FROM household_keys WHERE household_id = \(household)")
    }
}

struct HouseholdKeys {
    fileprivate var opened: [HouseholdID: HouseholdKey]

    /// Throws ``Vault/Unopenable`` where the key is gone.
    subscript(_ household: HouseholdID) -> HouseholdKey {
        get throws {
            guard let key = opened[household] else { throw Vault.Unopenable() }
            return key
        }
    }
}

extension SQL {
    /// What ``Vault/key(_:)`` reads, of a table `household_keys k`.
    static let wrappedKey = "k.id AS key_id, k.wrapped_under, k.wrapped"
}

extension Vault {
    /// The key that a row brought along.
    func key(_ row: Row) throws -> HouseholdKey {
        try open(WrappedKey(id: row["key_id"], under: row["wrapped_under"], bytes: row["wrapped"]))
    }
}

/// After the file got a new key, brings the data keys of a table under it, so that the older ones can go.
struct Rewrapping: Sendable {
    let vault: Vault
    var keys = Keys.households

    /// A table of data keys, and whose they are.
    struct Keys: Sendable {
        let table: String
        let owner: String

        static let households = Keys(table: "household_keys", owner: "household_id")
        static let tips = Keys(table: "tip_keys", owner: "tip_id")
    }

    private struct Job: Sendable {
        let owner: UUID
        let key: WrappedKey
    }

    var errand: Errand {
        Errand(
            "rewrap.\(keys.table)", claim: claim,
            perform: { jobs in try jobs.map { (old: $0, new: try vault.rewrap($0.key)) } }, record: record)
    }

    private func claim(_ work: Work) throws -> [Job] {
        try work.query(
            """
            SELECT \(unsafe: keys.owner) AS owner, \(unsafe: SQL.wrappedKey) FROM \(unsafe: keys.table) k
            WHERE wrapped_under = ANY(\(vault.older)) ORDER BY owner LIMIT 500
            """
        ).map { row in
            Job(owner: try row["owner"], key: WrappedKey(id: try row["key_id"], under: try row["wrapped_under"], bytes: try row["wrapped"]))
        }
    }

    /// A key that was deleted meanwhile stays deleted.
    private func record(_ rewrapped: [(old: Job, new: WrappedKey)], _ work: Work) throws {
        try work.execute(
            """
            UPDATE \(unsafe: keys.table) k SET wrapped_under = \(vault.newest), wrapped = u.wrapped
            FROM unnest(\(rewrapped.map(\.old.owner)), \(rewrapped.map(\.old.key.under)), \(rewrapped.map(\.new.bytes)))
                AS u (owner, wrapped_under, wrapped)
            WHERE k.\(unsafe: keys.owner) = u.owner AND k.wrapped_under = u.wrapped_under
            """)
    }
}
