import Foundation
import Postgres
import ServiceKit

/// Where the tests' PostgreSQL is: `infra/test` starts one and says so in `LIKA_TEST_POSTGRES`, as a superuser.
package enum TestServers {
    package struct Missing: Error, CustomStringConvertible {
        let name: String
        package var description: String { "\(name) is not set: run the tests with infra/test, which starts PostgreSQL and the broker" }
    }

    package static var postgres: String { get throws { try read("LIKA_TEST_POSTGRES") } }
    package static var brokers: String { get throws { try read("LIKA_BROKERS") } }

    private static func read(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { throw Missing(name: name) }
        return value
    }
}

/// A schema of its own for one test, dropped afterwards whatever happens.
///
/// - Parameter asApp: Whether the test works as a role that may read and write every row of the schema and own nothing, as a service's
///   app role does: a superuser sees even what is hidden from it.
package func withSchema<T: Sendable>(
    _ migrations: [Migration] = [], connections: Int = 4, session: [String: String] = [:], asApp: Bool = false,
    _ body: (PostgresSettings) async throws -> T
) async throws -> T {
    await Places.shared.take()
    let result: Result<T, any Error>
    do { result = .success(try await withOwnSchema(migrations, connections, session, asApp, body)) } catch { result = .failure(error) }
    await Places.shared.give()
    return try result.get()
}

private func withOwnSchema<T: Sendable>(
    _ migrations: [Migration], _ connections: Int, _ session: [String: String], _ asApp: Bool, _ body: (PostgresSettings) async throws -> T
) async throws -> T {
    let conninfo = try TestServers.postgres
    let schema = "t_" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(20)
    let owner = Database(PostgresSettings(conninfo, connections: 1))
    try await owner.transaction { try $0.run(script: "CREATE SCHEMA \(schema)") }
    var settings = PostgresSettings(conninfo, connections: connections, session: session.merging(["search_path": schema]) { $1 })
    let result: Result<T, any Error>
    do {
        let migrator = Database(settings)
        _ = try await Migrator(migrator, migrations).migrate()
        await migrator.close()
        if asApp {
            try await owner.transaction { try $0.run(script: appRole(of: schema)) }
            settings = PostgresSettings(conninfo, connections: connections, session: session.merging(["search_path": schema, "role": app]) { $1 })
        }
        result = .success(try await body(settings))
    } catch { result = .failure(error) }
    try await owner.transaction { try $0.run(script: "DROP SCHEMA \(schema) CASCADE") }
    await owner.close()
    return try result.get()
}

private let app = "lika_test_app"

/// As infra/postgres/roles.sql grants it to a service's app role. Many tests do this at once.
func appRole(of schema: some StringProtocol) -> String {
    """
    SELECT pg_advisory_xact_lock(hashtext('\(app)'));
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(app)') THEN CREATE ROLE \(app) NOLOGIN; END IF;
    END $$;
    GRANT USAGE, CREATE ON SCHEMA \(schema) TO \(app);
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(app);
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA \(schema) TO \(app);
    -- Its own, so that a test can have the clock in its hand.
    DO $$ BEGIN
        IF to_regprocedure('\(schema).lika_now()') IS NOT NULL THEN ALTER FUNCTION \(schema).lika_now() OWNER TO \(app); END IF;
    END $$;
    """
}

/// Hundreds of tests run at once, and PostgreSQL has only so many connections.
private actor Places {
    static let shared = Places()
    private var free = 12
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Looks again until `check` holds; fails with its last error when the time is over.
package func eventually<T>(within limit: Duration = .seconds(20), _ check: () async throws -> T?) async throws -> T {
    let giveUp = ContinuousClock.now + limit
    while true {
        var failure: (any Error)?
        do { if let value = try await check() { return value } } catch { failure = error }
        guard ContinuousClock.now < giveUp else { throw failure ?? NeverHappened(limit: limit) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

package struct NeverHappened: Error {
    let limit: Duration
}
