import Foundation
import Postgres
import TestKit
import Testing

/// What a transaction promises: all or nothing, and failures that say what they are.
@Suite struct TransactionTests {
    @Test func `what a transaction wrote is there for the next`() async throws {
        try await withTable { database in
            try await database.transaction { try $0.execute("INSERT INTO things VALUES (\(1), \("one"))") }
            try await expect(database, holds: ["one"])
        }
    }

    @Test func `a body that throws leaves nothing behind and its error comes out`() async throws {
        struct Stop: Error {}
        try await withTable { database in
            await #expect(throws: Stop.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    throw Stop()
                }
            }
            try await expect(database, holds: [])
        }
    }

    @Test func `a failure of a statement without an answer shows at the next answer and rolls back`() async throws {
        try await withTable { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    try transaction.execute("INSERT INTO things VALUES (1, 'again')")
                    try transaction.execute("INSERT INTO things VALUES (2, 'two')")
                    _ = try transaction.query("SELECT 1 AS one")
                    Issue.record("the answer came in spite of the failure before it")
                }
            }
            #expect(error?.sqlState == PostgresError.uniqueViolation)
            try await expect(database, holds: [])
        }
    }

    @Test func `a failure of a statement without an answer shows at the latest when committing`() async throws {
        try await withTable { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    try transaction.execute("INSERT INTO things VALUES (1, 'again')")
                }
            }
            #expect(error?.sqlState == PostgresError.uniqueViolation)
            try await expect(database, holds: [])
        }
    }

    @Test func `a body that swallows a failure does not commit the rest`() async throws {
        try await withTable { database in
            await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1, 'one')")
                    do { _ = try transaction.query("SELECT 1/0 AS impossible") } catch {}
                }
            }
            try await expect(database, holds: [])
        }
    }

    @Test func `a deferred constraint fails the commit and is told as a refusal`() async throws {
        let table = Migration(
            name: "0001_tree",
            script: "CREATE TABLE tree (id bigint PRIMARY KEY, parent bigint REFERENCES tree DEFERRABLE INITIALLY DEFERRED);")
        try await withSchema([table], connections: 1) { settings in
            let database = Database(settings)
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.execute("INSERT INTO tree VALUES (1, 2)") }
            }
            #expect(error?.sqlState == "23503")
            let count = try await database.transaction { try $0.query("SELECT id FROM tree").count }
            #expect(count == 0)
            await database.close()
        }
    }

    @Test func `more statements than fit in the pipeline all take effect in order`() async throws {
        try await withTable { database in
            try await database.transaction { transaction in
                for number in 0..<1_000 { try transaction.execute("INSERT INTO things VALUES (\(number), \("thing \(number)"))") }
            }
            try await expect(database, holds: (0..<1_000).map { "thing \($0)" })
        }
    }

    @Test func `answers wanted later come in one round trip, each its own`() async throws {
        let sums: [Int] = try await inDatabase { transaction in
            let answers = try (1...5).map { try transaction.later("SELECT sum(n)::bigint AS sum FROM generate_series(1, \($0)) AS n") }
            return try answers.map { try #require(try $0.rows.first)["sum"] }
        }
        #expect(sums == [1, 3, 6, 10, 15])
    }

    @Test func `changes are counted`() async throws {
        try await withTable { database in
            let (inserted, updated, deleted) = try await database.transaction { transaction in
                (
                    try transaction.change("INSERT INTO things SELECT n, 'x' FROM generate_series(1, 5) AS n"),
                    try transaction.change("UPDATE things SET name = 'y' WHERE id > \(2)"),
                    try transaction.change("DELETE FROM things WHERE id = 99")
                )
            }
            #expect((inserted, updated, deleted) == (5, 3, 0))
        }
    }

    @Test func `a prepared statement survives the errors around it`() async throws {
        try await withTable(connections: 1) { database in
            for round in 1...3 {
                try await database.transaction { try $0.execute("INSERT INTO things VALUES (\(round), 'x')") }
                await #expect(throws: PostgresError.self) {
                    // The same text again, prepared long ago; and one that can never be prepared.
                    try await database.transaction { try $0.execute("INSERT INTO things VALUES (\(round), 'x')") }
                }
                await #expect(throws: PostgresError.self) { try await database.transaction { try $0.execute("SELECT nonsense FROM nowhere") } }
            }
            #expect(try await names(database).count == 3)
        }
    }

    @Test func `a statement first prepared behind a failure can be used afterwards`() async throws {
        try await withTable(connections: 1) { database in
            await #expect(throws: PostgresError.self) {
                try await database.transaction { transaction in
                    try transaction.execute("INSERT INTO nowhere VALUES (1)")
                    try transaction.execute("INSERT INTO things VALUES (\(5), \("five"))")
                }
            }
            try await database.transaction { try $0.execute("INSERT INTO things VALUES (\(5), \("five"))") }
            try await expect(database, holds: ["five"])
        }
    }

    @Test(arguments: [
        ("SELECT 1/0 AS x", "22012", nil), ("SELECT * FROM nowhere", "42P01", nil),
        ("INSERT INTO things VALUES (1, NULL)", "23502", nil), ("INSERT INTO things VALUES (-1, 'x')", "23514", "things_id_check"),
    ] as [(SQL, String, String?)])
    func `a refused statement is told by its SQLSTATE and constraint`(statement: SQL, state: String, constraint: String?) async throws {
        try await withTable { database in
            let error = await #expect(throws: PostgresError.self) { try await database.transaction { _ = try $0.query(statement) } }
            guard case .refused(let gotState, let gotConstraint, _) = error else {
                Issue.record("not refused but \(String(describing: error))")
                return
            }
            #expect((gotState, gotConstraint) == (state, constraint))
            #expect(error?.isRetryable == false)
        }
    }

    @Test(arguments: ["SELECT \("530427SECRET")::int AS x", "INSERT INTO things VALUES (1, '530427SECRET'), (1, '530427SECRET')", "SELECT '530427SECRET'::date AS x"] as [SQL])
    func `an error quotes no value`(statement: SQL) async throws {
        try await withTable { database in
            let error = await #expect(throws: PostgresError.self) { try await database.transaction { _ = try $0.query(statement) } }
            #expect(!"\(String(describing: error))".contains("530427"))
        }
    }

    @Test func `a statement that takes too long is ended and may be tried again`() async throws {
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 1, session: ["statement_timeout": "100ms"]))
        let error = await #expect(throws: PostgresError.self) { try await database.transaction { _ = try $0.query("SELECT pg_sleep(20)") } }
        #expect(error?.sqlState == "57014")
        #expect(error?.isRetryable == true)
        #expect(try await database.transaction { try $0.query("SELECT 1 AS one").count } == 1)
        await database.close()
    }

    @Test func `session settings reach the server whatever they hold`() async throws {
        let odd = #"a b\c 'd' 二"#
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 1, session: ["lika.rehearsal": odd]))
        #expect(try await database.transaction { try $0.first("SELECT current_setting('lika.rehearsal') AS value")?["value"] } == odd)
        await database.close()
    }
}

/// A schema with one table, `things (id, name)`.
func withTable(connections: Int = 2, _ body: (Database) async throws -> Void) async throws {
    let table = Migration(name: "0001_things", script: "CREATE TABLE things (id bigint PRIMARY KEY CHECK (id >= 0), name text NOT NULL);")
    try await withSchema([table], connections: connections) { settings in
        let database = Database(settings)
        let result: Result<Void, any Error>
        do { result = .success(try await body(database)) } catch { result = .failure(error) }
        await database.close()
        return try result.get()
    }
}

func expect(_ database: Database, holds expected: [String], at location: SourceLocation = #_sourceLocation) async throws {
    let found = try await names(database)
    #expect(found == expected, sourceLocation: location)
}

func names(_ database: Database) async throws -> [String] {
    try await database.transaction { try $0.query("SELECT name FROM things ORDER BY id").map { try $0["name"] } }
}
