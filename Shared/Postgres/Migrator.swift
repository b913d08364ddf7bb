import Foundation

/// One forward step of a schema.
package struct Migration: Sendable {
    package let name: String
    package let script: String

    package init(name: String, script: String) { (self.name, self.script) = (name, script) }
    package init(_ name: String, _ script: [UInt8]) { self.init(name: name, script: String(decoding: script, as: UTF8.self)) }
}

/// The schema is not what this program was built for.
package enum SchemaProblem: Error, Equatable, Sendable {
    /// A landed migration was edited, or another program migrated this schema.
    case edited(name: String)
    case behind(missing: [String])
    case ahead(unknown: [String])
}

/// Brings a schema forward: numbered scripts, each in its own transaction, under a lock so that several may start at once.
package struct Migrator: Sendable {
    private let database: Database
    private let migrations: [Migration]

    package init(_ database: Database, _ migrations: [Migration]) {
        (self.database, self.migrations) = (database, migrations)
    }

    /// Applies what is missing; the names applied.
    package func migrate(afterEach: @escaping @Sendable (String) -> Void = { _ in }) async throws -> [String] {
        var applied: [String] = []
        for migration in migrations {
            let done = try await database.transaction { transaction in
                try Self.prepare(transaction)
                guard try Self.isMissing(migration, transaction) else { return false }
                try transaction.run(script: migration.script)
                afterEach(migration.name)
                try transaction.execute("INSERT INTO schema_migrations (name, digest) VALUES (\(migration.name), md5(\(migration.script)))")
                return true
            }
            if done { applied.append(migration.name) }
        }
        return applied
    }

    /// Throws unless the schema is exactly at this program's last migration.
    package func check() async throws {
        let landed = try await database.transaction { transaction in
            guard try transaction.first("SELECT to_regclass('schema_migrations') IS NOT NULL AS there")?["there"] == true else { return [String]() }
            return try transaction.query("SELECT name FROM schema_migrations ORDER BY name").map { try $0["name"] }
        }
        let known = migrations.map(\.name)
        let missing = known.filter { !landed.contains($0) }
        if !missing.isEmpty { throw SchemaProblem.behind(missing: missing) }
        let unknown = landed.filter { !known.contains($0) }
        if !unknown.isEmpty { throw SchemaProblem.ahead(unknown: unknown) }
    }

    /// One migrator at a time per schema, until its transaction ends.
    private static func prepare(_ transaction: Transaction) throws {
        try transaction.execute("SELECT pg_advisory_xact_lock(hashtext('lika.migrate.' || current_schema()))")
        try transaction.run(
            script: """
                SET LOCAL client_min_messages = warning;
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                """)
    }

    private static func isMissing(_ migration: Migration, _ transaction: Transaction) throws -> Bool {
        let landed = try transaction.first(
            "SELECT digest = md5(\(migration.script)) AS same FROM schema_migrations WHERE name = \(migration.name)")
        guard let landed else { return true }
        guard try landed["same"] else { throw SchemaProblem.edited(name: migration.name) }
        return false
    }
}
