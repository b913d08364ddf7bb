import Foundation
import Postgres
import Synchronization
import TestKit
import Testing

/// What a caller is told when the connection breaks, by when it broke.
@Suite struct ConnectionLossTests {
    @Test func `a session that the server ended inside a transaction is unavailable, and the next transaction has a new one`() async throws {
        try await withTable(connections: 1) { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    _ = try transaction.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.isRetryable == true)
            #expect(error?.isUnknown == false)
            try await expect(database, holds: [])
        }
    }

    @Test func `a session that the server ended while it was idle is replaced before anyone notices`() async throws {
        try await withTable(connections: 1) { database in
            let before: Int? = try await database.transaction { try $0.first("SELECT pg_backend_pid() AS pid")?["pid"] }
            let pid = try #require(before)
            try await inDatabase { _ = try $0.query("SELECT pg_terminate_backend(\(pid)::int, 5000)") }
            let after: Int? = try await database.transaction { try $0.first("SELECT pg_backend_pid() AS pid")?["pid"] }
            #expect(after != before)
        }
    }

    @Test func `an error of the body is not mistaken for the server's when the connection is lost as well`() async throws {
        struct Stop: Error {}
        try await withTable(connections: 1) { database in
            await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    do { _ = try transaction.query("SELECT pg_terminate_backend(pg_backend_pid())") } catch { throw Stop() }
                }
            }
        }
    }

    @Test func `a connection lost before COMMIT means that nothing took effect`() async throws {
        try await throughProxy { database, proxy in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    _ = try transaction.query("SELECT 1 AS one")
                    proxy.cut()
                    try transaction.execute("INSERT INTO things VALUES (2, 'two')")
                }
            }
            #expect(error?.isUnavailable == true)
            try await expect(database, holds: [])
        }
    }

    @Test func `a lost reply to COMMIT is unknown, not failed`() async throws {
        try await throughProxy { database, proxy in
            proxy.lose(.swallowReply(to: "COMMIT"))
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.execute("INSERT INTO things VALUES (1, 'one')") }
            }
            #expect(error?.isUnknown == true)
            #expect(error?.isRetryable == false)
            proxy.lose(.none)
            // Reading it back tells: here it did take effect.
            try await expect(database, holds: ["one"])
        }
    }

    @Test func `a connection lost in the middle of a COPY means that nothing took effect`() async throws {
        try await throughProxy { database, proxy in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.copy(into: "things", 0..<2_000_000) { number, row in
                        if number == 100_000 { proxy.cut() }
                        row.add(number)
                        row.add("x")
                    }
                }
            }
            #expect(error?.isUnavailable == true)
            try await expect(database, holds: [])
        }
    }

    @Test func `a server that is not there is unavailable, and found again when it is`() async throws {
        try await withProxy(to: try await serverPort()) { proxy in
            proxy.stop()
            let database = Database(PostgresSettings(try TestServers.postgres + " host=127.0.0.1 port=\(proxy.port)", connections: 2))
            let error = await #expect(throws: PostgresError.self) { try await database.transaction { _ in } }
            #expect(error?.isUnavailable == true)
            await database.close()
        }
    }

    private func throughProxy(_ body: (Database, Proxy) async throws -> Void) async throws {
        let port = try await serverPort()
        let table = Migration(name: "0001_things", script: "CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL);")
        try await withSchema([table], connections: 1) { settings in
            try await withProxy(to: port) { proxy in
                let database = Database(
                    PostgresSettings(settings.conninfo + " host=127.0.0.1 port=\(proxy.port)", connections: 1, session: settings.session))
                let result: Result<Void, any Error>
                do { result = .success(try await body(database, proxy)) } catch { result = .failure(error) }
                await database.close()
                try result.get()
            }
        }
    }
}

private func serverPort() async throws -> Int {
    let port: String? = try await inDatabase { try $0.first("SELECT current_setting('port') AS port")?["port"] }
    return try #require(port.flatMap(Int.init))
}

extension PostgresError {
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
    var isUnknown: Bool { if case .outcomeUnknown = self { true } else { false } }
}
