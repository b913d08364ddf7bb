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
package func withSchema<T: Sendable>(
    _ migrations: [Migration] = [], connections: Int = 4, session: [String: String] = [:],
    _ body: (PostgresSettings) async throws -> T
) async throws -> T {
    await Places.shared.take()
    let result: Result<T, any Error>
    do { result = .success(try await withOwnSchema(migrations, connections, session, body)) } catch { result = .failure(error) }
    await Places.shared.give()
    return try result.get()
}

private func withOwnSchema<T: Sendable>(
    _ migrations: [Migration], _ connections: Int, _ session: [String: String], _ body: (PostgresSettings) async throws -> T
) async throws -> T {
    let conninfo = try TestServers.postgres
    let schema = "t_" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(20)
    let owner = Database(PostgresSettings(conninfo, connections: 1))
    try await owner.transaction { try $0.run(script: "CREATE SCHEMA \(schema)") }
    let settings = PostgresSettings(conninfo, connections: connections, session: session.merging(["search_path": schema]) { $1 })
    let result: Result<T, any Error>
    do {
        let migrator = Database(settings)
        _ = try await Migrator(migrator, migrations).migrate()
        await migrator.close()
        result = .success(try await body(settings))
    } catch { result = .failure(error) }
    try await owner.transaction { try $0.run(script: "DROP SCHEMA \(schema) CASCADE") }
    await owner.close()
    return try result.get()
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
